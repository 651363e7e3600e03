// Arithmetic, elementwise. Operands broadcast and promote; integers wrap.
#include "kernels/index.h"
#include "ops/reference.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

// f(x, a, b) over three operands that broadcast.
template <class F>
std::vector<core::RefTensor> of_three(const core::RefCall& c, F f) {
  const Shape shape = broadcast(broadcast(c.in[0].shape, c.in[1].shape), c.in[2].shape);
  return tabulate(shape, [&](const Dims& at) {
    const auto element = [&](std::size_t k) { return c.in[k].values[offset(c.in[k].shape, at)]; };
    return f(element(0), element(1), element(2));
  });
}

// A bound that is NaN wins, as x that is NaN does. On the bound the gradient goes to x.
Lane at_least(Lane x, Lane low) { return select((x < low) | (low != low), low, x); }
Lane at_most(Lane x, Lane high) { return select((high < x) | (high != high), high, x); }

double at_least(double x, double low) { return x < low || std::isnan(low) ? low : x; }
double at_most(double x, double high) { return x > high || std::isnan(high) ? high : x; }

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
        .tf = "subtract(x, y) -> Sub",
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
        .tf = "multiply(x, y) -> Mul",
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
        .unlike = "for integers: torch.div(torch.tensor(7), 2) | tf.div(7, 2)",
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
        .tf = "negative(x) -> Neg",
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
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return sqrt(x[0]); },
        .ref = [](double x) { return std::sqrt(x); },
        .ulp = 0.5,
        .samples = "f32[3,4]:positive | f64[5]:positive | f16[4]:positive | f32[4]:special | i32[3]:positive",
    },
    {
        .name = "rsqrt",
        .sig = "x: float",
        .torch = "rsqrt(input)",
        .tf = "rsqrt(x)",
        .doc = "1 / sqrt(x).",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return rsqrt(x[0]); },
        .ref = [](double x) { return 1 / std::sqrt(x); },
        .ulp = 2,
        .samples = "f32[3,4]:positive | f64[5]:positive | f16[4]:positive | i32[3]:positive",
    },
    {
        .name = "reciprocal",
        .sig = "x: float",
        .torch = "reciprocal(input)",
        .tf = "reciprocal(x)",
        .doc = "1 / x.",
        .promote = Promote::to_float,
        .lanes = [](Lanes x) { return 1.0 / x[0]; },
        .ref = [](double x) { return 1 / x; },
        .ulp = 0.5,
        .samples = "f32[3,4] | f64[5]:strided | f16[4] | i32[4]:positive | f32[12]:special | f32[0]",
    },
    {
        .name = "squared_difference",
        .sig = "x: number, y: number",
        .tf = "squared_difference(x, y)",
        .doc = "(x - y) squared.",
        .lanes =
            [](Lanes x) {
              const Lane difference = x[0] - x[1];
              return difference * difference;
            },
        .ref = [](double x, double y) { return (x - y) * (x - y); },
        .ulp = 2,
        .samples = "f32[3,4], f32[4] | f64[2,1], f64[3]:strided | bf16[5], bf16[] | i32[4], i32[4] | "
                   "!f32[2], f32[3] -> shape | !bool[2], bool[2] -> dtype",
    },
    {
        .name = "lerp",
        .sig = "x: float, end: float, weight: float",
        .torch = "lerp(input, end, weight)",
        .doc =
            "x + weight (end - x), reckoned from the nearer of x and end: exactly these at weights 0 and 1.",
        .lanes =
            [](Lanes x) {
              const Lane way = x[1] - x[0];
              return select(abs(x[2]) < 0.5, x[0] + x[2] * way, x[1] - way * (1.0 - x[2]));
            },
        .ref = [](double x, double end, double weight) { return x + weight * (end - x); },
        .ulp = 8,
        .samples =
            "f32[3,4], f32[3,4], f32[]:unit | f64[3,1]:strided, f64[4], f64[4]:unit | "
            "f16[5], f16[5], f16[5]:unit | f32[0], f32[0], f32[1] | !i32[2], i32[2], i32[2] -> dtype | "
            "!f32[2], f32[3], f32[] -> shape",
    },
    {
        .name = "addcmul",
        .sig = "x: number, a: number, b: number, value: real = 1",
        .torch = "addcmul(input, tensor1, tensor2, value=1)",
        .doc = "x + value * a * b.",
        .lanes = [](Lanes x) { return x[0] + x.uniform(0, x.type()) * x[1] * x[2]; },
        .ref =
            [](const core::RefCall& c) {
              return of_three(c, [&](double x, double a, double b) { return x + c.attrs.real(0) * a * b; });
            },
        .ulp = 8,
        .samples = "f32[3,4]:positive, f32[3,4]:positive, f32[3,4]:positive; value=0.5 | f64[3,1]:strided, "
                   "f64[4], f64[] | "
                   "f16[5]:positive, f16[5]:positive, f16[5]:positive | i32[4], i32[4], i32[4]; value=-2 | "
                   "!bool[2], bool[2], bool[2] -> dtype | !f32[2], f32[3], f32[] -> shape",
    },
    {
        .name = "addcdiv",
        .sig = "x: float, a: float, b: float, value: real = 1",
        .torch = "addcdiv(input, tensor1, tensor2, value=1)",
        .doc = "x + value * a / b.",
        .lanes = [](Lanes x) { return x[0] + x.uniform(0, x.type()) * x[1] / x[2]; },
        .ref =
            [](const core::RefCall& c) {
              return of_three(c, [&](double x, double a, double b) { return x + c.attrs.real(0) * a / b; });
            },
        .ulp = 8,
        .samples = "f32[3,4]:positive, f32[3,4]:positive, f32[3,4]:positive; value=0.5 | f64[3,1]:strided, "
                   "f64[4], f64[]:positive | "
                   "f16[5]:positive, f16[5]:positive, f16[5]:positive | !i32[2], i32[2], i32[2] -> dtype | "
                   "!f32[2], f32[3], f32[] -> shape",
    },
    {
        .name = "xlogy",
        .sig = "x: float, y: float",
        .torch = "xlogy(input, other)",
        .tf = "math.xlogy(x, y)",
        .doc = "x * log(y), and 0 where x is 0, unless y is NaN.",
        .promote = Promote::to_float,
        .lanes =
            [](Lanes x) {
              constexpr double infinity = std::numeric_limits<double>::infinity();
              const Lane undefined = (x[0] == 0.0) & ((x[1] <= 0.0) | (x[1] == infinity));
              const Lane harmless = select(undefined, x.constant(1, x.type()), x[1]);
              return x[0] * log(harmless) + 0.0;  // no -0 for 0 * log(0.5)
            },
        .ref = [](double x, double y) { return x == 0 && !std::isnan(y) ? 0 : x * std::log(y); },
        .ulp = 2,
        .samples =
            "f32[3,4], f32[3,4]:positive | f64[3,1]:strided, f64[4]:positive | f16[5], f16[5]:positive | "
            "i32[3], i64[3]:positive | f32[12,1]:special, f32[12]:special | "
            "!f32[2], f32[3] -> shape",
    },
    {
        .name = "clamp_min",
        .sig = "x: number, low: number",
        .torch = "clamp_min(input, min)",
        .tf = "maximum(x, y)",
        .doc = "x, but at least `low`; NaN if either is NaN. Where they are equal the gradient goes to x.",
        .unlike = "in the slope where both are equal: slope(lambda a: torch.maximum(a, torch.ones(2)).sum(), "
                  "[1., 2.]) | slope(lambda a: tf.maximum(a, [1., 1.]), [1., 2.])",
        .lanes = [](Lanes x) { return at_least(x[0], x[1]); },
        .ref = [](double x, double low) { return at_least(x, low); },
        .samples = "f32[3,4], f32[4] | f64[5], f64[]:strided | i32[4], i32[4] | f16[3], f16[3] | "
                   "f32[12]:special, f32[12]:special | !f32[2], f32[3] -> shape | !bool[2], bool[2] -> dtype",
    },
    {
        .name = "clamp_max",
        .sig = "x: number, high: number",
        .torch = "clamp_max(input, max)",
        .tf = "minimum(x, y)",
        .doc = "x, but at most `high`; NaN if either is NaN. Where they are equal the gradient goes to x.",
        .unlike = "in the slope where both are equal: slope(lambda a: torch.minimum(a, torch.ones(2)).sum(), "
                  "[1., 2.]) | slope(lambda a: tf.minimum(a, [1., 1.]), [1., 2.])",
        .lanes = [](Lanes x) { return at_most(x[0], x[1]); },
        .ref = [](double x, double high) { return at_most(x, high); },
        .samples = "f32[3,4], f32[4] | f64[5], f64[]:strided | u8[4], u8[4] | bf16[3], bf16[3] | "
                   "f32[12]:special, f32[12]:special | !f32[2], f32[3] -> shape | !bool[2], bool[2] -> dtype",
    },
    {
        .name = "clamp",
        .sig = "x: number, low: number, high: number",
        .torch = "clamp(input, min, max)",
        .tf = "clip_by_value(t, clip_value_min, clip_value_max)",
        .doc = "x within [low, high]; `high` if they are the wrong way round. On a bound the gradient goes "
               "to x.",
        .unlike = "with bounds the wrong way round: torch.clamp(x, 3, 2) | tf.clip_by_value(x, 3., 2.)",
        .lanes = [](Lanes x) { return at_most(at_least(x[0], x[1]), x[2]); },
        .ref = [](double x, double low, double high) { return at_most(at_least(x, low), high); },
        .samples =
            "f32[3,4], f32[]:is(0), f32[4]:positive | f64[5]:strided, f64[5], f64[5] | i32[4], i32[], i32[4] "
            "| "
            "f16[7], f16[]:is(-1), f16[]:is(1) | f32[12]:special, f32[12]:special, f32[12]:special | "
            "f32[0], f32[1], f32[1] | !f32[2], f32[3], f32[] -> shape | !bool[2], bool[2], bool[2] -> dtype",
    },
    {
        .name = "nan_to_num",
        .sig = "x: float, nan: real, posinf: real, neginf: real",
        .torch = "nan_to_num(input, nan, posinf, neginf)",
        .doc = "x with other numbers in place of NaN, infinity and -infinity, whose gradient is 0.",
        .lanes =
            [](Lanes x) {
              constexpr double infinity = std::numeric_limits<double>::infinity();
              const Lane low = select(x[0] == -infinity, x.uniform(2, x.type()), x[0]);
              const Lane high = select(x[0] == infinity, x.uniform(1, x.type()), low);
              return select(x[0] != x[0], x.uniform(0, x.type()), high);
            },
        .ref =
            [](const core::RefCall& c) {
              return each(c, [](double x, const Attrs& a) {
                return std::isnan(x) ? a.real(0) : !std::isinf(x) ? x : a.real(x > 0 ? 1 : 2);
              });
            },
        .samples =
            "f32[12]:special; nan=0, posinf=9, neginf=-9 | f64[2,3]:strided; nan=0, posinf=1, neginf=1 | "
            "f16[12]:special; nan=1, posinf=65504, neginf=-65504 | f32[0]; nan=0, posinf=1, neginf=2 | "
            "!i32[2]; nan=0, posinf=1, neginf=2 -> dtype",
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
