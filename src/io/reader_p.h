// Reader: a cursor over the bytes of a file that never leaves them and knows where it is.
//
//   Reader in(file, bytes);
//   const std::uint32_t magic = in.big(4, "the magic number");
//   if (magic != 0x801) in.fail_at(0, "not an IDX file");
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "twofold/error.h"

namespace twofold::io {

using View = std::span<const std::byte>;

class Reader {
 public:
  Reader(std::string file, View bytes, std::uint64_t offset = 0)
      : file_(std::move(file)), bytes_(bytes), offset_(offset) {}

  const std::string& file() const { return file_; }
  std::uint64_t offset() const { return offset_; }
  std::uint64_t left() const { return bytes_.size() - offset_; }

  // The next `count` bytes; IoError naming `what` when there are fewer.
  View take(std::uint64_t count, const char* what);
  // Unsigned integers of 1 to 4 bytes.
  std::uint32_t little(int bytes, const char* what);
  std::uint32_t big(int bytes, const char* what);
  // IoError when anything is left.
  void expect_end() const;

  [[noreturn]] void fail(const std::string& reason) const { fail_at(offset_, reason); }
  [[noreturn]] void fail_at(std::uint64_t offset, const std::string& reason) const {
    throw IoError(file_, offset, reason);
  }

 private:
  std::string file_;
  View bytes_;
  std::uint64_t offset_;
};

// Characters of a file as a message may show them: short, and nothing but printable ASCII.
std::string quoted(std::string_view text);

}  // namespace twofold::io
