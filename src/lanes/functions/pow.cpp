// pow: e^(y log|x|) with the logarithm in twice the precision of the result, and C's special cases.
#include <limits>

#include "lanes/functions/functions_p.h"

namespace twofold::lanes::functions {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// (2 atanh(s) - 2s - (2/3) s^3) / s^5 as a polynomial in s^2, on s^2 <= 0.0295.
constexpr double log_tail[] = {0x1.9999999999996p-2, 0x1.2492492492f49p-2, 0x1.c71c71c597eefp-3,
                               0x1.745d182897675p-3, 0x1.3b1364fe750c0p-3, 0x1.11206725dbe89p-3,
                               0x1.de3eb204a6e6dp-4, 0x1.eabb8bb7d51a0p-4};
constexpr double ln2_high = 0x1.62e42fefa3800p-1, ln2_low = 0x1.ef35793c76730p-45;  // k * ln2_high is exact
constexpr double two_thirds = 0x1.5555555555555p-1, two_thirds_low = 0x1.5555555555555p-55;

// s = f / (2 + f), f exact.
Double atanh_argument(Lane f) {
  const Lane divisor = f + 2.0;
  const Lane divisor_low = f - (divisor - 2.0);
  const Lane high = f / divisor;
  return {high, fma(-high, divisor_low, fma(-high, divisor, f)) / divisor};
}

}  // namespace

Double precise_log(Lane x) {
  const Lane tiny = x < 0x1p-1022;
  const auto [m, k] = split(select(tiny, x * 0x1p52, x));
  const Lane e = convert(k, Type::f64) - select(tiny, like(x, 52), like(x, 0));
  const Double s = atanh_argument(m - 1.0);
  const Double square = exact_product(s.high, s.high);
  const Lane square_low = fma(s.high * 2.0, s.low, square.low);
  // log m = s (2 + z (2/3 + z tail)), z = s^2
  const Double third = fast_sum(like(x, two_thirds), square.high * polynomial(square.high, log_tail));
  const Lane third_low = third.low + two_thirds_low;
  const Double cubic = exact_product(square.high, third.high);
  const Lane cubic_low = fma(square.high, third_low, fma(square_low, third.high, cubic.low));
  const Double factor = fast_sum(like(x, 2), cubic.high);
  const Lane factor_low = factor.low + cubic_low;
  const Double of_m = exact_product(s.high, factor.high);
  const Lane of_m_low = fma(s.high, factor_low, fma(s.low, factor.high, of_m.low));
  const Double sum = fast_sum(e * ln2_high, of_m.high);
  return fast_sum(sum.high, sum.low + fma(e, like(x, ln2_low), of_m_low));
}

namespace {

Lane clamp_exponent(Lane x) { return max(min(x, like(x, 710)), like(x, -746)); }

Lane magnitude_f64(Lane x, Lane y) {
  const Double log = precise_log(x);
  const Lane at_end = (x == like(x, 0)) | (x == like(x, infinity));
  const Lane high = select(at_end, select(x < 1.0, like(x, -infinity), x), log.high);
  const Lane low = select(at_end, like(x, 0), log.low);
  const Lane product = y * high;
  const Lane product_low = fma(y, high, -product) + y * low;
  const Lane correction = select(abs(product) < 800, product_low, like(x, 0));
  return scale(scaled_exp(clamp_exponent(product), &correction));
}

Lane magnitude_f32(Lane x, Lane y) {
  const Lane product = convert(y, Type::f64) * expand_log(convert(x, Type::f64));
  return convert(scale(scaled_exp(clamp_exponent(product))), Type::f32);
}

Lane is_nan(Lane x) { return x != x; }

}  // namespace

Lane expand_pow(Lane x, Lane y) {
  const Lane base = abs(x), one = like(x, 1), zero = like(x, 0);
  const Lane power = x.type() == Type::f32 ? magnitude_f32(base, y) : magnitude_f64(base, y);
  const Lane magnitude = select(base == one, one, power);
  const Lane whole = trunc(y) == y, half = y * 0.5;
  const Lane odd = whole & (trunc(half) != half);
  // An odd power keeps the sign of x, -0 and -inf included; no other power has a sign.
  const Lane result = copy_sign(magnitude, select(odd, x, one));
  const Lane undefined = (x < zero) & (x != like(x, -infinity)) & ~whole;
  const Lane nan = undefined | is_nan(x) | is_nan(y);
  const Lane or_nan = select(nan, like(x, std::numeric_limits<double>::quiet_NaN()), result);
  return select((x == one) | (y == zero), one, or_nan);
}

}  // namespace twofold::lanes::functions
