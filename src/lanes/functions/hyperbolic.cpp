// tanh, sigmoid, rsqrt, sinh, cosh.
#include "lanes/functions/functions_p.h"

namespace twofold::lanes::functions {
namespace {

// (tanh(x)/x - 1) / x^2 as a polynomial in x^2, on |x| <= 0.55.
constexpr double tanh_tail_f32[] = {-0x1.55554cp-2, 0x1.110d6ap-3, -0x1.b931f6p-5, 0x1.59821ap-6,
                                    -0x1.9c91e4p-8};
constexpr double tanh_tail_f64[] = {-0x1.555555555554fp-2,  0x1.1111111110798p-3,  -0x1.ba1ba1b97d61cp-5,
                                    0x1.664f48596edd2p-6,   -0x1.226e2f14c4574p-7, 0x1.d6d29bae82f35p-9,
                                    -0x1.7d8fd5335229ap-10, 0x1.3483bc6cbfde5p-11, -0x1.e97056c549a7ep-13,
                                    0x1.5d75f156ee88ap-14,  -0x1.4714c296bfb8cp-16};

// (sinh(x)/x - 1) / x^2 as a polynomial in x^2, on |x| <= 1.
constexpr double sinh_tail[] = {0x1.5555555555556p-3,  0x1.111111111101ep-7,  0x1.a01a01a03726cp-13,
                                0x1.71de3a3b065c1p-19, 0x1.ae646ff59181fp-26, 0x1.6116f454a53eap-33,
                                0x1.b5c8b55bb517bp-41};

// e^x / 2 in f64 for x >= 0; it is finite a little longer than e^x.
Lane half_exp(Lane x) {
  const ScaledExp e = scaled_exp(min(x, like(x, 712)));
  return scale({e.p, e.shifted - integer(x, 1)});
}

}  // namespace

Lane expand_tanh(Lane x) {
  const bool f32 = x.type() == Type::f32;
  const Lane magnitude = abs(x), square = x * x;
  const Lane tail = polynomial(square, f32 ? std::span<const double>(tanh_tail_f32) : tanh_tail_f64);
  const Lane small = magnitude * fma(tail, square, like(x, 1));
  // 1 - 2 / (e^2x + 1); beyond the limit that is 1.
  const ScaledExp e = scaled_exp(min(magnitude, like(x, f32 ? 10 : 20)) * 2.0);
  const Lane large = 1.0 - 2.0 / fma(e.p, power_of_two(e.shifted), like(x, 1));
  return copy_sign(select(magnitude < 0.55, small, large), x);
}

// With e = e^-|x| and w = e / (1 + e): e - e w below zero, 1 - w above. The rounding errors of w are scaled
// down by e, where e / (1 + e) itself would pass them on.
Lane expand_sigmoid(Lane x) {
  const double limit = x.type() == Type::f32 ? -105 : -746;
  const Lane negative = copy_sign(x, like(x, -1));
  const Lane e = scale(scaled_exp(max(negative, like(x, limit))));
  const Lane negated = e / (-1.0 - e);
  const Lane base = select(x < 0.0, e, like(x, 1));
  return fma(base, negated, base);
}

Lane expand_sinh(Lane x) {
  if (x.type() == Type::f32) return through_f64(expand_sinh, x);
  const Lane magnitude = abs(x), square = x * x;
  const Lane small = fma(magnitude * square, polynomial(square, sinh_tail), magnitude);
  const Lane half = half_exp(magnitude);
  return copy_sign(select(magnitude < 1.0, small, half - 0.25 / half), x);
}

Lane expand_cosh(Lane x) {
  if (x.type() == Type::f32) return through_f64(expand_cosh, x);
  const Lane half = half_exp(abs(x));
  return half + 0.25 / half;
}

Lane expand_rsqrt(Lane x) { return 1.0 / sqrt(x); }

}  // namespace twofold::lanes::functions
