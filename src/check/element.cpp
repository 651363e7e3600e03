#include "check/element.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace twofold::check {
namespace {

char* address(const Array& a, std::int64_t i) {
  std::int64_t offset = 0;
  for (int d = a.rank() - 1; d >= 0; --d) {
    offset += i % a.shape[d] * a.strides[d];
    i /= a.shape[d];
  }
  return static_cast<char*>(a.data) + offset * static_cast<std::int64_t>(size_of(a.dtype));
}

template <class T>
double read(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::is_arithmetic_v<T>)
    return static_cast<double>(value);
  else
    return static_cast<double>(static_cast<float>(value));
}

template <class T>
void write(char* to, double v) {
  T value;
  if constexpr (std::is_same_v<T, bool>)
    value = v != 0;
  else if constexpr (std::is_integral_v<T>)
    value = static_cast<T>(static_cast<std::int64_t>(v));
  else if constexpr (std::is_arithmetic_v<T>)
    value = static_cast<T>(v);
  else
    value = T(static_cast<float>(v));
  std::memcpy(to, &value, sizeof value);
}

// Significant bits, and the exponent of the smallest normal number.
struct Format {
  int digits, least;
};
Format format_of(Dtype d) {
  if (d == f16) return {11, -14};
  if (d == bf16) return {8, -126};
  return d == f32 ? Format{24, -126} : Format{53, -1022};
}

double spacing(double v, Dtype d) {
  const Format f = format_of(d);
  const int exponent = v == 0 ? f.least : std::max(std::ilogb(v), f.least);
  return std::ldexp(1.0, exponent - (f.digits - 1));
}

}  // namespace

// clang-format off
double load(const Array& a, std::int64_t i) {
  const char* from = address(a, i);
  switch (a.dtype) {
    case Dtype::bool_: return read<bool>(from);
    case Dtype::u8: return read<std::uint8_t>(from);
    case Dtype::i8: return read<std::int8_t>(from);
    case Dtype::i16: return read<std::int16_t>(from);
    case Dtype::i32: return read<std::int32_t>(from);
    case Dtype::i64: return read<std::int64_t>(from);
    case Dtype::f16: return read<Half>(from);
    case Dtype::bf16: return read<BFloat16>(from);
    case Dtype::f32: return read<float>(from);
    default: return read<double>(from);
  }
}

void store(const Array& a, std::int64_t i, double v) {
  char* to = address(a, i);
  switch (a.dtype) {
    case Dtype::bool_: return write<bool>(to, v);
    case Dtype::u8: return write<std::uint8_t>(to, v);
    case Dtype::i8: return write<std::int8_t>(to, v);
    case Dtype::i16: return write<std::int16_t>(to, v);
    case Dtype::i32: return write<std::int32_t>(to, v);
    case Dtype::i64: return write<std::int64_t>(to, v);
    case Dtype::f16: return write<Half>(to, v);
    case Dtype::bf16: return write<BFloat16>(to, v);
    case Dtype::f32: return write<float>(to, v);
    default: return write<double>(to, v);
  }
}
// clang-format on

std::uint64_t canonical_bits(const Array& a, std::int64_t i) {
  if (is_floating(a.dtype) && std::isnan(load(a, i))) return 0x7ff8000000000000;
  std::uint64_t bits = 0;
  std::memcpy(&bits, address(a, i), size_of(a.dtype));
  return bits;
}

double rounded(double v, Dtype dtype) {
  std::uint64_t memory = 0;
  const Array one = contiguous_array(&memory, dtype, Shape{});
  store(one, 0, v);
  return load(one, 0);
}

double ulps(double got, double expected, Dtype dtype) {
  if (std::isnan(got) || std::isnan(expected))
    return std::isnan(got) == std::isnan(expected) ? 0 : std::numeric_limits<double>::infinity();
  if (std::isinf(rounded(expected, dtype))) expected = rounded(expected, dtype);
  if (got == expected) return 0;
  if (std::isinf(got) || std::isinf(expected)) return std::numeric_limits<double>::infinity();
  return std::fabs(got - expected) / spacing(expected, dtype);
}

double raised(double v, std::int64_t n, Dtype dtype) {
  return v + static_cast<double>(n) * spacing(v, dtype);
}

}  // namespace twofold::check
