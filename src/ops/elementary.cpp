// Elementary functions of one float (atan2 of two).
#include <numbers>

#include "ops/rows.h"

namespace twofold::ops {
namespace {

// By its recurrence up to 40 and its asymptotic series from there; by reflection below 0.
long double digamma(long double x) {
  constexpr long double pi = std::numbers::pi_v<long double>;
  if (x == 0) return std::copysign(std::numeric_limits<long double>::infinity(), -x);
  if (x < 0) {
    const long double rest = x - std::nearbyint(x);
    return rest == 0 ? std::numeric_limits<long double>::quiet_NaN()
                     : digamma(1 - x) - pi / std::tan(pi * rest);
  }
  long double sum = 0;
  for (; x < 40; ++x) sum -= 1 / x;
  const long double z = 1 / (x * x);
  return sum + (std::log(x) - 0.5L / x - z * (1.0L / 12 - z * (1.0L / 120 - z * (1.0L / 252 - z / 240))));
}

}  // namespace

constinit const Op elementary_rows[] = {
    {
        .name = "exp",
        .sig = "x: float",
        .torch = "exp(input)",
        .tf = "exp(x)",
        .doc = "e to the power x.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return exp(x[0]); },
        .ref = [](double x) { return std::exp(x); },
        .ulp = 1,
        .samples = "f32[3,4] | f64[2,1,5]:strided | f16[4] | bf16[4] | f32[0] | f32[] | f32[16385] | "
                   "f32[8]:special | i32[3]:positive",
    },
    {
        .name = "expm1",
        .sig = "x: float",
        .torch = "expm1(input)",
        .tf = "expm1(x)",
        .doc = "exp(x) - 1 without cancellation near 0.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return expm1(x[0]); },
        .ref = [](double x) { return std::expm1(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | f32[8]:special | i64[3]:positive",
    },
    {
        .name = "log",
        .sig = "x: float",
        .torch = "log(input)",
        .tf = "log(x)",
        .doc = "The natural logarithm.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return log(x[0]); },
        .ref = [](double x) { return std::log(x); },
        .ulp = 1,
        .samples = "f32[3,4]:positive | f64[2,1,5]:positive | f16[4]:positive | f32[0] | f32[8]:special | "
                   "i32[3]:positive",
    },
    {
        .name = "log1p",
        .sig = "x: float",
        .torch = "log1p(input)",
        .tf = "log1p(x)",
        .doc = "log(1 + x) without cancellation near 0.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return log1p(x[0]); },
        .ref = [](double x) { return std::log1p(x); },
        .ulp = 2,
        .samples = "f32[3,4]:positive | f64[5]:positive | f16[4]:positive | f32[8]:special | bool[3]",
    },
    {
        .name = "sin",
        .sig = "x: float",
        .torch = "sin(input)",
        .tf = "sin(x)",
        .doc = "Sine, x in radians.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return sin(x[0]); },
        .ref = [](double x) { return std::sin(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | f32[8]:special | i32[3]:positive",
    },
    {
        .name = "cos",
        .sig = "x: float",
        .torch = "cos(input)",
        .tf = "cos(x)",
        .doc = "Cosine, x in radians.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return cos(x[0]); },
        .ref = [](double x) { return std::cos(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | f32[8]:special | i32[3]:positive",
    },
    {
        .name = "tanh",
        .sig = "x: float",
        .torch = "tanh(input)",
        .tf = "tanh(x)",
        .doc = "Hyperbolic tangent.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return tanh(x[0]); },
        .ref = [](double x) { return std::tanh(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[2,1,5]:strided | f16[4] | f32[0] | f32[8]:special | i32[3]:positive",
    },
    {
        .name = "sigmoid",
        .sig = "x: float",
        .torch = "sigmoid(input)",
        .tf = "sigmoid(x)",
        .doc = "1 / (1 + exp(-x)).",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return sigmoid(x[0]); },
        .ref = [](double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[2,1,5]:strided | f16[4] | bf16[4] | f32[8]:special | i32[3]:positive",
    },
    {
        .name = "erf",
        .sig = "x: float",
        .torch = "erf(input)",
        .tf = "erf(x)",
        .doc = "The error function.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return erf(x[0]); },
        .ref = [](double x) { return std::erf(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | f32[8]:special | i32[3]:positive",
    },
    {
        .name = "relu",
        .sig = "x: number",
        .torch = "nn.functional.relu(input)",
        .tf = "nn.relu(features)",
        .doc = "x where positive, else 0; NaN stays NaN. The derivative at 0 is 0.",
        .lanes =
            [](Lanes x) { return select(x[0] <= x.constant(0, x.type()), x.constant(0, x.type()), x[0]); },
        .ref = [](double x) { return x <= 0 ? 0 : x; },
        .samples = "f32[3,4] | f64[5]:strided | i32[4] | f16[4] | f32[8]:special | !bool[2] -> dtype",
    },
    {
        .name = "tan",
        .sig = "x: float",
        .torch = "tan(input)",
        .tf = "tan(x)",
        .doc = "Tangent, x in radians.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return tan(x[0]); },
        .ref = [](double x) { return std::tan(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | i32[3]:is(1,0,1) | f32[12]:special | f32[0]",
    },
    {
        .name = "asin",
        .sig = "x: float",
        .torch = "asin(input)",
        .tf = "asin(x)",
        .doc = "The angle in [-pi/2, pi/2] whose sine is x; NaN outside [-1, 1].",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return asin(x[0]); },
        .ref = [](double x) { return std::asin(x); },
        .ulp = 2,
        .samples =
            "f32[3,4]:unit | f64[5]:unit:strided | f16[4]:unit | i32[3]:is(1,0,1) | f32[12]:special | f32[0]",
    },
    {
        .name = "acos",
        .sig = "x: float",
        .torch = "acos(input)",
        .tf = "acos(x)",
        .doc = "The angle in [0, pi] whose cosine is x; NaN outside [-1, 1].",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return acos(x[0]); },
        .ref = [](double x) { return std::acos(x); },
        .ulp = 2,
        .samples =
            "f32[3,4]:unit | f64[5]:unit:strided | f16[4]:unit | i32[3]:is(1,0,1) | f32[12]:special | f32[0]",
    },
    {
        .name = "atan",
        .sig = "x: float",
        .torch = "atan(input)",
        .tf = "atan(x)",
        .doc = "The angle in [-pi/2, pi/2] whose tangent is x.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return atan(x[0]); },
        .ref = [](double x) { return std::atan(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | i32[3]:is(1,0,1) | f32[12]:special | f32[0]",
    },
    {
        .name = "atan2",
        .sig = "x: float, y: float",
        .torch = "atan2(input, other)",
        .tf = "atan2(y, x)",
        .doc = "The angle in [-pi, pi] of the point with height x and width y.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return atan2(x[0], x[1]); },
        .ref = [](double x, double y) { return std::atan2(x, y); },
        .ulp = 1,
        .samples = "f32[3,4], f32[3,4] | f64[3,1], f64[4]:strided | f16[5], f16[5] | i32[3], i64[3] | "
                   "f32[12,1]:special, f32[12]:special | f64[12,1]:special, f64[12]:special | f32[0], f32[1] "
                   "| !f32[2], f32[3] -> shape",
    },
    {
        .name = "sinh",
        .sig = "x: float",
        .torch = "sinh(input)",
        .tf = "sinh(x)",
        .doc = "Hyperbolic sine.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return sinh(x[0]); },
        .ref = [](double x) { return std::sinh(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | i32[3]:is(1,0,1) | f32[12]:special | f32[0]",
    },
    {
        .name = "cosh",
        .sig = "x: float",
        .torch = "cosh(input)",
        .tf = "cosh(x)",
        .doc = "Hyperbolic cosine.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return cosh(x[0]); },
        .ref = [](double x) { return std::cosh(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | i32[3]:is(1,0,1) | f32[12]:special | f32[0]",
    },
    {
        .name = "asinh",
        .sig = "x: float",
        .torch = "asinh(input)",
        .tf = "asinh(x)",
        .doc = "The number whose hyperbolic sine is x.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return asinh(x[0]); },
        .ref = [](double x) { return std::asinh(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | i32[3]:is(1,0,1) | f32[12]:special | f32[0] | "
                   "f64[2]:is(1000000000,-1000000000)",
    },
    {
        .name = "acosh",
        .sig = "x: float",
        .torch = "acosh(input)",
        .tf = "acosh(x)",
        .doc = "The number, not negative, whose hyperbolic cosine is x; NaN below 1.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return acosh(x[0]); },
        .ref = [](double x) { return std::acosh(x); },
        .ulp = 2,
        .samples = "f32[3]:is(2,3,5) | f64[4]:is(2,3,5,1000000000):strided | f16[3]:is(2,7,4) | "
                   "i32[3]:is(1,4,0) | f32[12]:special | f32[0]",
    },
    {
        .name = "atanh",
        .sig = "x: float",
        .torch = "atanh(input)",
        .tf = "atanh(x)",
        .doc = "The number whose hyperbolic tangent is x; NaN outside [-1, 1].",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return atanh(x[0]); },
        .ref = [](double x) { return std::atanh(x); },
        .ulp = 2,
        .samples =
            "f32[3,4]:unit | f64[5]:unit:strided | f16[4]:unit | i32[3]:is(1,0,1) | f32[12]:special | f32[0]",
    },
    {
        .name = "exp2",
        .sig = "x: float",
        .torch = "exp2(input)",
        .doc = "2 to the power x.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return exp2(x[0]); },
        .ref = [](double x) { return std::exp2(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | i32[3]:is(1,0,1) | f32[12]:special | f32[0] | "
                   "f64[3]:is(10,-3,3)",
    },
    {
        .name = "log2",
        .sig = "x: float",
        .torch = "log2(input)",
        .doc = "The logarithm to base 2, exact for powers of 2.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return log2(x[0]); },
        .ref = [](double x) { return std::log2(x); },
        .ulp = 1,
        .samples = "f32[3,4]:positive | f64[5]:positive:strided | f16[4]:positive | i32[3]:is(1,0,1) | "
                   "f32[12]:special | f32[0]",
    },
    {
        .name = "log10",
        .sig = "x: float",
        .torch = "log10(input)",
        .doc = "The logarithm to base 10, exact for powers of 10.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return log10(x[0]); },
        .ref = [](double x) { return std::log10(x); },
        .ulp = 1,
        .samples = "f32[3,4]:positive | f64[5]:positive:strided | f16[4]:positive | i32[3]:is(1,0,1) | "
                   "f32[12]:special | f32[0] | f64[3]:is(1000,100000,1)",
    },
    {
        .name = "erfc",
        .sig = "x: float",
        .torch = "erfc(input)",
        .tf = "erfc(x)",
        .doc = "1 - erf(x) without cancellation for large x.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return erfc(x[0]); },
        .ref = [](double x) { return std::erfc(x); },
        .ulp = 4,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | i32[3]:is(1,0,1) | f32[12]:special | f32[0] | "
                   "f64[2]:is(20,-20)",
    },
    {
        .name = "lgamma",
        .sig = "x: float",
        .torch = "lgamma(input)",
        .tf = "lgamma(x)",
        .doc = "The logarithm of the gamma function's magnitude; infinity at 0, -1, -2, ...",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return lgamma(x[0]); },
        .ref = [](double x) { return std::lgamma(x); },
        .ulp = 16,
        .samples =
            "f32[3,4]:positive | f64[5]:positive:strided | f64[3]:is(3,9,100) | f32[5] | f16[4]:positive | "
            "i32[3]:is(1,0,4) | f32[12]:special | f32[0]",
    },
    {
        .name = "digamma",
        .sig = "x: float",
        .torch = "digamma(input)",
        .tf = "digamma(x)",
        .doc = "The derivative of lgamma; NaN at -1, -2, ...",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return polygamma(x[0], 0); },
        .ref = [](double x) { return static_cast<double>(digamma(x)); },
        .ulp = 16,
        .samples =
            "f32[3,4]:positive | f64[5]:positive:strided | f64[3]:is(3,9,100) | f32[5] | f16[4]:positive | "
            "i32[3]:is(1,0,4) | f32[12]:special | f32[0]",
    },
};
constinit Rows elementary{"elementary", elementary_rows};

}  // namespace twofold::ops
