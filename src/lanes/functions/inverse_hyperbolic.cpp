// asinh, acosh, atanh: logarithms of 1 + u, u in two parts. And log2, log10. Floats work in f64.
#include <limits>
#include <numbers>

#include "lanes/functions/functions_p.h"

namespace twofold::lanes::functions {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double quiet_nan = std::numeric_limits<double>::quiet_NaN();

// From here on asinh x and acosh x are log 2x.
constexpr double huge = 0x1p28;

// log(1 + u), or log 2x for huge x.
Lane log_or_huge(Lane x, Double u) {
  const Lane is_huge = x > huge;
  const Lane y = log_of_one_plus({select(is_huge, x - 1.0, u.high), select(is_huge, like(x, 0), u.low)});
  const Lane logarithm = y + select(is_huge, like(x, std::numbers::ln2), like(x, 0));
  return select(x == infinity, x, logarithm);
}

// a high low: a logarithm in two parts to another base, rounded.
Lane times(Double a, double high, double low) {
  const Double product = exact_product(a.high, like(a.high, high));
  return product.high + (product.low + fma(a.high, like(a.high, low), a.low * high));
}

}  // namespace

// u = x + x^2 / (1 + sqrt(1 + x^2)).
Lane expand_asinh(Lane x) {
  if (x.type() == Type::f32) return through_f64(expand_asinh, x);
  const Lane magnitude = abs(x);
  const Double square = exact_product(x, x);
  const Double sum = exact_sum(square.high, like(x, 1));
  const Double root = square_root({sum.high, sum.low + square.low});
  const Double divisor = fast_sum(root.high, like(x, 1));
  const Double curve = quotient(square, {divisor.high, divisor.low + root.low});
  const Double u = fast_sum(magnitude, curve.high);
  return copy_sign(log_or_huge(magnitude, {u.high, u.low + curve.low}), x);
}

// u = t + sqrt(t (t + 2)), t = x - 1.
Lane expand_acosh(Lane x) {
  if (x.type() == Type::f32) return through_f64(expand_acosh, x);
  const Lane t = x - 1.0;
  const Double sum = exact_sum(t, like(x, 2));
  const Double product = exact_product(t, sum.high);
  const Double root = square_root({product.high, fma(t, sum.low, product.low)});
  const Double u = fast_sum(root.high, t);
  const Lane y = log_or_huge(x, {u.high, u.low + root.low});
  return select(t == 0.0, t, select(x > 1.0, y, like(x, quiet_nan)));
}

// Half the logarithm of 1 + 2x / (1 - x).
Lane expand_atanh(Lane x) {
  if (x.type() == Type::f32) return through_f64(expand_atanh, x);
  const Lane magnitude = abs(x), zero = like(x, 0);
  const Double u = quotient({magnitude * 2.0, zero}, fast_sum(like(x, 1), -magnitude));
  const Lane y = log_of_one_plus(u) * 0.5;
  const Lane beyond = select(magnitude == 1.0, like(x, infinity), like(x, quiet_nan));
  return copy_sign(select(magnitude < 1.0, y, beyond), x);
}

Lane expand_log2(Lane x) {
  const auto scaled = [](Lane wide) { return expand_log(wide) * std::numbers::log2e; };
  if (x.type() == Type::f32) return through_f64(scaled, x);
  return log_special(x, times(precise_log(x), 0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56));
}

Lane expand_log10(Lane x) {
  const auto scaled = [](Lane wide) { return expand_log(wide) * std::numbers::log10e; };
  if (x.type() == Type::f32) return through_f64(scaled, x);
  return log_special(x, times(precise_log(x), 0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57));
}

}  // namespace twofold::lanes::functions
