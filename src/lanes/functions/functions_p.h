// Private to lower(): each named function of x as primitive instructions, branch-free, for f32 and f64.
//
// Accuracy is stated in docs/numerics.md and measured by lanes/accuracy.h. The coefficients are minimax
// (Remez) fits of our own, rounded to the lane's type one after the other, the rest fitted again.
#pragma once

#include <initializer_list>
#include <span>

#include "lanes/builder.h"

namespace twofold::lanes::functions {

Lane expand_exp(Lane x);
Lane expand_expm1(Lane x);
Lane expand_log(Lane x);
Lane expand_log1p(Lane x);
Lane expand_sin(Lane x);
Lane expand_cos(Lane x);
Lane expand_tanh(Lane x);
Lane expand_sigmoid(Lane x);
Lane expand_erf(Lane x);
Lane expand_erfc(Lane x);
Lane expand_rsqrt(Lane x);
Lane expand_pow(Lane x, Lane y);
Lane expand_tan(Lane x);
Lane expand_asin(Lane x);
Lane expand_acos(Lane x);
Lane expand_atan(Lane x);
Lane expand_atan2(Lane y, Lane x);
Lane expand_sinh(Lane x);
Lane expand_cosh(Lane x);
Lane expand_asinh(Lane x);
Lane expand_acosh(Lane x);
Lane expand_atanh(Lane x);
Lane expand_exp2(Lane x);
Lane expand_log2(Lane x);
Lane expand_log10(Lane x);
Lane expand_lgamma(Lane x);
Lane expand_polygamma(Lane x, int order);

// A constant of x's type.
inline Lane like(Lane x, double value) { return x.builder->constant(value, x.type()); }
inline Lane integer(Lane x, std::int64_t value) {
  const Type type = x.type() == Type::f32 || x.type() == Type::i32 ? Type::i32 : Type::i64;
  const std::uint64_t mask = type == Type::i32 ? 0xffffffffu : ~std::uint64_t{0};
  return x.builder->constant_bits(static_cast<std::uint64_t>(value) & mask, type);
}
inline Type bits_type(Lane x) { return width_of(x.type()) == 4 ? Type::i32 : Type::i64; }
inline Lane to_bits(Lane x) { return bitcast(x, bits_type(x)); }
inline Lane from_bits(Lane bits) { return bitcast(bits, width_of(bits.type()) == 4 ? Type::f32 : Type::f64); }
// x's magnitude with the sign of `sign`.
Lane copy_sign(Lane magnitude, Lane sign);

// c[0] + c[1] x + c[2] x^2 + ... by Horner's rule in fma.
Lane polynomial(Lane x, std::span<const double> coefficients);
inline Lane polynomial(Lane x, std::initializer_list<double> coefficients) {
  return polynomial(x, std::span(coefficients.begin(), coefficients.size()));
}

// e^x = 2^k p. `shifted` are the bits of k + 1.5 * 2^mantissa_bits: k in the low bits, under a constant.
struct ScaledExp {
  Lane p, shifted;
};
// For x within the exponent's range; NaN gives a NaN p. `correction` is added to the reduced argument.
ScaledExp scaled_exp(Lane x, const Lane* correction = nullptr);
// 2^(k + more), a normal number.
Lane power_of_two(Lane shifted, int more = 0);
// p 2^k for any k that e^x can need: two factors, so that subnormal results round once.
Lane scale(ScaledExp e);

// x = m 2^k, m in [2/3, 4/3) for f32 and [sqrt(1/2), sqrt(2)) for f64; x positive and normal.
struct Split {
  Lane m, k;
};
Split split(Lane x);

// high + low, |low| at most half a unit in the last place of high.
struct Double {
  Lane high, low;
};
inline Double pick(Lane condition, Double a, Double b) {
  return {select(condition, a.high, b.high), select(condition, a.low, b.low)};
}
// a + b without error; `fast_sum` needs |a| >= |b| or a = 0.
inline Double fast_sum(Lane a, Lane b) {
  const Lane high = a + b;
  return {high, b - (high - a)};
}
// The same, whichever is larger.
inline Double exact_sum(Lane a, Lane b) {
  const Lane high = a + b;
  const Lane from_b = high - a;
  return {high, (a - (high - from_b)) + (b - from_b)};
}
inline Double exact_product(Lane a, Lane b) {
  const Lane high = a * b;
  return {high, fma(a, b, -high)};
}

// a / b and sqrt(a) to about twice the precision; a zero divides by or has a root of nothing but NaN below.
inline Double quotient(Double a, Double b) {
  const Lane high = a.high / b.high;
  return {high, ((fma(-high, b.high, a.high) + a.low) - high * b.low) / b.high};
}
inline Double square_root(Double a) {
  const Lane high = sqrt(a.high);
  return {high, (fma(-high, high, a.high) + a.low) / (high + high)};
}

// Of f64: log x to about 2^-65 of itself, for positive finite x; log(1 + x) for x > -1; what log gives where
// it has no finite value, and else y.
Double precise_log(Lane x);
Lane log_of_one_plus(Double x);
Lane log_special(Lane x, Lane y);

// sin(pi x) and pi / tan(pi x) of f64, |x| <= 1/2.
Lane sin_pi(Lane x);
Lane pi_cot_pi(Lane x);

// Computed in f64 and rounded: the plain way to an accurate f32 function.
template <class F>
Lane through_f64(F function, Lane x) {
  return convert(function(convert(x, Type::f64)), Type::f32);
}

}  // namespace twofold::lanes::functions
