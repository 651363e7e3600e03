// asin, acos, atan, atan2. Floats work in f64.
#include <limits>

#include "lanes/functions/functions_p.h"

namespace twofold::lanes::functions {
namespace {

// (atan(t)/t - 1) / t^2 and (asin(t)/t - 1) / t^2 as polynomials in t^2, on |t| <= tan(pi/8) and |t| <= 1/2.
constexpr double atan_tail[] = {-0x1.555555555553dp-2, 0x1.9999999995867p-3,  -0x1.24924922ad3d9p-3,
                                0x1.c71c70e5feadap-4,  -0x1.745cf8da598e5p-4, 0x1.3b1118f6d6056p-4,
                                -0x1.10ebb6a951e54p-4, 0x1.df0f3505cc7dap-5,  -0x1.9cd26035346b5p-5,
                                0x1.37d4ccb4242b8p-5,  -0x1.2568abf32ab69p-6};
constexpr double asin_tail[] = {0x1.5555555555577p-3, 0x1.333333332e131p-4, 0x1.6db6db72126a7p-5,
                                0x1.f1c71a94f0feep-6, 0x1.6e8bdee090d0bp-6, 0x1.1c49f0556ade5p-6,
                                0x1.ca1f8e4a785a3p-7, 0x1.75858185f450dp-7, 0x1.613cbfb4033a7p-7,
                                0x1.e5f239928bf88p-9, 0x1.639d8596dd179p-6, -0x1.57ff15f7f7898p-6,
                                0x1.0b47428178a4ep-5};

// An angle in two parts.
struct Angle {
  double high, low;
};
constexpr Angle nothing{0, 0}, quarter{0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55},
    half{0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54},
    three_quarters{0x1.2d97c7f3321d2p+1, 0x1.a79394c9e8a0ap-54},
    straight{0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
constexpr double tan_eighth = 0.41421356237309503, tan_three_eighths = 2.414213562373095;

Lane is_nan(Lane x) { return x != x; }

// angle + (t + rest), t + rest smaller than the angle unless that is 0.
Lane add(Double angle, Lane t, Lane rest) {
  const Double sum = fast_sum(angle.high, t);
  return sum.high + (sum.low + (angle.low + rest));
}
Double constant(Lane x, Angle angle) { return {like(x, angle.high), like(x, angle.low)}; }

// The angle of the point (b, a), a and b not negative; or of (-b, a). With t = (a - b) / (a + b) the angle is
// pi/4 + atan t; where that is steep t is -b / a, added to pi/2, and where it is flat a / b itself.
Lane angle_of(Lane a, Lane b, Lane obtuse) {
  const Lane steep = a > b * tan_three_eighths, flat = a < b * tan_eighth, none = like(a, 0);
  const Double above = pick(steep, {-b, none}, pick(flat, {a, none}, exact_sum(a, -b)));
  const Double below = pick(steep, {a, none}, pick(flat, {b, none}, exact_sum(a, b)));
  const Double t = quotient(above, below);
  const Lane square = t.high * t.high;
  const Lane low = fma(-t.low, square, t.low);  // t.low times the slope of atan
  const Lane rest = fma(t.high * square, polynomial(square, atan_tail), low);
  const Double flat_angle = pick(obtuse, constant(a, straight), constant(a, nothing));
  const Double middle = pick(obtuse, constant(a, three_quarters), constant(a, quarter));
  const Double angle = pick(steep, constant(a, half), pick(flat, flat_angle, middle));
  return add(angle, select(obtuse, -t.high, t.high), select(obtuse, -rest, rest));
}

// With both tiny or one huge, their sum or the quotient's low part would not be exact.
Lane scale_for(Lane largest) {
  return select(largest > 0x1p900, like(largest, 0x1p-200),
                select(largest < 0x1p-700, like(largest, 0x1p300), like(largest, 1)));
}

Lane atan2_in_f64(Lane y, Lane x) {
  const Lane infinity = like(x, std::numeric_limits<double>::infinity()), one = like(x, 1), zero = like(x, 0);
  const Lane up = abs(y) == infinity, out = abs(x) == infinity, unbounded = up | out;
  const Lane a = select(unbounded, select(up, one, zero), abs(y));
  const Lane b = select(unbounded, select(out, one, zero), abs(x));
  const Lane factor = scale_for(max(a, b));
  const Lane origin = (a == 0.0) & (b == 0.0);
  const Lane angle = angle_of(a * factor, select(origin, one, b * factor), to_bits(x) < integer(x, 0));
  const Lane nan = like(x, std::numeric_limits<double>::quiet_NaN());
  return select(is_nan(x) | is_nan(y), nan, copy_sign(angle, y));
}

// asin s = s + tail: of s = |x|, or where that is above 1/2 of s = sqrt((1 - |x|) / 2), for which asin |x| =
// pi/2 - 2 asin s; `low` is what the root's rounding lost.
struct Arc {
  Lane s, tail, large;
};
Arc arc_of(Lane magnitude) {
  const Lane large = magnitude > 0.5, rest = (1.0 - magnitude) * 0.5;
  const Double root = square_root({rest, like(rest, 0)});
  const Lane s = select(large, root.high, magnitude);
  const Lane square = select(large, rest, magnitude * magnitude);
  const Lane tail = s * square * polynomial(square, asin_tail);
  const Lane lost = select(large & (rest != 0.0), root.low, like(rest, 0));
  return {s, tail + lost, large};
}

}  // namespace

Lane expand_asin(Lane x) {
  if (x.type() == Type::f32) return through_f64(expand_asin, x);
  const Arc arc = arc_of(abs(x));
  const Lane large = add(constant(x, half), arc.s * -2.0, arc.tail * -2.0);
  return copy_sign(select(arc.large, large, arc.s + arc.tail), x);
}

Lane expand_acos(Lane x) {
  if (x.type() == Type::f32) return through_f64(expand_acos, x);
  const Arc arc = arc_of(abs(x));
  const Lane near_zero = add(constant(x, half), -x, -copy_sign(arc.tail, x));
  const Lane near_minus_one = add(constant(x, straight), arc.s * -2.0, arc.tail * -2.0);
  const Lane near_one = (arc.s + arc.tail) * 2.0;
  return select(arc.large, select(x < 0.0, near_minus_one, near_one), near_zero);
}

Lane expand_atan(Lane x) {
  if (x.type() == Type::f32) return through_f64(expand_atan, x);
  const Lane magnitude = min(abs(x), like(x, 0x1p100));  // beyond, it is pi/2
  const Lane acute = like(x, 0) != like(x, 0);
  return copy_sign(angle_of(magnitude, like(x, 1), acute), x);
}

Lane expand_atan2(Lane y, Lane x) {
  if (x.type() == Type::f64) return atan2_in_f64(y, x);
  return convert(atan2_in_f64(convert(y, Type::f64), convert(x, Type::f64)), Type::f32);
}

}  // namespace twofold::lanes::functions
