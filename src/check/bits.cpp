#include "check/bits.h"

#include <fmt/format.h>

#include <cstring>

#include "check/element.h"
#include "core/impl.h"

namespace twofold::check {
namespace {

std::string element(const Bits& b, std::size_t i) {
  std::uint64_t memory = b.words[i];
  if (b.dtype != f64 && is_floating(b.dtype) && memory == 0x7ff8000000000000) return "nan";
  return fmt::format("{}", load(contiguous_array(&memory, b.dtype, Shape{}), 0));
}

}  // namespace

Bits bits_of(const Tensor& tensor) {
  if (!tensor.defined()) return {};
  const Array& a = tensor.impl()->array;
  Bits out{true, a.dtype, a.shape, {}};
  out.words.reserve(static_cast<std::size_t>(a.numel()));
  for (std::int64_t i = 0; i < a.numel(); ++i) out.words.push_back(canonical_bits(a, i));
  return out;
}

std::string describe(const Bits& b) {
  return b.defined ? std::string(name_of(b.dtype)) + to_string(b.shape) : "none";
}

std::string difference(const Bits& got, const Bits& expected) {
  if (describe(got) != describe(expected)) return describe(got) + ", expected " + describe(expected);
  for (std::size_t i = 0; i < got.words.size(); ++i)
    if (got.words[i] != expected.words[i])
      return fmt::format("{} element {}: {}, expected {}", describe(got), i, element(got, i),
                         element(expected, i));
  return "";
}

void Hash::add(std::uint64_t word) {
  for (int shift = 0; shift < 64; shift += 8) {
    state_ ^= word >> shift & 0xff;
    state_ *= 0x100000001b3;
  }
}

void Hash::add(const Bits& bits) {
  add(static_cast<std::uint64_t>(bits.defined) << 8 | static_cast<std::uint64_t>(bits.dtype));
  for (std::int64_t n : bits.shape) add(static_cast<std::uint64_t>(n));
  for (std::uint64_t word : bits.words) add(word);
}

std::string Hash::text() const { return fmt::format("{:016x}", state_); }

}  // namespace twofold::check
