#include "io/reader_p.h"

namespace twofold::io {

View Reader::take(std::uint64_t count, const char* what) {
  if (count > left())
    fail("truncated: " + std::string(what) + " needs " + std::to_string(count) + " bytes, " +
         std::to_string(left()) + " are left");
  const View taken = bytes_.subspan(offset_, count);
  offset_ += count;
  return taken;
}

std::uint32_t Reader::little(int bytes, const char* what) {
  std::uint32_t value = 0;
  int shift = 0;
  for (std::byte b : take(static_cast<std::uint64_t>(bytes), what)) {
    value |= std::to_integer<std::uint32_t>(b) << shift;
    shift += 8;
  }
  return value;
}

std::uint32_t Reader::big(int bytes, const char* what) {
  std::uint32_t value = 0;
  for (std::byte b : take(static_cast<std::uint64_t>(bytes), what))
    value = value << 8 | std::to_integer<std::uint32_t>(b);
  return value;
}

void Reader::expect_end() const {
  if (left() > 0) fail(std::to_string(left()) + " bytes follow the array");
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text.substr(0, 40)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > 40 ? "...'" : "'");
}

}  // namespace twofold::io
