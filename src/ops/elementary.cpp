// Elementary functions of one float.
#include "ops/rows.h"

namespace twofold::ops {

constinit const Op elementary_rows[] = {
    {
        .name = "exp",
        .sig = "x: float",
        .torch = "exp(input)",
        .tf = "exp(x)",
        .doc = "e to the power x.",
        .lanes = [](Lanes x) { return exp(x[0]); },
        .ref = [](double x) { return std::exp(x); },
        .ulp = 1,
        .samples = "f32[3,4] | f64[2,1,5]:strided | f16[4] | bf16[4] | f32[0] | f32[] | f32[16385] | "
                   "f32[8]:special | !i32[2] -> dtype",
    },
    {
        .name = "expm1",
        .sig = "x: float",
        .torch = "expm1(input)",
        .tf = "expm1(x)",
        .doc = "exp(x) - 1 without cancellation near 0.",
        .lanes = [](Lanes x) { return expm1(x[0]); },
        .ref = [](double x) { return std::expm1(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | f32[8]:special | !i64[2] -> dtype",
    },
    {
        .name = "log",
        .sig = "x: float",
        .torch = "log(input)",
        .tf = "log(x)",
        .doc = "The natural logarithm.",
        .lanes = [](Lanes x) { return log(x[0]); },
        .ref = [](double x) { return std::log(x); },
        .ulp = 1,
        .samples = "f32[3,4]:positive | f64[2,1,5]:positive | f16[4]:positive | f32[0] | f32[8]:special | "
                   "!i32[2] -> dtype",
    },
    {
        .name = "log1p",
        .sig = "x: float",
        .torch = "log1p(input)",
        .tf = "log1p(x)",
        .doc = "log(1 + x) without cancellation near 0.",
        .lanes = [](Lanes x) { return log1p(x[0]); },
        .ref = [](double x) { return std::log1p(x); },
        .ulp = 2,
        .samples =
            "f32[3,4]:positive | f64[5]:positive | f16[4]:positive | f32[8]:special | !bool[2] -> dtype",
    },
    {
        .name = "sin",
        .sig = "x: float",
        .torch = "sin(input)",
        .tf = "sin(x)",
        .doc = "Sine, x in radians.",
        .lanes = [](Lanes x) { return sin(x[0]); },
        .ref = [](double x) { return std::sin(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | f32[8]:special | !i32[2] -> dtype",
    },
    {
        .name = "cos",
        .sig = "x: float",
        .torch = "cos(input)",
        .tf = "cos(x)",
        .doc = "Cosine, x in radians.",
        .lanes = [](Lanes x) { return cos(x[0]); },
        .ref = [](double x) { return std::cos(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | f32[8]:special | !i32[2] -> dtype",
    },
    {
        .name = "tanh",
        .sig = "x: float",
        .torch = "tanh(input)",
        .tf = "tanh(x)",
        .doc = "Hyperbolic tangent.",
        .lanes = [](Lanes x) { return tanh(x[0]); },
        .ref = [](double x) { return std::tanh(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[2,1,5]:strided | f16[4] | f32[0] | f32[8]:special | !i32[2] -> dtype",
    },
    {
        .name = "sigmoid",
        .sig = "x: float",
        .torch = "sigmoid(input)",
        .tf = "sigmoid(x)",
        .doc = "1 / (1 + exp(-x)).",
        .lanes = [](Lanes x) { return sigmoid(x[0]); },
        .ref = [](double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[2,1,5]:strided | f16[4] | bf16[4] | f32[8]:special | !i32[2] -> dtype",
    },
    {
        .name = "erf",
        .sig = "x: float",
        .torch = "erf(input)",
        .tf = "erf(x)",
        .doc = "The error function.",
        .lanes = [](Lanes x) { return erf(x[0]); },
        .ref = [](double x) { return std::erf(x); },
        .ulp = 2,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | f32[8]:special | !i32[2] -> dtype",
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
};
constinit Rows elementary{"elementary", elementary_rows};

}  // namespace twofold::ops
