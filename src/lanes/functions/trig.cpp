// sin, cos and tan. Floats work in f64; doubles carry the reduced argument in two parts.
#include <numbers>

#include "lanes/functions/reduce_p.h"

namespace twofold::lanes::functions {
namespace {

// (sin(r)/r - 1) / r^2 and (cos(r) - 1 + r^2/2) / r^4 as polynomials in r^2, on |r| <= pi/4.
constexpr double sin_f32[] = {-0x1.5555554cb23cdp-3, 0x1.111108904c3e3p-7, -0x1.a00f98ab96f07p-13,
                              0x1.6cd72349c8198p-19};
constexpr double cos_f32[] = {0x1.5555554f4a1bfp-5, -0x1.6c16b893d53afp-10, 0x1.a0111caa6d0abp-16,
                              -0x1.242a1537b9585p-22};
constexpr double sin_f64[] = {-0x1.5555555555555p-3, 0x1.1111111111089p-7,   -0x1.a01a01a0065e3p-13,
                              0x1.71de3a3f6cd43p-19, -0x1.ae643c5f6e0fdp-26, 0x1.61141639cfa34p-33,
                              -0x1.a517477a45305p-41};
constexpr double cos_f64[] = {0x1.555555555554cp-5,   -0x1.6c16c16c1521dp-10, 0x1.a01a019cbeecdp-16,
                              -0x1.27e4f8122df7ap-22, 0x1.1ee9f0d3b1752p-29,  -0x1.8fb0de7ad195fp-37};

struct SinCos {
  Lane sin, cos;
};

SinCos of_float(Lane r) {
  const Lane z = r * r;
  const Lane half = fma(z, like(z, -0.5), like(z, 1));
  return {fma(polynomial(z, sin_f32) * z, r, r), fma(polynomial(z, cos_f32), z * z, half)};
}

// To first order, sin(r + d) = sin r + d (1 - r^2/2) and cos(r + d) = cos r - r d.
struct SinCosParts {
  Double sin, cos;
};
SinCosParts of_double(Double r) {
  const Lane z = r.high * r.high, half_z = z * 0.5;
  const Lane slope = 1.0 - half_z;
  const Lane cubic = polynomial(z, sin_f64) * (z * r.high);
  const Double sine = fast_sum(r.high, fma(r.low, slope, cubic));
  const Lane lost = (1.0 - slope) - half_z;
  const Lane quartic = fma(z * z, polynomial(z, cos_f64), -(r.high * r.low));
  return {sine, fast_sum(slope, lost + quartic)};
}
SinCos rounded(const SinCosParts& v) { return {v.sin.high, v.cos.high}; }

// sin or cos of the sum of quadrants and r; for cos the quadrants are one further.
Lane combine(SinCos v, Lane quadrant) {
  const Lane odd = (quadrant & integer(quadrant, 1)) != integer(quadrant, 0);
  const Lane sign = shl(quadrant & integer(quadrant, 2), integer(quadrant, 62));
  return from_bits(to_bits(select(odd, v.cos, v.sin)) ^ sign);
}

Lane sin_or_cos(Lane x, bool f32, bool cosine) {
  const Lane magnitude = abs(x);
  const Quadrant q = f32 ? reduce_float(magnitude) : reduce_double(magnitude);
  const SinCos values = f32 ? of_float(q.r.high) : rounded(of_double(q.r));
  if (cosine) return combine(values, q.quadrant + integer(q.quadrant, 1));
  const Lane sign = to_bits(x) & shl(integer(q.quadrant, 1), integer(q.quadrant, 63));
  return from_bits(to_bits(combine(values, q.quadrant)) ^ sign);
}

// sin / cos, or -cos / sin after an odd number of quadrants.
Lane tan_in_f64(Lane x, bool f32) {
  const Lane magnitude = abs(x);
  const Quadrant q = f32 ? reduce_float(magnitude) : reduce_double(magnitude);
  const Lane odd = (q.quadrant & integer(q.quadrant, 1)) != integer(q.quadrant, 0);
  const Lane one = integer(q.quadrant, 1), top = integer(q.quadrant, 63);
  const Lane sign = (to_bits(x) & shl(one, top)) ^ shl(q.quadrant, top);
  if (f32) {
    const SinCos v = of_float(q.r.high);
    return from_bits(to_bits(select(odd, v.cos, v.sin) / select(odd, v.sin, v.cos)) ^ sign);
  }
  const SinCosParts v = of_double(q.r);
  const Double ratio = quotient(pick(odd, v.cos, v.sin), pick(odd, v.sin, v.cos));
  return from_bits(to_bits(ratio.high + ratio.low) ^ sign);
}

Lane expand(Lane x, bool cosine) {
  if (x.type() == Type::f64) return sin_or_cos(x, false, cosine);
  return through_f64([&](Lane wide) { return sin_or_cos(wide, true, cosine); }, x);
}

}  // namespace

Lane expand_sin(Lane x) { return expand(x, false); }
Lane expand_cos(Lane x) { return expand(x, true); }
Lane sin_pi(Lane x) {
  const Quadrant q = reduce_half_turns(x);
  return combine(rounded(of_double(q.r)), q.quadrant);
}
Lane pi_cot_pi(Lane x) {
  const Quadrant q = reduce_half_turns(x);
  const SinCosParts v = of_double(q.r);
  const Lane odd = (q.quadrant & integer(q.quadrant, 1)) != integer(q.quadrant, 0);
  const Lane cotangent = pick(odd, v.sin, v.cos).high / pick(odd, v.cos, v.sin).high * std::numbers::pi;
  return select(odd, -cotangent, cotangent);
}
Lane expand_tan(Lane x) {
  if (x.type() == Type::f64) return tan_in_f64(x, false);
  return through_f64([](Lane wide) { return tan_in_f64(wide, true); }, x);
}

}  // namespace twofold::lanes::functions
