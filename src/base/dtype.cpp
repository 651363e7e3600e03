#include "twofold/dtype.h"

namespace twofold {
namespace {

// Round a float to a format with `exponent_bits` and `mantissa_bits`, nearest even. One routine
// serves both half types; the vector units' own conversions agree with it bit for bit.
template <int exponent_bits, int mantissa_bits>
std::uint16_t narrow(float value) {
  constexpr int drop = 23 - mantissa_bits;
  constexpr int bias = (1 << (exponent_bits - 1)) - 1;
  constexpr std::uint32_t infinity = ((1u << exponent_bits) - 1) << mantissa_bits;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 31) << 15;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<std::uint16_t>(infinity | (1u << (mantissa_bits - 1)));
  const int exponent = static_cast<int>(magnitude >> 23) - 127 + bias;
  if (exponent >= (1 << exponent_bits) - 1) return static_cast<std::uint16_t>(sign | infinity);
  std::uint32_t mantissa = magnitude & 0x7fffffu;
  int shift = drop;
  std::uint32_t base = static_cast<std::uint32_t>(exponent) << mantissa_bits;
  if (exponent <= 0) {  // subnormal in the target: the hidden bit becomes explicit
    if (exponent < -mantissa_bits) return static_cast<std::uint16_t>(sign);
    if (magnitude >> 23) mantissa |= 0x800000u;
    shift = drop + (magnitude >> 23 ? 1 - exponent : -exponent);
    base = 0;
  }
  if (shift > 31) return static_cast<std::uint16_t>(sign);
  std::uint32_t rounded = mantissa >> shift;
  const std::uint32_t rest = mantissa & ((1u << shift) - 1), half = 1u << (shift - 1);
  if (rest > half || (rest == half && (rounded & 1))) ++rounded;
  return static_cast<std::uint16_t>(sign | (base + rounded));  // a carry runs into the exponent, as it should
}

float widen_half(std::uint16_t h) {
  const std::uint32_t sign = static_cast<std::uint32_t>(h & 0x8000u) << 16;
  const std::uint32_t magnitude = h & 0x7fffu;
  if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
  // Shift into place and multiply by 2^112: exact for normals and subnormals alike.
  const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(scaled));
}

}  // namespace

Half::Half(float value) : bits(narrow<5, 10>(value)) {}
Half::operator float() const { return widen_half(bits); }
BFloat16::BFloat16(float value) : bits(narrow<8, 7>(value)) {}
BFloat16::operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

bool parse_dtype(std::string_view name, Dtype& out) {
  for (int i = 0; i < dtype_count; ++i)
    if (name_of(static_cast<Dtype>(i)) == name) return out = static_cast<Dtype>(i), true;
  return false;
}

Dtype promote(Dtype a, Dtype b) {
  if (a == b) return a;
  if (a > b) std::swap(a, b);
  if (is_floating(b)) return a == f16 && b == bf16 ? f32 : b;
  // Signed and unsigned of one size need the next size up; otherwise the larger holds both.
  return a == u8 && b == i8 ? i16 : b;
}

}  // namespace twofold
