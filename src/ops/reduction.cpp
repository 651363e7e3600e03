// Reductions over any axes (an empty list means all of them), in the order of docs/numerics.md.
#include "kernels/reduce.h"

#include "ops/rows.h"

namespace twofold::ops {

Shape reduced_shape(const Shape& shape, const Dims& axes, bool keepdims) {
  Dims out;
  for (int i = 0; i < shape.rank(); ++i)
    if (!axes.contains(i))
      out.push_back(shape[i]);
    else if (keepdims)
      out.push_back(1);
  return Shape(out);
}

namespace {

// Of an unknown rank a reduction over everything still is a scalar.
Meta reduced(const Infer& c, Dtype dtype) {
  const Shape& x = c.in[0].shape;
  if (!x.has_rank())
    return {dtype, c.attrs.dims(0).empty() && !c.attrs.flag(1) ? Shape{} : Shape::unknown_rank()};
  return {dtype, reduced_shape(x, normal_axes(c.attrs.dims(0), x.rank()), c.attrs.flag(1))};
}

void infer_sum(Infer& c) { c.out.push_back(reduced(c, is_floating(c.in[0].dtype) ? c.in[0].dtype : i64)); }
void infer_same_dtype(Infer& c) { c.out.push_back(reduced(c, c.in[0].dtype)); }
void infer_bool(Infer& c) { c.out.push_back(reduced(c, bool_)); }

void infer_extreme(Infer& c) {
  infer_same_dtype(c);
  if (c.in[0].shape.numel() == 0 && c.out[0].shape.numel() != 0)
    throw ValueError({.op = c.op.name,
                      .argument = "x",
                      .got = to_string(c.in[0].shape),
                      .expected = "at least one element to choose from"});
}

template <Reduction kind>
void run(const Call& c) {
  reduce(kind, c.x(0), normal_axes(c.attrs.dims(0), c.x(0).rank()), c.y());
}

// The result's gradient, spread over what was reduced.
Tensor spread_back(Vjp& c, const Tensor& g) {
  return spread(g, c.like(0), c.attrs().dims(0), c.attrs().flag(1));
}

// g divided by how many elements each result joined; a number where the shape is known.
Tensor div_by_count(Vjp& c, const Tensor& g, const Tensor& like) {
  if (!like.shape().known()) return div(g, count(like, c.attrs().dims(0), g.dtype()));
  std::int64_t n = 1;
  for (std::int64_t axis : normal_axes(c.attrs().dims(0), like.rank()))
    n *= like.shape()[static_cast<int>(axis)];
  return div(g, static_cast<double>(n));
}

Tensors extreme_vjp(Vjp& c) {
  // Tied extremes share the gradient equally.
  const Tensor x = c.x(0);
  const Tensor y = spread(c.y(), c.like(0), c.attrs().dims(0), c.attrs().flag(1));
  const Tensor chosen = cast(eq(x, y), x.dtype());
  const Tensor count = sum(chosen, c.attrs().dims(0), c.attrs().flag(1));
  const Tensor share = div(c.g(), count);
  return {mul(spread_back(c, share), chosen)};
}

// Along each axis in turn, the product of the others: no division, so a zero is a number like any other.
Tensors prod_vjp(Vjp& c) {
  Tensor x = c.x(0);
  if (!x.shape().has_rank())
    throw ShapeError({.op = "prod",
                      .argument = "x",
                      .got = "a tensor of unknown rank",
                      .expected = "a known rank, to differentiate it"});
  Tensor g = spread_back(c, c.g());
  for (std::int64_t axis : normal_axes(c.attrs().dims(0), x.rank())) {
    const Tensor before = cumprod(x, axis, true);
    const Tensor after = cumprod(x, axis, true, true);
    g = mul(g, mul(before, after));
    x = prod(x, {axis}, true);
  }
  return {g};
}

// The root of a sum of squares. At 0, where the root has no derivative, the gradient is 0.
Tensor root(const Tensor& squares) {
  const Tensor none = eq(squares, 0.0);
  const Tensor safe = where(none, ones_like(squares), squares);
  return where(none, squares, sqrt(safe));
}

// |x|^p, through which no gradient flows where x is 0.
Tensor power_of_size(const Tensor& x, double p) {
  const Tensor size = abs(x);
  if (p <= 0) return pow(size, p);
  const Tensor none = eq(size, 0.0);
  const Tensor safe = where(none, ones_like(size), size);
  return where(none, size, pow(safe, p));
}

Tensor norm_of(const Tensor& x, double p, const Dims& axes, bool keepdims) {
  if (p == 2) return root(sum(square(x), axes, keepdims));
  if (p == 1) return sum(abs(x), axes, keepdims);
  if (p == 0) return sum(cast(ne(x, 0.0), x.dtype()), axes, keepdims);
  if (std::isinf(p)) return p > 0 ? amax(abs(x), axes, keepdims) : amin(abs(x), axes, keepdims);
  const Tensor total = sum(power_of_size(x, p), axes, keepdims);
  return power_of_size(total, 1 / p);
}

void infer_arg(Infer& c) {
  const Shape& x = ranked(c);
  const int axis = normal_axis(c.attrs.integer(0), x.rank());
  if (x.rank() > 0 && x[axis] == 0)
    throw ValueError({.op = c.op.name,
                      .argument = "x",
                      .got = to_string(x),
                      .expected = "at least one element to choose from"});
  c.out.push_back({i64, reduced_shape(x, Dims{axis}, c.attrs.flag(1))});
}

std::vector<core::RefTensor> reference(const core::RefCall& c, double start, double (*join)(double, double)) {
  const core::RefTensor& x = c.in[0];
  const Dims axes = normal_axes(c.attrs.dims(0), x.shape.rank());
  core::RefTensor out{reduced_shape(x.shape, axes, c.attrs.flag(1)), {}};
  out.values.assign(static_cast<std::size_t>(out.shape.numel()), start);
  for (std::int64_t i = 0; i < x.shape.numel(); ++i) {
    std::int64_t rest = i, at = 0, step = 1;
    for (int d = x.shape.rank() - 1; d >= 0; --d) {
      const std::int64_t k = rest % x.shape[d];
      rest /= x.shape[d];
      if (!axes.contains(d)) at += k * step, step *= x.shape[d];
    }
    double& slot = out.values[static_cast<std::size_t>(at)];
    slot = join(slot, x.values[static_cast<std::size_t>(i)]);
  }
  return {out};
}
std::vector<core::RefTensor> sum_ref(const core::RefCall& c) {
  return reference(c, 0, [](double a, double b) { return a + b; });
}
std::vector<core::RefTensor> mean_ref(const core::RefCall& c) {
  auto out = sum_ref(c);
  const double n = static_cast<double>(c.in[0].values.size()) / static_cast<double>(out[0].values.size());
  for (double& v : out[0].values) v /= n;
  return out;
}
constexpr double inf = std::numeric_limits<double>::infinity();

std::vector<core::RefTensor> var_ref(const core::RefCall& c) {
  const core::RefTensor& x = c.in[0];
  const Dims axes = normal_axes(c.attrs.dims(0), x.shape.rank());
  const Attrs keep{Attr(axes), Attr(false)};
  const auto m = mean_ref({c.in, keep, c.dtypes});
  core::RefTensor squares = x;
  const core::RefTensor in[] = {x};
  // (sum of squares - sum * mean) / (n - correction): exact enough in double.
  for (std::size_t i = 0; i < squares.values.size(); ++i) squares.values[i] = x.values[i] * x.values[i];
  const core::RefTensor sq[] = {squares};
  auto out = sum_ref({sq, keep, c.dtypes});
  const auto s = sum_ref({in, keep, c.dtypes});
  const double n = static_cast<double>(x.values.size()) / static_cast<double>(out[0].values.size());
  for (std::size_t i = 0; i < out[0].values.size(); ++i)
    out[0].values[i] =
        (out[0].values[i] - s[0].values[i] * m[0].values[i]) / (n - double(c.attrs.integer(1)));
  out[0].shape = reduced_shape(x.shape, axes, c.attrs.flag(2));
  return out;
}

// Each element made into a term, the terms added up, the sums finished.
template <class Term, class Finish>
std::vector<core::RefTensor> sum_of_terms(const core::RefCall& c, const Dims& axes, bool keepdims, Term term,
                                          Finish finish) {
  core::RefTensor terms = c.in[0];
  for (double& v : terms.values) v = term(v);
  auto out = sum_ref({{&terms, 1}, Attrs{Attr(axes), Attr(keepdims)}, c.dtypes});
  for (double& v : out[0].values) v = finish(v);
  return out;
}

std::vector<core::RefTensor> norm_ref(const core::RefCall& c) {
  const double p = c.attrs.real(0);
  if (std::isinf(p)) {
    core::RefTensor sizes = c.in[0];
    for (double& v : sizes.values) v = std::fabs(v);
    const core::RefCall call{{&sizes, 1}, Attrs{c.attrs[1], c.attrs[2]}, c.dtypes};
    if (p > 0) return reference(call, 0, [](double a, double b) { return std::max(a, b); });
    return reference(call, inf, [](double a, double b) { return std::min(a, b); });
  }
  return sum_of_terms(
      c, c.attrs.dims(1), c.attrs.flag(2),
      [&](double v) { return p == 0 ? v != 0 : std::pow(std::fabs(v), p); },
      [&](double v) { return p == 0 ? v : std::pow(v, 1 / p); });
}

template <bool maximum>
void run_arg(const Call& c) {
  arg_extreme(maximum, c.x(0), normal_axis(c.attrs.integer(0), c.x(0).rank()), c.y());
}

// The first position that no other one beats.
template <class Beats>
std::vector<core::RefTensor> arg_ref(const core::RefCall& c, Beats beats) {
  const core::RefTensor& x = c.in[0];
  const int axis = normal_axis(c.attrs.integer(0), x.shape.rank());
  std::int64_t inner = 1;
  for (int d = axis + 1; d < x.shape.rank(); ++d) inner *= x.shape[d];
  const std::int64_t n = x.shape.rank() ? x.shape[axis] : 1;
  core::RefTensor out{reduced_shape(x.shape, Dims{axis}, c.attrs.flag(1)), {}};
  for (std::int64_t i = 0; i < out.shape.numel(); ++i) {
    const double* line = x.values.data() + i / inner * inner * n + i % inner;
    std::int64_t best = 0;
    for (std::int64_t k = 1; k < n; ++k) {
      const double challenger = line[k * inner], champion = line[best * inner];
      if (!std::isnan(champion) && (std::isnan(challenger) || beats(challenger, champion))) best = k;
    }
    out.values.push_back(static_cast<double>(best));
  }
  return {out};
}

}  // namespace

constinit const Op reduction_rows[] = {
    {
        .name = "sum",
        .sig = "x: any, axes: ints = [], keepdims: flag = false",
        .torch = "sum(input, dim, keepdim)",
        .tf = "reduce_sum(input_tensor, axis, keepdims) -> Sum(input, reduction_indices)",
        .doc = "The sum over `axes`; integers and bool sum in i64.",
        .infer = infer_sum,
        .cpu = run<Reduction::sum>,
        .vjp = [](Vjp& c) -> Tensors { return {spread_back(c, c.g())}; },
        .ref = sum_ref,
        .ulp = 8,
        .samples = "f32[3,4] | f32[3,4]; axes=[1] | f64[2,3,4]:strided; axes=[0,2], keepdims=true | f16[9] | "
                   "bf16[3,5]; axes=[0] | "
                   "i32[5] | bool[7] | f32[0,3]; axes=[0] | f32[] | f32[63]:positive | f32[64]:positive | "
                   "f32[65]:positive | "
                   "f32[16383]:positive | f32[16385]:positive | f32[3,385]:positive; axes=[1] | "
                   "f32[300,3]:positive; axes=[0] | "
                   "!f32[2]; axes=[1] -> index | !f32[2,2]; axes=[0,0] -> value",
    },
    {
        .name = "mean",
        .sig = "x: float, axes: ints = [], keepdims: flag = false",
        .torch = "mean(input, dim, keepdim)",
        .tf = "reduce_mean(input_tensor, axis, keepdims) -> Mean(input, reduction_indices)",
        .doc = "The mean over `axes`: the sum divided by the count, rounded once.",
        .unlike = "for integers: torch.mean(torch.tensor([1, 2])) | tf.reduce_mean([1, 2])",
        .infer = infer_same_dtype,
        .cpu = run<Reduction::mean>,
        .vjp = [](Vjp& c) -> Tensors {
          const Tensor like = c.like(0);
          const Tensor share = div_by_count(c, c.g(), like);
          return {spread(share, like, c.attrs().dims(0), c.attrs().flag(1))};
        },
        .ref = mean_ref,
        .ulp = 8,
        .samples = "f32[3,4]:positive | f32[3,4]:positive; axes=[1] | f64[2,3,4]:positive; axes=[0,2], "
                   "keepdims=true | "
                   "f16[9]:positive | f32[] | f32[769]:positive | f32[0] | !i32[2] -> dtype | !f32[2]; "
                   "axes=[3] -> index",
    },
    {
        .name = "prod",
        .sig = "x: any, axes: ints = [], keepdims: flag = false",
        .torch = "prod(input, dim, keepdim)",
        .tf = "reduce_prod(input_tensor, axis, keepdims) -> Prod(input, reduction_indices)",
        .doc = "The product over `axes`; integers and bool multiply in i64. The gradient is right at zeros.",
        .infer = infer_sum,
        .cpu = run<Reduction::prod>,
        .vjp = prod_vjp,
        .saves = X0,
        .ref =
            [](const core::RefCall& c) { return reference(c, 1, [](double a, double b) { return a * b; }); },
        .ulp = 8,
        .samples =
            "f32[3,4] | f32[3,4]; axes=[1] | f64[2,3,2]:strided; axes=[0,2], keepdims=true | f16[5] | "
            "bf16[3,2]; axes=[0] | i32[5] | bool[7] | f32[0,3]; axes=[0] | f32[] | f64[5]:is(2,0,3,1,2) | "
            "f64[2,3]:is(0,2,0,1,3,2); axes=[0] | f64[2,3]:is(0,2,3,1,3,2) | f64[4]:is(0,0,2,3) | f32[70] | "
            "!f32[2]; axes=[1] -> index | !f32[2,2]; axes=[0,0] -> value",
    },
    {
        .name = "amax",
        .sig = "x: number, axes: ints = [], keepdims: flag = false",
        .torch = "amax(input, dim, keepdim)",
        .tf = "reduce_max(input_tensor, axis, keepdims) -> Max(input, reduction_indices)",
        .doc = "The largest element over `axes`; NaN if there is one. Ties share the gradient equally.",
        .infer = infer_extreme,
        .cpu = run<Reduction::max>,
        .vjp = extreme_vjp,
        .saves = X0 | Y0,
        .ref =
            [](const core::RefCall& c) {
              return reference(c, -inf, [](double a, double b) { return std::max(a, b); });
            },
        .samples = "f32[3,4] | f32[3,4]; axes=[1] | f64[2,3,4]:strided; axes=[0,2], keepdims=true | i32[5] | "
                   "f16[9] | f32[] | "
                   "f32[16385] | f32[3,0]; axes=[0] | !f32[0] -> value | !f32[2]; axes=[2] -> index",
    },
    {
        .name = "amin",
        .sig = "x: number, axes: ints = [], keepdims: flag = false",
        .torch = "amin(input, dim, keepdim)",
        .tf = "reduce_min(input_tensor, axis, keepdims) -> Min(input, reduction_indices)",
        .doc = "The smallest element over `axes`; NaN if there is one. Ties share the gradient equally.",
        .infer = infer_extreme,
        .cpu = run<Reduction::min>,
        .vjp = extreme_vjp,
        .saves = X0 | Y0,
        .ref =
            [](const core::RefCall& c) {
              return reference(c, inf, [](double a, double b) { return std::min(a, b); });
            },
        .samples = "f32[3,4] | f32[3,4]; axes=[1] | f64[2,3,4]:strided; axes=[0,2], keepdims=true | i32[5] | "
                   "f16[9] | !f32[0] -> value",
    },
    {
        .name = "any",
        .sig = "x: boolean, axes: ints = [], keepdims: flag = false",
        .torch = "any(input, dim, keepdim)",
        .tf = "reduce_any(input_tensor, axis, keepdims) -> Any(input, reduction_indices)",
        .doc = "Does one element over `axes` hold?",
        .unlike = "for numbers: torch.any(x) | tf.reduce_any(x)",
        .infer = infer_bool,
        .cpu = run<Reduction::any>,
        .ref =
            [](const core::RefCall& c) {
              return reference(c, 0, [](double a, double b) { return double(a || b); });
            },
        .samples = "bool[3,4] | bool[3,4]; axes=[1] | bool[0] | bool[2,3]:strided; axes=[0], keepdims=true | "
                   "!f32[2] -> dtype",
    },
    {
        .name = "all",
        .sig = "x: boolean, axes: ints = [], keepdims: flag = false",
        .torch = "all(input, dim, keepdim)",
        .tf = "reduce_all(input_tensor, axis, keepdims) -> All(input, reduction_indices)",
        .doc = "Do all elements over `axes` hold?",
        .unlike = "for numbers: torch.all(x) | tf.reduce_all(x)",
        .infer = infer_bool,
        .cpu = run<Reduction::all>,
        .ref =
            [](const core::RefCall& c) {
              return reference(c, 1, [](double a, double b) { return double(a && b); });
            },
        .samples = "bool[3,4] | bool[3,4]; axes=[1] | bool[0] | bool[2,3]:strided; axes=[0], keepdims=true | "
                   "!f32[2] -> dtype",
    },
    {
        .name = "argmax",
        .sig = "x: number, axis: int = -1, keepdims: flag = false",
        .torch = "argmax(input, dim, keepdim)",
        .tf = "argmax(input, axis)",
        .doc = "The position (i64) of the first largest element along `axis`; NaN counts as largest.",
        .unlike = "without an axis: torch.argmax(x) | tf.argmax(x)",
        .infer = infer_arg,
        .cpu = run_arg<true>,
        .ref = [](const core::RefCall& c) { return arg_ref(c, std::greater<double>()); },
        .samples = "f32[3,4] | f64[3,4]:strided; axis=0 | i32[9]:below3 | f32[2,3,4]; axis=1, keepdims=true "
                   "| f16[7] | f32[12]:special | "
                   "!f32[0] -> value | !f32[2]; axis=1 -> index",
    },
    {
        .name = "argmin",
        .sig = "x: number, axis: int = -1, keepdims: flag = false",
        .torch = "argmin(input, dim, keepdim)",
        .tf = "argmin(input, axis)",
        .doc = "The position (i64) of the first smallest element along `axis`; NaN counts as smallest.",
        .unlike = "without an axis: torch.argmin(x) | tf.argmin(x)",
        .infer = infer_arg,
        .cpu = run_arg<false>,
        .ref = [](const core::RefCall& c) { return arg_ref(c, std::less<double>()); },
        .samples = "f32[3,4] | f64[3,4]:strided; axis=0 | u8[9]:below3 | f32[2,3,4]; axis=1, keepdims=true | "
                   "bf16[7] | "
                   "f32[12]:special | f32[] | i64[2,0]; axis=0 | !f32[0] -> value | !f32[2]; axis=1 -> index",
    },
    {
        .name = "var",
        .sig = "x: float, axes: ints = [], correction: int = 1, keepdims: flag = false",
        .torch = "var(input, dim, correction=1, keepdim=False)",
        .tf = "nn.moments(x, axes)",
        .doc = "The variance over `axes`, in two passes; divided by the count less `correction`.",
        .unlike = "in what the sum is divided by: torch.var(x) | tf.nn.moments(x, [0, 1])[1]",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          const Tensor& x = in[0];
          const Tensor m = mean(x, a.dims(0), true);
          const Tensor squares = sum(square(sub(x, m)), a.dims(0), a.flag(2));
          const Tensor n = count(x, a.dims(0), x.dtype());
          return {div(squares, sub(n, static_cast<double>(a.integer(1))))};
        },
        .ref = var_ref,
        .ulp = 32,
        .samples = "f32[3,4] | f32[3,4]; axes=[1] | f64[2,3,4]:strided; axes=[0,2], correction=0, "
                   "keepdims=true | f16[9] | "
                   "f32[770] | !i32[2] -> dtype | !f32[2]; axes=[3] -> index",
    },
    {
        .name = "std",
        .sig = "x: float, axes: ints = [], correction: int = 1, keepdims: flag = false",
        .torch = "std(input, dim, correction=1, keepdim=False)",
        .tf = "math.reduce_std(input_tensor, axis, keepdims)",
        .doc = "The square root of var; where that is 0, the gradient is 0.",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          return {root(var(in[0], a.dims(0), a.integer(1), a.flag(2)))};
        },
        .ref = [](const core::RefCall& c) -> std::vector<core::RefTensor> {
          auto out = var_ref(c);
          for (double& v : out[0].values) v = std::sqrt(v);
          return out;
        },
        .ulp = 32,
        .samples = "f32[3,4] | f32[3,4]; axes=[1] | f64[2,3,4]:strided; axes=[0,2], correction=0, "
                   "keepdims=true | f16[9] | "
                   "!i32[2] -> dtype | !f32[2]; axes=[3] -> index",
    },
    {
        .name = "logsumexp",
        .sig = "x: float, axes: ints = [], keepdims: flag = false",
        .torch = "logsumexp(input, dim, keepdim)",
        .tf = "reduce_logsumexp(input_tensor, axis, keepdims)",
        .doc = "log(sum(exp(x))) over `axes`, in range whatever the size of x.",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          // Less the largest element, unless that is infinite: then exp takes it as it is.
          const Tensor x = in[0], largest = amax(x.detach(), a.dims(0), true);
          const Tensor finite = eq(sub(largest, largest), 0.0);
          const Tensor shift = where(finite, largest, zeros_like(largest));
          const Tensor total = sum(exp(sub(x, shift)), a.dims(0), a.flag(1));
          return {add(log(total), amax(shift, a.dims(0), a.flag(1)))};
        },
        .ref =
            [](const core::RefCall& c) {
              return sum_of_terms(
                  c, c.attrs.dims(0), c.attrs.flag(1), [](double v) { return std::exp(v); },
                  [](double v) { return std::log(v); });
            },
        .ulp = 16,
        .samples = "f32[3,4] | f32[3,4]; axes=[1] | f64[2,3,4]:strided; axes=[0,2], keepdims=true | f16[9] | "
                   "bf16[2,3]; "
                   "axes=[0] | f32[] | f64[1,3]; axes=[0] | !f32[0] -> value | !i32[2] -> dtype | !f32[2]; "
                   "axes=[1] -> index",
    },
    {
        .name = "norm",
        .sig = "x: float, p: real = 2, axes: ints = [], keepdims: flag = false",
        .torch = "norm(input, p, dim, keepdim)",
        .tf = "norm(tensor, ord, axis, keepdims)",
        .doc = "sum(|x|^p)^(1/p) over `axes`; for an infinite p the largest |x| (negative: smallest), for 0 "
               "how many are not "
               "0. Where it is 0 the gradient is 0.",
        .unlike = "in the slope at 0: slope(torch.norm, [0., 0.]) | slope(tf.norm, [0., 0.])",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          return {norm_of(in[0], a.real(0), a.dims(1), a.flag(2))};
        },
        .ref = norm_ref,
        .ulp = 16,
        .samples = "f32[3,4] | f64[2,3,4]:strided; axes=[0,2], keepdims=true | f32[3,4]; p=1, axes=[1] | "
                   "f64[5]; p=3 | "
                   "f64[3,2]; p=2.5, axes=[0] | f64[6]; p=inf | f32[3,4]; p=-inf, axes=[0] | f32[4]; p=0 | "
                   "f64[4]; p=-1 | "
                   "f16[9] | f32[0] | f32[] | !f32[0]; p=inf -> value | !i32[2] -> dtype | !f32[2]; axes=[1] "
                   "-> index",
    },
    {
        .name = "l2_loss",
        .sig = "x: float",
        .torch = "",
        .tf = "nn.l2_loss(t)",
        .doc = "sum(x * x) / 2.",
        .compose = [](const Tensors& in, const Attrs&) -> Tensors { return {div(sum(square(in[0])), 2.0)}; },
        .ref =
            [](const core::RefCall& c) {
              return sum_of_terms(
                  c, {}, false, [](double v) { return v * v; }, [](double v) { return v / 2; });
            },
        .ulp = 8,
        .samples = "f32[3,4] | f64[5]:strided | f16[9] | f32[0] | f32[] | !i32[2] -> dtype",
    },
};
constinit Rows reduction{"reduction", reduction_rows};

}  // namespace twofold::ops
