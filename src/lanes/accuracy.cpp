#include "lanes/accuracy.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <mutex>
#include <numbers>
#include <vector>

#include "base/threads.h"
#include "lanes/builder.h"
#include "lanes/execute.h"
#include "twofold/error.h"

namespace twofold::lanes {
namespace {

constexpr std::int64_t block = 4096;

// By its recurrence up to 40, and from there by its asymptotic series.
long double digamma(long double x) {
  constexpr long double pi = std::numbers::pi_v<long double>;
  if (x == 0) return std::copysign(std::numeric_limits<long double>::infinity(), -x);
  if (x < 0) {
    const long double rest = x - std::nearbyint(x);
    if (!(std::fabs(rest) > 0)) return std::numeric_limits<long double>::quiet_NaN();
    return digamma(1 - x) - pi * std::cos(pi * rest) / std::sin(pi * rest);
  }
  long double sum = 0;
  for (; x < 40; ++x) sum -= 1 / x;
  const long double z = 1 / (x * x);
  const long double series =
      z * (1.0L / 12 -
           z * (1.0L / 120 - z * (1.0L / 252 - z * (1.0L / 240 - z * (1.0L / 132 - z * 691 / 32760)))));
  return sum + (std::log(x) - 0.5L / x - series);
}

template <class W>
W sigmoid(W x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}
template <class W>
W rsqrt(W x) {
  return 1 / std::sqrt(x);
}
template <class W>
W digamma_of(W x) {
  return static_cast<W>(digamma(x));
}

// The C library's functions and ours, in double where floats are measured and long double where doubles are.
template <class W>
struct Reference {
  Opcode function;
  W (*of)(W);
};
template <class W>
constexpr Reference<W> references[] = {
    {Opcode::exp, std::exp},         {Opcode::expm1, std::expm1}, {Opcode::exp2, std::exp2},
    {Opcode::log, std::log},         {Opcode::log1p, std::log1p}, {Opcode::log2, std::log2},
    {Opcode::log10, std::log10},     {Opcode::sin, std::sin},     {Opcode::cos, std::cos},
    {Opcode::tan, std::tan},         {Opcode::asin, std::asin},   {Opcode::acos, std::acos},
    {Opcode::atan, std::atan},       {Opcode::sinh, std::sinh},   {Opcode::cosh, std::cosh},
    {Opcode::tanh, std::tanh},       {Opcode::asinh, std::asinh}, {Opcode::acosh, std::acosh},
    {Opcode::atanh, std::atanh},     {Opcode::erf, std::erf},     {Opcode::erfc, std::erfc},
    {Opcode::lgamma, std::lgamma},   {Opcode::sigmoid, sigmoid},  {Opcode::rsqrt, rsqrt},
    {Opcode::polygamma, digamma_of},
};

template <class W>
W reference(Opcode function, W x, W y) {
  if (function == Opcode::pow) return std::pow(x, y);
  if (function == Opcode::atan2) return std::atan2(x, y);
  for (const Reference<W>& r : references<W>)
    if (r.function == function) return r.of(x);
  throw InternalError({"measure_accuracy", "function", name_of(function), "a named function"});
}

// Doubles are measured above 0, where these are right in all digits of 1/2, though not of a smaller result.
bool has_roots(Opcode function) { return function == Opcode::lgamma || function == Opcode::polygamma; }

// The error of `got` in units in the last place of T at `wanted`. What rounds to infinity may be it.
template <class T, class W>
double ulp_error(Opcode function, T got, W wanted) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (std::isnan(wanted)) return std::isnan(got) ? 0 : infinity;
  if (std::isnan(got)) return infinity;
  if (wanted == 0 && !has_roots(function))
    return got == 0 && std::signbit(got) == std::signbit(wanted) ? 0 : infinity;
  using L = std::numeric_limits<T>;
  const W bound = std::ldexp(W(1), L::max_exponent);
  const W true_value = std::clamp(wanted, -bound, bound);
  const W value = std::isinf(got) ? std::copysign(bound, W(got)) : W(got);
  const int least = has_roots(function) ? -1 : L::min_exponent - 1;
  const int exponent = std::clamp(std::ilogb(true_value), least, L::max_exponent - 1);
  return static_cast<double>(std::ldexp(std::fabs(value - true_value), L::digits - 1 - exponent));
}

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}
double unit(std::uint64_t random) { return static_cast<double>(random >> 11) * 0x1p-53; }

template <class T>
T from_pattern(std::uint64_t bits) {
  if constexpr (sizeof(T) == 4)
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  else
    return std::bit_cast<double>(bits);
}

// Sample i of n as operands x, y.
template <class T>
struct Sampler {
  Opcode function;
  std::int64_t n;

  void operator()(std::int64_t i, T& x, T& y) const {
    const std::uint64_t a = mix(static_cast<std::uint64_t>(2 * i + 1)), b = mix(a + 0x9e3779b97f4a7c15u);
    const bool two_operands = arity_of(function) == 2;
    if (sizeof(T) == 4 && !two_operands) {
      const std::uint64_t part =
          std::max<std::uint64_t>(1, (std::uint64_t{1} << 32) / static_cast<std::uint64_t>(n));
      x = from_pattern<T>(static_cast<std::uint64_t>(i) * part + a % part);
      return;
    }
    x = from_pattern<T>(a), y = from_pattern<T>(b);
    if (i % 2 == 0) x = static_cast<T>(std::exp2(unit(a) * 42 - 31) * (b & 1 ? 1 : -1));
    if ((i % 2 == 0 && function == Opcode::pow) || (sizeof(T) == 8 && has_roots(function))) x = std::fabs(x);
    if (i % 2) return;
    if (two_operands) y = static_cast<T>(second(static_cast<double>(x), b));
  }
  // What makes the result neither overflow nor come near 1 by the first operand's size alone.
  double second(double x, std::uint64_t b) const {
    const double way = unit(b) * 2 - 1;
    if (function == Opcode::pow) return way * (std::numeric_limits<T>::max_exponent + 30) / std::log2(x);
    return (b & 2 ? 1 : -1) * x * std::exp2(way * 40);
  }
};

template <class T>
void measure_range(const Executable& run_function, Sampler<T> sample, std::int64_t begin, std::int64_t end,
                   Accuracy& worst) {
  using W = std::conditional_t<sizeof(T) == 4, double, long double>;
  std::vector<T> x(block), y(block), out(block);
  for (std::int64_t base = begin; base < end; base += block) {
    const std::int64_t count = std::min(block, end - base);
    for (std::int64_t i = 0; i < count; ++i) sample(base + i, x[i], y[i]);
    const Operand in[] = {{x.data(), sizeof(T)}, {y.data(), sizeof(T)}};
    const bool two_operands = arity_of(worst.function) == 2;
    run(run_function, std::span(in, two_operands ? 2 : 1), {}, {out.data(), sizeof(T)}, count);
    for (std::int64_t i = 0; i < count; ++i) {
      const double error = ulp_error<T, W>(worst.function, out[i], reference<W>(worst.function, x[i], y[i]));
      if (error > worst.max_ulp)
        worst.max_ulp = error, worst.worst[0] = x[i], worst.worst[1] = two_operands ? y[i] : 0;
    }
  }
}

template <class T>
Accuracy measure(Opcode function, Type type, Dtype dtype, std::int64_t samples) {
  const bool two = arity_of(function) == 2;
  const std::vector<Type> types(two ? 2 : 1, type);
  const std::vector<Dtype> dtypes(two ? 2 : 1, dtype);
  Builder builder(types);
  const Lane result = two ? builder.append(function, {builder.input(0), builder.input(1)})
                          : builder.append(function, {builder.input(0)});
  const Executable executable(builder.finish(result), dtypes, dtype);
  Accuracy total{.function = function, .type = type, .samples = samples};
  std::mutex mutex;
  parallel_for(samples, 16 * block, [&](std::int64_t begin, std::int64_t end) {
    Accuracy part{.function = function, .type = type};
    measure_range<T>(executable, {function, samples}, begin, end, part);
    const std::lock_guard lock(mutex);
    // Of equal errors the smaller operand, whichever thread comes first.
    const bool worse = part.max_ulp > total.max_ulp;
    if (worse || (part.max_ulp == total.max_ulp && part.worst[0] < total.worst[0])) {
      part.samples = samples;
      total = part;
    }
  });
  return total;
}

}  // namespace

Accuracy measure_accuracy(Opcode function, Type type, std::int64_t samples) {
  if (!is_float(type)) throw InternalError({"measure_accuracy", "type", name_of(type), "f32 or f64"});
  if (type == Type::f32) return measure<float>(function, type, Dtype::f32, samples);
  return measure<double>(function, type, Dtype::f64, samples);
}

}  // namespace twofold::lanes
