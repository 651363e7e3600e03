// Arithmetic, elementwise. Operands broadcast and promote; integers wrap.
#include "kernels/index.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

// All of one shape, as far as it is known.
void infer_add_n(Infer& c) {
  if (c.in.empty())
    throw ValueError({.op = c.op.name, .argument = "parts", .got = "no tensors", .expected = "at least one"});
  Shape shape = c.in[0].shape;
  for (const Meta& m : c.in) {
    if (!shape.compatible(m.shape))
      throw ShapeError({.op = c.op.name,
                        .argument = "parts",
                        .got = to_string(m.shape) + " after " + to_string(shape),
                        .expected = "one shape"});
    if (m.shape.known()) shape = m.shape;
  }
  c.out.push_back({c.in[0].dtype, shape});
}

void run_add_n(const Call& c) {
  copy(c.x(0), c.y());
  for (std::size_t i = 1; i < c.in.size(); ++i) add_into(c.y(), *c.in[i]);
}

}  // namespace

constinit const Op arithmetic_rows[] = {
    {
        .name = "add",
        .sig = "x: number, y: number",
        .torch = "add(input, other)",
        .tf = "add(x, y)",
        .doc = "x + y.",
        .lanes = [](Lanes x) { return x[0] + x[1]; },
        .ref = [](double x, double y) { return x + y; },
        .ulp = 0.5,
        .samples = "f32[3,4], f32[3,4] | f32[3,1], f32[4] | f64[2,3]:strided, f64[] | f16[5], f16[5] | "
                   "bf16[3], bf16[3] | "
                   "i32[4], i32[4] | i64[3], f32[3] | u8[3], i8[3] | f32[0,3], f32[3] | f32[16385], f32[1] | "
                   "f32[4]:special, f32[4]:special | !f32[2], f32[3] -> shape | !bool[2], bool[2] -> dtype",
    },
    {
        .name = "sub",
        .sig = "x: number, y: number",
        .torch = "sub(input, other)",
        .tf = "subtract(x, y)",
        .doc = "x - y.",
        .lanes = [](Lanes x) { return x[0] - x[1]; },
        .ref = [](double x, double y) { return x - y; },
        .ulp = 0.5,
        .samples =
            "f32[3,4], f32[3,4] | f64[2,1], f64[3]:strided | f16[5], f16[] | i8[4], i8[4] | f32[0], f32[1] | "
            "!f32[2,2], f32[3] -> shape",
    },
    {
        .name = "mul",
        .sig = "x: number, y: number",
        .torch = "mul(input, other)",
        .tf = "multiply(x, y)",
        .doc = "x * y.",
        .lanes = [](Lanes x) { return x[0] * x[1]; },
        .ref = [](double x, double y) { return x * y; },
        .ulp = 0.5,
        .samples = "f32[3,4], f32[3,4] | f64[3], f64[2,1]:strided | bf16[7], bf16[7] | i16[4], i16[4] | "
                   "f32[0], f32[0] | "
                   "f32[3], i64[3] | !f32[2], f32[5] -> shape | !bool[2], bool[2] -> dtype",
    },
    {
        .name = "div",
        .sig = "x: number, y: number",
        .torch = "div(input, other)",
        .tf = "truediv(x, y)",
        .doc = "x / y, true division: integers become f32.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return x[0] / x[1]; },
        .ref = [](double x, double y) { return x / y; },
        .ulp = 0.5,
        .samples = "f32[3,4], f32[3,4]:positive | f64[3], f64[2,1]:positive | f16[5], f16[5]:positive | "
                   "i32[4]:positive, i32[4]:positive | f32[4]:special, f32[4]:special | f32[0], f32[0] | "
                   "!f32[2], f32[3] -> shape",
    },
    {
        .name = "pow",
        .sig = "x: float, y: float",
        .torch = "pow(input, exponent)",
        .tf = "pow(x, y)",
        .doc = "x to the power y.",
        .lanes = [](Lanes x) { return pow(x[0], x[1]); },
        .ref = [](double x, double y) { return std::pow(x, y); },
        .ulp = 2,
        .samples = "f32[3,4]:positive, f32[4] | f64[5]:positive, f64[5] | f16[6]:positive, f16[6] | f32[0], "
                   "f32[0] | "
                   "!i32[2], i32[2] -> dtype | !f32[2], f32[3] -> shape",
    },
    {
        .name = "maximum",
        .sig = "x: number, y: number",
        .torch = "maximum(input, other)",
        .tf = "maximum(x, y)",
        .doc = "The larger of x and y; NaN if either is NaN. A tie splits the gradient equally.",
        .lanes = [](Lanes x) { return max(x[0], x[1]); },
        .ref = [](double x, double y) { return std::isnan(x)   ? x
                                               : std::isnan(y) ? y
                                                               : std::max(x, y); },
        .samples = "f32[3,4], f32[4] | f64[5], f64[5]:strided | i32[4], i32[4] | f16[3], f16[3] | "
                   "f32[4]:special, f32[4]:special | !f32[2], f32[3] -> shape",
    },
    {
        .name = "minimum",
        .sig = "x: number, y: number",
        .torch = "minimum(input, other)",
        .tf = "minimum(x, y)",
        .doc = "The smaller of x and y; NaN if either is NaN. A tie splits the gradient equally.",
        .lanes = [](Lanes x) { return min(x[0], x[1]); },
        .ref = [](double x, double y) { return std::isnan(x)   ? x
                                               : std::isnan(y) ? y
                                                               : std::min(x, y); },
        .samples = "f32[3,4], f32[4] | f64[5], f64[5]:strided | i64[4], i64[4] | bf16[3], bf16[3] | !f32[2], "
                   "f32[3] -> shape",
    },
    {
        .name = "neg",
        .sig = "x: number",
        .torch = "neg(input)",
        .tf = "negative(x)",
        .doc = "-x.",
        .lanes = [](Lanes x) { return -x[0]; },
        .ref = [](double x) { return -x; },
        .samples = "f32[3,4] | f64[2,1,5]:strided | i32[4] | f16[0] | !bool[2] -> dtype",
    },
    {
        .name = "abs",
        .sig = "x: number",
        .torch = "abs(input)",
        .tf = "abs(x)",
        .doc = "The magnitude of x; its derivative at 0 is 0.",
        .lanes = [](Lanes x) { return abs(x[0]); },
        .ref = [](double x) { return std::fabs(x); },
        .samples = "f32[3,4] | f64[5]:strided | i32[4] | bf16[4] | f32[4]:special | !bool[2] -> dtype",
    },
    {
        .name = "square",
        .sig = "x: number",
        .torch = "square(input)",
        .tf = "square(x)",
        .doc = "x * x.",
        .lanes = [](Lanes x) { return x[0] * x[0]; },
        .ref = [](double x) { return x * x; },
        .ulp = 0.5,
        .samples = "f32[3,4] | f64[5]:strided | i32[4] | f16[4] | !bool[2] -> dtype",
    },
    {
        .name = "sqrt",
        .sig = "x: float",
        .torch = "sqrt(input)",
        .tf = "sqrt(x)",
        .doc = "The square root of x, correctly rounded.",
        .lanes = [](Lanes x) { return sqrt(x[0]); },
        .ref = [](double x) { return std::sqrt(x); },
        .ulp = 0.5,
        .samples =
            "f32[3,4]:positive | f64[5]:positive | f16[4]:positive | f32[4]:special | !i32[2] -> dtype",
    },
    {
        .name = "rsqrt",
        .sig = "x: float",
        .torch = "rsqrt(input)",
        .tf = "rsqrt(x)",
        .doc = "1 / sqrt(x).",
        .lanes = [](Lanes x) { return rsqrt(x[0]); },
        .ref = [](double x) { return 1 / std::sqrt(x); },
        .ulp = 2,
        .samples = "f32[3,4]:positive | f64[5]:positive | f16[4]:positive | !i32[2] -> dtype",
    },
    {
        .name = "add_n",
        .sig = "*parts: number",
        .torch = "",
        .tf = "add_n(inputs)",
        .doc = "The sum of tensors of one shape, added in their order.",
        .infer = infer_add_n,
        .cpu = run_add_n,
        .vjp = [](Vjp& c) -> Tensors { return Tensors(static_cast<std::size_t>(c.inputs()), c.g()); },
        .ref = [](const core::RefCall& c) -> std::vector<core::RefTensor> {
          core::RefTensor out = c.in[0];
          for (std::size_t p = 1; p < c.in.size(); ++p)
            for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] += c.in[p].values[i];
          return {out};
        },
        .ulp = 4,
        .samples = "f32[3,4], f32[3,4], f32[3,4] | f64[5]:strided, f64[5] | i32[3] | f16[4], f16[4] | f32[], "
                   "f32[] | f32[0], "
                   "f32[0] | f32[3], f64[3] | !f32[3], f32[1] -> shape | !f32[2], f32[2,1] -> shape | "
                   "!bool[2], bool[2] -> "
                   "dtype",
    },
};
constinit Rows arithmetic{"arithmetic", arithmetic_rows};

}  // namespace twofold::ops
