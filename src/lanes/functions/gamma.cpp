// lgamma, digamma and the other polygammas. Floats work in f64.
#include <limits>
#include <numbers>

#include "lanes/functions/functions_p.h"

namespace twofold::lanes::functions {
namespace {

// lgamma(2 + t) / t and digamma(2 + t) as polynomials in t, on |t| <= 1/2.
constexpr double lgamma_near_two[] = {
    0x1.b0ee6072093cep-2,   0x1.4a34cc4a60fa7p-2,  -0x1.13e001a557616p-4,  0x1.51322ac7d8008p-6,
    -0x1.e404fc21888a5p-8,  0x1.7add6eae55a0fp-9,  -0x1.38ac5c309c745p-10, 0x1.0b36af36798cfp-11,
    -0x1.d3fd4943c1739p-13, 0x1.a127dc2a75c0fp-14, -0x1.78defda002c26p-15, 0x1.5806f4db54a55p-16,
    -0x1.3ca940e08004dp-17, 0x1.263eab96684cap-18, -0x1.131ce6a5da284p-19, 0x1.ee1741947d461p-21,
    -0x1.c306bc57facd8p-22, 0x1.2b079edb28ab4p-22, -0x1.33b5434a601afp-23};
constexpr double digamma_near_two[] = {
    0x1.b0ee6072093cep-2,   0x1.4a34cc4a60faap-1,  -0x1.9dd002780314ap-3,  0x1.51322ac7d6c1bp-4,
    -0x1.2e831d94f214dp-5,  0x1.1c261303f4949p-6,  -0x1.1196d0abff18dp-7,  0x1.0b36aeb1cb284p-8,
    -0x1.073e78f1806a4p-9,  0x1.04b907a655966p-10, -0x1.0319516ce2c51p-11, 0x1.020161e021feep-12,
    -0x1.014a2f0578db0p-13, 0x1.01bdd00c7d6b0p-14, -0x1.01d0e820ecc7bp-15, 0x1.e8abe21ea3e01p-17,
    -0x1.e20160f8bfb24p-18, 0x1.5b449c728e80ap-18, -0x1.6696583d571a0p-19};
// What Stirling's series for x >= 8 adds to (x - 1/2) log x - x + log(2 pi) / 2, times x, and takes from
// log x - 1 / (2x), times x^2: polynomials in 1 / x^2.
constexpr double lgamma_far[] = {0x1.5555555555545p-4,   -0x1.6c16c16b2d359p-9, 0x1.a019fa34f60dfp-11,
                                 -0x1.380d076d3a215p-11, 0x1.b68cddc5df8c1p-11, -0x1.ac3fecad49ca8p-10};
constexpr double digamma_far[] = {0x1.5555555555549p-4,  -0x1.11111110e8adbp-7, 0x1.04104051fde6bp-8,
                                  -0x1.111056c1dc0e0p-8, 0x1.f0133cf69f267p-8,  -0x1.5159cab804876p-6,
                                  0x1.f84b1e99dea0ap-5};
constexpr double log_root_two_pi = 0x1.d67f1c864beb5p-1;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double quiet_nan = std::numeric_limits<double>::quiet_NaN();

// x >= 0 below 8 as 2 + t and whole steps, |t| <= 1/2: `product` and `reciprocals` are those of what the
// steps pass.
struct Steps {
  Lane t, product, reciprocals, up;  // up: 2 + t is above x
};
Steps steps_to_two(Lane x) {
  const Lane tiny = x < 0.5, up = x < 1.5, one = like(x, 1), zero = like(x, 0);
  Lane y = x, product = one, reciprocals = zero;
  for (int step = 0; step < 6; ++step) {
    const Lane further = y >= 2.5;
    y = select(further, y - 1.0, y);
    product = product * select(further, y, one);
    reciprocals = reciprocals + select(further, 1.0 / y, zero);
  }
  const Lane next = x + 1.0;
  const Lane t = select(tiny, x, select(up, x - 1.0, y - 2.0));
  const Lane risen = select(tiny, x * next, x), inverses = 1.0 / x + select(tiny, 1.0 / next, zero);
  return {t, select(up, risen, product), select(up, inverses, reciprocals), up};
}

Lane lgamma_below_8(Lane x) {
  const Steps s = steps_to_two(x);
  const Lane logarithm = expand_log(s.product);
  return fma(s.t, polynomial(s.t, lgamma_near_two), select(s.up, -logarithm, logarithm));
}

Lane lgamma_from_8(Lane x) {
  const Double logarithm = precise_log(x);
  const Lane factor = x - 0.5, inverse = 1.0 / x;
  const Double product = exact_product(factor, logarithm.high);
  const Lane low = fma(factor, logarithm.low, product.low);
  const Double rest = exact_sum(product.high, -x);
  const Lane series = fma(inverse, polynomial(inverse * inverse, lgamma_far), like(x, log_root_two_pi));
  // Where the product could overflow, all else is too small to count.
  const Lane huge = x * ((logarithm.high - 1.0) + logarithm.low);
  return select(x > 0x1p100, huge, rest.high + (rest.low + (low + series)));
}

Lane lgamma_of_magnitude(Lane x) {
  const Lane y = select(x < 8.0, lgamma_below_8(x), lgamma_from_8(x));
  return select(x == infinity, x, y);
}

// lgamma(-x) = log(pi / (x |sin(pi x)|)) - lgamma(x).
Lane reflected_lgamma(Lane x, Lane of_magnitude) {
  const Lane rest = x - round_even(x);
  const Lane logarithm = expand_log(std::numbers::pi / (x * abs(sin_pi(rest))));
  const Lane pole = (rest == 0.0) | (x == infinity);
  return select(x < 0x1p-60, of_magnitude, select(pole, like(x, infinity), logarithm - of_magnitude));
}

Lane digamma_of_magnitude(Lane x) {
  const Steps s = steps_to_two(x);
  const Lane near = polynomial(s.t, digamma_near_two) + select(s.up, -s.reciprocals, s.reciprocals);
  const Lane inverse = 1.0 / x, square = inverse * inverse;
  const Lane far = expand_log(x) - fma(square, polynomial(square, digamma_far), inverse * 0.5);
  return select(x < 8.0, near, far);
}

Lane digamma(Lane x) {
  const Lane negative = x < 0.0;
  const Lane y = digamma_of_magnitude(select(negative, 1.0 - x, x));
  const Lane pole = negative & (trunc(x) == x);
  return select(pole, like(x, quiet_nan), select(negative, y - pi_cot_pi(x - round_even(x)), y));
}

// x^-n.
Lane inverse_power(Lane x, int n) {
  const Lane inverse = 1.0 / x;
  Lane power = inverse;
  for (int i = 1; i < n; ++i) power = power * inverse;
  return power;
}

double factorial(int n) {
  double product = 1;
  for (int i = 2; i <= n; ++i) product *= i;
  return product;
}

// n! (1/x^(n+1) + 1/(x+1)^(n+1) + ...) for x > 0: the first terms, and Euler's and Maclaurin's sum of the
// rest.
Lane power_sum(Lane x, int n) {
  constexpr double bernoulli[] = {1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6};
  const int terms = 16 + n;
  const Lane far = x > like(x, terms), end = select(far, x, x + static_cast<double>(terms));
  Lane sum = inverse_power(end, n) * factorial(n - 1) + inverse_power(end, n + 1) * (factorial(n) / 2);
  double factor = factorial(n + 1) / 2;  // (2k + n - 1)! / (2k)!
  for (int k = 1; k <= 7; ++k) {
    sum = sum + inverse_power(end, 2 * k + n) * (bernoulli[k - 1] * factor);
    factor *= static_cast<double>((2 * k + n) * (2 * k + n + 1)) / ((2 * k + 1) * (2 * k + 2));
  }
  Lane first = like(x, 0);
  for (int k = terms - 1; k >= 0; --k)
    first = first + inverse_power(x + static_cast<double>(k), n + 1) * factorial(n);
  return select(far, sum, sum + first);
}

// The n-th derivative of pi cot(pi x): pi^(n+1) times a polynomial in c = cot(pi x), whose own derivative is
// -pi (1 + c^2).
Lane cotangent_derivative(Lane x, int n) {
  std::vector<double> c{0, 1};
  for (int i = 0; i < n; ++i) {
    std::vector<double> next(c.size() + 1);
    for (std::size_t k = 1; k < c.size(); ++k) {
      next[k - 1] -= static_cast<double>(k) * c[k];
      next[k + 1] -= static_cast<double>(k) * c[k];
    }
    c = next;
  }
  double scale = std::numbers::pi;
  for (int i = 0; i < n; ++i) scale *= std::numbers::pi;
  return polynomial(pi_cot_pi(x - round_even(x)) / std::numbers::pi, c) * scale;
}

}  // namespace

Lane expand_lgamma(Lane x) {
  if (x.type() == Type::f32) return through_f64(expand_lgamma, x);
  const Lane magnitude = abs(x), y = lgamma_of_magnitude(magnitude);
  return select(x < 0.0, reflected_lgamma(magnitude, y), y);
}

// Of order n > 0, with s = (-1)^(n+1): s power_sum(x) where x is not negative; the reflection at 1/2
// elsewhere.
Lane expand_polygamma(Lane x, int order) {
  if (x.type() == Type::f32) return through_f64([&](Lane wide) { return expand_polygamma(wide, order); }, x);
  if (order == 0) return digamma(x);
  const Lane negative = x < 0.0;
  const Lane sum = power_sum(select(negative, 1.0 - x, x), order);
  const Lane reflected = -(sum + cotangent_derivative(x, order));
  return select(negative, reflected, order % 2 ? sum : -sum);
}

}  // namespace twofold::lanes::functions
