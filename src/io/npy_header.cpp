#include "io/npy_header_p.h"

#include <algorithm>

namespace twofold::io {
namespace {

struct DtypeCode {
  Dtype dtype;
  std::string_view code;
};
constexpr DtypeCode dtype_codes[] = {{bool_, "b1"}, {u8, "u1"},  {i8, "i1"},  {i16, "i2"}, {i32, "i4"},
                                     {i64, "i8"},   {f16, "f2"}, {f32, "f4"}, {f64, "f8"}};

// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, its keys in any order.
class Dictionary {
 public:
  Dictionary(const Reader& in, std::string_view text, std::uint64_t start)
      : in_(in), text_(text), start_(start) {}

  Layout parse() {
    expect('{');
    for (;;) {
      if (accept('}')) break;
      entry();
      if (accept('}')) break;
      expect(',');
    }
    skip_space();
    if (at_ != text_.size()) fail("text after the dictionary");
    if (keys_ != 7)
      fail(std::string("no ") + (!(keys_ & 1) ? "'descr'" : !(keys_ & 2) ? "'fortran_order'" : "'shape'"));
    return layout_;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    in_.fail_at(start_ + at_, "bad header: " + reason);
  }
  [[noreturn]] void fail_from(std::size_t at, const std::string& reason) {
    at_ = at;
    fail(reason);
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool accept(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail("expected '" + std::string(1, c) + "'");
  }
  bool accept_word(std::string_view word) {
    skip_space();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  std::string_view string() {
    skip_space();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') fail("expected a string");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == text_.npos) fail("a string without an end");
    const std::string_view value = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return value;
  }

  void entry() {
    const std::size_t start = at_;
    const std::string_view key = string();
    const int bit = key == "descr" ? 1 : key == "fortran_order" ? 2 : key == "shape" ? 4 : 0;
    if (bit == 0) fail_from(start, "unknown key " + quoted(key));
    if (keys_ & bit) fail_from(start, "key " + quoted(key) + " appears twice");
    keys_ |= bit;
    expect(':');
    skip_space();
    if (bit == 1) descr();
    if (bit == 2) layout_.fortran_order = boolean();
    if (bit == 4) shape();
  }

  bool boolean() {
    if (accept_word("True")) return true;
    if (!accept_word("False")) fail("expected True or False");
    return false;
  }

  void descr() {
    const std::size_t start = at_;
    const std::string_view name = string();
    const char order = name.empty() ? '\0' : name[0];
    const auto known = std::find_if(std::begin(dtype_codes), std::end(dtype_codes),
                                    [&](const DtypeCode& d) { return d.code == name.substr(!name.empty()); });
    const bool one_byte = known != std::end(dtype_codes) && size_of(known->dtype) == 1;
    if (known == std::end(dtype_codes) || !(order == '<' || order == '>' || (order == '|' && one_byte)))
      fail_from(start, "dtype " + quoted(name) + " has no counterpart here");
    layout_.dtype = known->dtype;
    layout_.big_endian = order == '>';
  }

  void shape() {
    const std::size_t start = at_;
    expect('(');
    Dims dims;
    bool comma = true;
    while (!accept(')')) {
      if (!comma) fail("expected ',' or ')'");
      if (dims.size() == max_rank) fail_from(start, "more than " + std::to_string(max_rank) + " dimensions");
      dims.push_back(dimension());
      comma = accept(',');
    }
    if (dims.size() == 1 && !comma) fail_from(start, "the shape is no tuple");
    try {
      layout_.shape = Shape(dims);
    } catch (const ShapeError&) {
      fail_from(start, "shape " + to_string(dims) + " does not fit in memory");
    }
  }

  std::int64_t dimension() {
    skip_space();
    const std::size_t start = at_;
    std::int64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      if (at_ - start == 18) fail_from(start, "a dimension does not fit in memory");
      value = value * 10 + (text_[at_] - '0');
    }
    if (at_ == start) fail("expected a dimension");
    return value;
  }

  const Reader& in_;
  std::string_view text_;
  std::uint64_t start_;
  std::size_t at_ = 0;
  int keys_ = 0;  // seen so far, one bit each
  Layout layout_;
};

constexpr std::string_view magic = "\x93NUMPY";

std::string_view as_text(View bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::string tuple(const Shape& shape) {
  std::string text = "(";
  for (int d = 0; d < shape.rank(); ++d) text += (d ? ", " : "") + std::to_string(shape[d]);
  return text + (shape.rank() == 1 ? ",)" : ")");
}

}  // namespace

Layout read_npy_header(Reader& in) {
  if (as_text(in.take(magic.size(), "the magic string")) != magic)
    in.fail_at(0, "not an .npy file: no \\x93NUMPY");
  const std::uint32_t major = in.little(1, "the version"), minor = in.little(1, "the version");
  if (major < 1 || major > 3 || minor != 0)
    in.fail_at(magic.size(),
               "version " + std::to_string(major) + "." + std::to_string(minor) + " is unknown");
  const std::uint32_t length = in.little(major == 1 ? 2 : 4, "the header length");
  const std::uint64_t start = in.offset();
  return Dictionary(in, as_text(in.take(length, "the header")), start).parse();
}

// NumPy leaves room for the first dimension to grow to 21 digits, then fills up to a multiple of 64 bytes.
std::string npy_header(Dtype dtype, const Shape& shape) {
  const auto* known = std::find_if(std::begin(dtype_codes), std::end(dtype_codes),
                                   [&](const DtypeCode& d) { return d.dtype == dtype; });
  if (known == std::end(dtype_codes))
    throw DtypeError({.op = "save_npy",
                      .argument = "tensor",
                      .got = std::string(name_of(dtype)),
                      .expected = "a dtype that NumPy has (cast to f32 first)"});
  std::string text = std::string("{'descr': '") + (size_of(dtype) == 1 ? '|' : '<') +
                     std::string(known->code) + "', 'fortran_order': False, 'shape': " + tuple(shape) + ", }";
  if (shape.rank() > 0) text.append(21 - std::to_string(shape[0]).size(), ' ');
  const std::size_t preamble = magic.size() + 4;
  text.append(64 - (preamble + text.size() + 1) % 64, ' ');
  text += '\n';
  const char lead[] = {1, 0, static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return std::string(magic) + std::string(lead, 4) + text;
}

}  // namespace twofold::io
