// Activation functions of networks (relu, tanh and sigmoid stand in elementary.cpp). A branch that select()
// does not take gets a harmless operand: the gradient of an infinity there would be NaN, not 0.
#include "ops/reference.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

using core::RefCall;

Lane constant(Lane x, double value) { return lanes::Lanes{x.builder, 0}.constant(value, x.type()); }

// x where positive, else slope * (e^x - 1).
Lane exponential_unit(Lane x, Lane slope) {
  const Lane positive = x > 0.0;
  return select(positive, x, slope * expm1(select(positive, constant(x, 0), x)));
}

// log(1 + e^-|x|): what softplus has above, and logsigmoid below, two straight lines.
Lane rounding_off(Lane x) { return log1p(exp(-abs(x))); }

double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }

constexpr double selu_slope = 1.6732632423543772, selu_scale = 1.0507009873554805;
constexpr double half_root = 0.70710678118654752;

}  // namespace

constinit const Op activation_rows[] = {
    {
        .name = "relu6",
        .sig = "x: number",
        .torch = "nn.functional.relu6(input)",
        .tf = "nn.relu6(features)",
        .doc = "x within [0, 6]. The derivative at 0 and at 6 is 0.",
        .lanes =
            [](Lanes x) {
              const Lane low = x.constant(0, x.type()), high = x.constant(6, x.type());
              return select(x[0] <= low, low, select(high <= x[0], high, x[0]));
            },
        .ref = [](double x) { return x <= 0   ? 0
                                     : x >= 6 ? 6
                                              : x; },
        .samples =
            "f32[3,4] | f64[5]:strided | i32[4]:is(-3,5,6,7) | f16[4]:is(5,7,9,-1) | f32[12]:special | "
            "!bool[2] -> dtype",
    },
    {
        .name = "leaky_relu",
        .sig = "x: float, slope: real = 0.01",
        .torch = "nn.functional.leaky_relu(input, negative_slope)",
        .tf = "nn.leaky_relu(features, alpha=0.2)",
        .doc = "x where positive, else slope * x. The derivative at 0 is the slope.",
        .unlike = "in the slope: torch.nn.functional.leaky_relu(-x) | tf.nn.leaky_relu(-x)",
        .lanes = [](Lanes x) { return select(x[0] > 0.0, x[0], x[0] * x.uniform(0, x.type())); },
        .ref =
            [](const RefCall& c) {
              return each(c, [](double x, const Attrs& a) { return x > 0 ? x : x * a.real(0); });
            },
        .ulp = 1,
        .samples =
            "f32[3,4] | f64[5]:strided; slope=0.3 | f16[4] | f32[12]:special; slope=2 | !i32[2] -> dtype",
    },
    {
        .name = "elu",
        .sig = "x: float, alpha: real = 1",
        .torch = "nn.functional.elu(input, alpha)",
        .tf = "nn.elu(features)",
        .doc = "x where positive, else alpha * (e^x - 1).",
        .lanes = [](Lanes x) { return exponential_unit(x[0], x.uniform(0, x.type())); },
        .ref =
            [](const RefCall& c) {
              return each(c, [](double x, const Attrs& a) { return x > 0 ? x : a.real(0) * std::expm1(x); });
            },
        .ulp = 3,
        .samples = "f32[3,4] | f64[5]:strided; alpha=0.3 | f16[4] | bf16[4] | f32[12]:special | "
                   "f64[2]:is(800,-800) | "
                   "!i32[2] -> dtype",
    },
    {
        .name = "selu",
        .sig = "x: float",
        .torch = "nn.functional.selu(input)",
        .tf = "nn.selu(features)",
        .doc = "1.0507 * elu(x, alpha=1.6733), which keeps mean 0 and variance 1.",
        .lanes =
            [](Lanes x) { return exponential_unit(x[0], x.constant(selu_slope, x.type())) * selu_scale; },
        .ref = [](double x) { return selu_scale * (x > 0 ? x : selu_slope * std::expm1(x)); },
        .ulp = 4,
        .samples =
            "f32[3,4] | f64[5]:strided | f16[4] | f32[12]:special | f64[2]:is(800,-800) | !i32[2] -> dtype",
    },
    {
        .name = "softplus",
        .sig = "x: float, beta: real = 1, threshold: real = 20",
        .torch = "nn.functional.softplus(input, beta, threshold)",
        .tf = "nn.softplus(features)",
        .doc = "log(1 + e^(beta x)) / beta; x itself where beta x is above the threshold.",
        .lanes =
            [](Lanes x) {
              const Lane beta = x.uniform(0, x.type()), scaled = x[0] * beta;
              const Lane smooth = (max(scaled, x.constant(0, x.type())) + rounding_off(scaled)) / beta;
              return select(scaled > x.uniform(1, x.type()), x[0], smooth);
            },
        .ref =
            [](const RefCall& c) {
              return each(c, [](double x, const Attrs& a) {
                return x * a.real(0) > a.real(1) ? x : softplus(x * a.real(0)) / a.real(0);
              });
            },
        .ulp = 4,
        .samples = "f32[3,4] | f64[5]:strided; beta=0.3 | f16[4]; beta=2, threshold=1 | f32[12]:special | "
                   "f64[3]:is(19,21,-30) | f64[2]:is(25,900); threshold=1000 | !i32[2] -> dtype",
    },
    {
        .name = "softsign",
        .sig = "x: float",
        .torch = "nn.functional.softsign(input)",
        .tf = "nn.softsign(features)",
        .doc = "x / (1 + |x|).",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return x[0] / (abs(x[0]) + 1.0); },
        .ref = [](double x) { return x / (1 + std::fabs(x)); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | i32[3] | f32[12]:special | f32[0]",
    },
    {
        .name = "logsigmoid",
        .sig = "x: float",
        .torch = "nn.functional.logsigmoid(input)",
        .tf = "log_sigmoid(x)",
        .doc = "log(sigmoid(x)), without forming the sigmoid.",
        .lanes = [](Lanes x) { return min(x[0], x.constant(0, x.type())) - rounding_off(x[0]); },
        .ref = [](double x) { return -softplus(-x); },
        .ulp = 4,
        .samples =
            "f32[3,4] | f64[5]:strided | f16[4] | f32[12]:special | f64[2]:is(800,-800) | !i32[2] -> dtype",
    },
    {
        .name = "hardtanh",
        .sig = "x: float, low: real = -1, high: real = 1",
        .torch = "nn.functional.hardtanh(input, min_val, max_val)",
        .doc = "x within [low, high]. The derivative on the bounds is 0.",
        .lanes =
            [](Lanes x) {
              const Lane low = x.uniform(0, x.type()), high = x.uniform(1, x.type());
              return select(x[0] <= low, low, select(high <= x[0], high, x[0]));
            },
        .ref =
            [](const RefCall& c) {
              return each(c, [](double x, const Attrs& a) {
                return x <= a.real(0) ? a.real(0) : x >= a.real(1) ? a.real(1) : x;
              });
            },
        .samples = "f32[3,4] | f64[5]:strided; low=-0.5, high=2 | f16[4]:is(0,2,-2,5) | f32[12]:special | "
                   "!i32[2] -> dtype",
    },
    {
        .name = "silu",
        .sig = "x: float",
        .torch = "nn.functional.silu(input)",
        .tf = "nn.swish(features)",
        .doc = "x * sigmoid(x), elementwise.",
        .lanes = [](Lanes x) { return x[0] * sigmoid(x[0]); },
        .ref = [](double x) { return x / (1 + std::exp(-x)); },
        .ulp = 4,
        .samples = "f32[3,4] | f64[2,1,5]:strided | f16[0] | bf16[4] | f32[16385] | f32[12]:special | "
                   "!i32[2] -> dtype",
    },
    {
        .name = "gelu",
        .sig = "x: float",
        .torch = "nn.functional.gelu(input)",
        .doc = "x times the chance that a standard normal number is below x.",
        .lanes = [](Lanes x) { return x[0] * 0.5 * erfc(x[0] * -half_root); },
        .ref = [](double x) { return x * 0.5 * std::erfc(-x * half_root); },
        .ulp = 8,
        .samples =
            "f32[3,4] | f64[5]:strided | f16[4] | f32[12]:special | f64[2]:is(8,-8) | !i32[2] -> dtype",
    },
};
constinit Rows activation{"activation", activation_rows};

}  // namespace twofold::ops
