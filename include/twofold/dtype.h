// Element types: their names, sizes, kinds, and what mixing them gives.
//
//   static_assert(twofold::dtype_of<float> == twofold::f32);
//   promote(f16, i64)  -> f16      (PyTorch's rules: a float category wins over an integer one)
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace twofold {

enum class Dtype : std::uint8_t { bool_, u8, i8, i16, i32, i64, f16, bf16, f32, f64 };
inline constexpr int dtype_count = 10;

inline constexpr Dtype bool_ = Dtype::bool_, u8 = Dtype::u8, i8 = Dtype::i8, i16 = Dtype::i16,
                       i32 = Dtype::i32, i64 = Dtype::i64, f16 = Dtype::f16, bf16 = Dtype::bf16,
                       f32 = Dtype::f32, f64 = Dtype::f64;

// Storage of the two half types; arithmetic on them happens in float and rounds once (nearest even).
struct Half {
  std::uint16_t bits = 0;
  Half() = default;
  explicit Half(float value);
  explicit operator float() const;
};
struct BFloat16 {
  std::uint16_t bits = 0;
  BFloat16() = default;
  explicit BFloat16(float value);
  explicit operator float() const;
};

constexpr std::size_t size_of(Dtype d) {
  constexpr std::uint8_t sizes[dtype_count] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8};
  return sizes[static_cast<int>(d)];
}
constexpr std::string_view name_of(Dtype d) {
  constexpr std::string_view names[dtype_count] = {"bool", "u8",  "i8",   "i16", "i32",
                                                   "i64",  "f16", "bf16", "f32", "f64"};
  return names[static_cast<int>(d)];
}
constexpr bool is_floating(Dtype d) { return d >= Dtype::f16; }
constexpr bool is_half(Dtype d) { return d == Dtype::f16 || d == Dtype::bf16; }
constexpr bool is_integer(Dtype d) { return d > Dtype::bool_ && d < Dtype::f16; }
// The type that arithmetic on `d` runs in: f32 for the halves, `d` itself otherwise.
constexpr Dtype compute_type(Dtype d) { return is_half(d) ? Dtype::f32 : d; }

// Reads "f32", "bool", ...; returns false when `name` names no dtype.
bool parse_dtype(std::string_view name, Dtype& out);

// The common dtype of two operands: PyTorch's promotion table.
Dtype promote(Dtype a, Dtype b);

// clang-format off
template <class T> inline constexpr Dtype dtype_of = [] { static_assert(sizeof(T) == 0, "no dtype for this C++ type"); return Dtype::f32; }();
template <> inline constexpr Dtype dtype_of<bool> = Dtype::bool_;
template <> inline constexpr Dtype dtype_of<std::uint8_t> = Dtype::u8;
template <> inline constexpr Dtype dtype_of<std::int8_t> = Dtype::i8;
template <> inline constexpr Dtype dtype_of<std::int16_t> = Dtype::i16;
template <> inline constexpr Dtype dtype_of<std::int32_t> = Dtype::i32;
template <> inline constexpr Dtype dtype_of<std::int64_t> = Dtype::i64;
template <> inline constexpr Dtype dtype_of<long long> = Dtype::i64;
template <> inline constexpr Dtype dtype_of<Half> = Dtype::f16;
template <> inline constexpr Dtype dtype_of<BFloat16> = Dtype::bf16;
template <> inline constexpr Dtype dtype_of<float> = Dtype::f32;
template <> inline constexpr Dtype dtype_of<double> = Dtype::f64;
// clang-format on

}  // namespace twofold
