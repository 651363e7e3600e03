// exp, expm1, exp2, log, log1p.
#include <cmath>
#include <limits>
#include <numbers>

#include "lanes/functions/functions_p.h"
#include "lanes/nearest.h"

namespace twofold::lanes::functions {
namespace {

// (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2.
constexpr double exp_tail_f32[] = {0x1.fffffcp-2, 0x1.55548ep-3, 0x1.5558a6p-5, 0x1.123bdep-7,
                                   0x1.6a592ap-10};
constexpr double exp_tail_f64[] = {0x1.0000000000000p-1,  0x1.5555555555559p-3,  0x1.5555555555557p-5,
                                   0x1.111111110f64ap-7,  0x1.6c16c16c15779p-10, 0x1.a01a01b00a43cp-13,
                                   0x1.a01a01ab165f0p-16, 0x1.71ddf7fa54040p-19, 0x1.27e4d13bd8832p-22,
                                   0x1.af5f55fc1e14dp-26, 0x1.1f83f2c68ede2p-29};
// (log1p(f) - f + f^2/2) / f^3 on |f| <= 1/3.
constexpr double log_tail_f32[] = {0x1.555556p-2,  -0x1.ffff0ap-3, 0x1.99985cp-3,
                                   -0x1.5599c0p-3, 0x1.24d99ap-3,  -0x1.f37848p-4,
                                   0x1.baedf4p-4,  -0x1.0733f8p-3, 0x1.e25992p-4};
// (2 atanh(s) - 2 s) / s^3 as a polynomial in s^2, on s^2 <= 0.0295.
constexpr double log_tail_f64[] = {0x1.5555555555555p-1, 0x1.9999999999d0ap-2, 0x1.249249243a361p-2,
                                   0x1.c71c724a82c6fp-3, 0x1.745ce20ffd0bcp-3, 0x1.3b2018a521d73p-3,
                                   0x1.0f68463bb8667p-3, 0x1.0f05040883d52p-3};

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double quiet_nan = std::numeric_limits<double>::quiet_NaN();

// What the two widths differ in.
struct ExpFacts {
  int mantissa_bits;
  double magic;  // 1.5 * 2^mantissa_bits: adding it leaves the nearest integer in the low bits
  std::int64_t magic_bits, bias;
  double ln2_high, ln2_low;
  std::span<const double> tail;
};
constexpr ExpFacts facts_f32{23, 0x1.8p23, 0x4b400000, 127, 0x1.62e430p-1, -0x1.05c610p-29, exp_tail_f32};
constexpr ExpFacts facts_f64{
    52, 0x1.8p52, 0x4338000000000000, 1023, 0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56, exp_tail_f64};
const ExpFacts& facts(Lane x) { return width_of(x.type()) == 4 ? facts_f32 : facts_f64; }

// x = k ln 2 + r, |r| <= ln 2 / 2.
struct Reduced {
  Lane r, shifted;  // as in ScaledExp
};
Reduced reduce(Lane x) {
  const ExpFacts& f = facts(x);
  const Lane shifted = fma(x, like(x, 1.4426950408889634), like(x, f.magic));
  const Lane rounded = shifted - f.magic;
  const Lane high = fma(rounded, like(x, -f.ln2_high), x);
  const Lane r = fma(rounded, like(x, -f.ln2_low), high);
  return {r, to_bits(shifted)};
}

Lane exp_near_zero(Lane r) {
  const Lane first = fma(polynomial(r, facts(r).tail), r, like(r, 1));
  return fma(first, r, like(r, 1));
}

}  // namespace

Lane copy_sign(Lane magnitude, Lane sign) {
  const std::int64_t mask = sign.type() == Type::f32 ? 0x80000000 : std::numeric_limits<std::int64_t>::min();
  return from_bits(to_bits(magnitude) | (to_bits(sign) & integer(sign, mask)));
}

Lane polynomial(Lane x, std::span<const double> c) {
  Lane sum = like(x, c.back());
  for (std::size_t i = c.size() - 1; i-- > 0;) sum = fma(sum, x, like(x, c[i]));
  return sum;
}

Lane power_of_two(Lane shifted, int more) {
  const ExpFacts& f = facts(shifted);
  const Lane exponent = shifted - integer(shifted, f.magic_bits - f.bias - more);
  return from_bits(shl(exponent, integer(shifted, f.mantissa_bits)));
}

ScaledExp scaled_exp(Lane x, const Lane* correction) {
  auto [r, shifted] = reduce(x);
  if (correction) r = r + *correction;
  return {exp_near_zero(r), shifted};
}

// With both biases added to k, its halves are the biased exponents of the factors.
Lane scale(ScaledExp e) {
  const ExpFacts& f = facts(e.p);
  const Lane twice = e.shifted - integer(e.p, f.magic_bits - 2 * f.bias);
  const Lane half = shr_arithmetic(twice, integer(e.p, 1)), bits = integer(e.p, f.mantissa_bits);
  return e.p * from_bits(shl(half, bits)) * from_bits(shl(twice - half, bits));
}

Lane expand_exp(Lane x) {
  const bool f32 = x.type() == Type::f32;
  // Beyond these e^x is 0 or infinity, which the scaling gives by itself.
  const Lane inside = max(min(x, like(x, f32 ? 90 : 710)), like(x, f32 ? -105 : -746));
  return scale(scaled_exp(inside));
}

Lane expand_expm1(Lane x) {
  if (x.type() == Type::f32) return through_f64(expand_expm1, x);
  const Lane inside = max(min(x, like(x, 710)), like(x, -40));
  const auto [r, shifted] = reduce(inside);
  const Lane p = fma(polynomial(r, exp_tail_f64), r * r, r);
  // 2^k p + (2^k - 1), with 2^k halved: 2^1024 does not exist.
  const Lane half = power_of_two(shifted, -1);
  const Lane y = fma(half, p, half - 0.5) * 2.0;
  return select(shifted == integer(x, facts_f64.magic_bits), select(x == like(x, 0), x, p), y);
}

Lane expand_exp2(Lane x) {
  if (x.type() == Type::f32) return through_f64(expand_exp2, x);
  const Lane inside = max(min(x, like(x, 1030)), like(x, -1080));
  const Lane shifted = inside + facts_f64.magic;
  const Lane fraction = inside - (shifted - facts_f64.magic);
  return scale({exp_near_zero(fraction * std::numbers::ln2), to_bits(shifted)});
}

Lane log_special(Lane x, Lane y) {
  y = select(x == like(x, infinity), x, y);
  y = select(x == like(x, 0), like(x, -infinity), y);
  return select(like(x, 0) <= x, y, like(x, quiet_nan));  // NaN too
}

Split split(Lane x) {
  const bool f32 = x.type() == Type::f32;
  const int mantissa_bits = facts(x).mantissa_bits;
  const Lane bits = to_bits(x);
  const std::int64_t lowest = f32 ? 0x3f2aaaab : 0x3fe6a09e667f3bcd;  // 2/3, and sqrt(1/2)
  const Lane k = shr_arithmetic(bits - integer(x, lowest), integer(x, mantissa_bits));
  return {from_bits(bits - shl(k, integer(x, mantissa_bits))), k};
}

namespace {

Lane log_f32(Lane x) {
  const Lane tiny = x < 0x1p-126;
  const auto [m, k] = split(select(tiny, x * 0x1p23, x));
  const Lane e = convert(k, Type::f32) - select(tiny, like(x, 23), like(x, 0));
  const Lane f = m - 1.0, square = f * f;
  const Lane tail = fma(square, like(x, -0.5), polynomial(f, log_tail_f32) * square * f);
  const Lane low = fma(e, like(x, facts_f32.ln2_low), tail);
  return log_special(x, fma(e, like(x, facts_f32.ln2_high), f + low));
}

// In f64: with the coefficients that suffice for f32, 2^-29 of itself away.
Lane log_of_float(Lane x) {
  const auto [m, k] = split(x);
  const Lane f = convert(m, Type::f64) - 1.0, e = convert(k, Type::f64), square = f * f;
  const Lane tail = fma(square, like(f, -0.5), polynomial(f, log_tail_f32) * square * f);
  return fma(e, like(f, facts_f64.ln2_high), f + tail);
}

// log((1 + f) 2^e) + correction, which is small.
Lane log_of_parts(Lane f, Lane e, Lane correction) {
  const Lane s = f / (f + 2.0), z = s * s;
  const Lane half_square = f * f * 0.5;
  const Lane tail = fma(s, fma(polynomial(z, log_tail_f64), z, half_square), correction);
  const Lane low = fma(e, like(f, facts_f64.ln2_low), tail) - half_square;
  return fma(e, like(f, facts_f64.ln2_high), f + low);
}

}  // namespace

Lane expand_log(Lane x) {
  if (x.type() == Type::f32) return log_f32(x);
  const Lane tiny = x < 0x1p-1022;
  const auto [m, k] = split(select(tiny, x * 0x1p52, x));
  const Lane e = convert(k, Type::f64) - select(tiny, like(x, 52), like(x, 0));
  return log_special(x, log_of_parts(m - 1.0, e, like(x, 0)));
}

Lane expand_log1p(Lane x) {
  if (x.type() == Type::f32) return through_f64(expand_log1p, x);
  const Lane y = log_of_one_plus({x, like(x, 0)});
  return log_special(x + 1.0, select(x == 0.0, x, y));
}

Lane log_of_one_plus(Double x) {
  const Lane sum = x.high + 1.0;
  const auto [m, k] = split(sum);
  const Lane near = k == integer(sum, 0);
  const Lane f = select(near, x.high, m - 1.0);
  // What the rounding of 1 + x lost; nothing where f is x itself.
  const Lane lost = select(x.high < 1.0, x.high - (sum - 1.0), 1.0 - (sum - x.high));
  const Lane correction = (select(near, like(sum, 0), lost) + x.low) / sum;
  return log_of_parts(f, convert(k, Type::f64), correction);
}

}  // namespace twofold::lanes::functions

namespace twofold::lanes {

Lane nearest_log(Lane x) {
  return x.type() == Type::f64 ? functions::precise_log(x).high
                               : convert(functions::log_of_float(x), Type::f32);
}

}  // namespace twofold::lanes
