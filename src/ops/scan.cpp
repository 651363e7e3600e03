// Running sums and products along an axis, in the order of docs/numerics.md.
#include "kernels/scan.h"

#include "ops/reference.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

using core::RefCall;
using core::RefTensor;

void infer_scan(Infer& c) {
  const Shape& x = ranked(c);
  normal_axis(c.attrs.integer(0), x.rank());
  c.out.push_back({is_floating(c.in[0].dtype) ? c.in[0].dtype : i64, x});
}

template <Scan kind>
void run_scan(const Call& c) {
  const int axis = normal_axis(c.attrs.integer(0), c.x(0).rank());
  scan(kind, c.x(0), axis, c.attrs.flag(1), c.attrs.flag(2), c.y());
}

// x one position further on along the axis (-1: back); zero where nothing comes from.
Tensor shifted(const Tensor& x, int axis, std::int64_t by) {
  if (x.rank() == 0) return zeros_like(x);
  Dims low;
  low.resize(x.rank());
  low[axis] = by;
  Dims high = low;
  high[axis] = -by;
  return pad(x, low, high);
}

// No division, so a zero is a number like any other. With y[k] = y[k - 1] * x[k], the gradient of y[k] is
// what arrives at it and x[k + 1] times that of y[k + 1]: a recurrence.
Tensors cumprod_vjp(Vjp& c) {
  const bool reverse = c.attrs().flag(2);
  const int axis = normal_axis(c.attrs().integer(0), c.g().rank());
  Tensor x = c.x(0), g = c.g();
  if (reverse) x = flip(x, {axis}), g = flip(g, {axis});
  if (c.attrs().flag(1)) g = shifted(g, axis, -1);
  const Tensor before = cumprod(x, axis, true);
  const Tensor arriving = recurrence(x, g, axis, true);
  const Tensor gx = mul(arriving, before);
  return {reverse ? flip(gx, {axis}) : gx};
}

void infer_recurrence(Infer& c) {
  const Shape& x = ranked(c, 1);
  normal_axis(c.attrs.integer(0), x.rank());
  if (!x.compatible(c.in[0].shape))
    throw ShapeError(
        {.op = c.op.name, .argument = "a", .got = to_string(c.in[0].shape), .expected = to_string(x)});
  c.out.push_back({c.in[1].dtype, x});
}

// Its transpose runs the other way with the same factors.
Tensors recurrence_vjp(Vjp& c) {
  const bool back = c.attrs().flag(1);
  const int axis = normal_axis(c.attrs().integer(0), c.g().rank());
  const Tensor gx = recurrence(c.x(0), c.g(), axis, !back);
  const Tensor y = c.y();
  return {back ? mul(shifted(gx, axis, 1), y) : mul(gx, shifted(y, axis, 1)), gx};
}

// Calls each(positions in chain order) for every line of `shape` along `axis`.
template <class Each>
void lines(const Shape& shape, int axis, bool reverse, Each each) {
  const std::int64_t n = shape.rank() ? shape[axis] : 1;
  walk(shape, [&](std::size_t i, const Dims& at) {
    if (shape.rank() && at[axis] != 0) return;
    const std::size_t step = shape.rank() ? static_cast<std::size_t>(contiguous_strides(shape)[axis]) : 0;
    std::vector<std::size_t> chain;
    for (std::int64_t k = 0; k < n; ++k)
      chain.push_back(i + static_cast<std::size_t>(reverse ? n - 1 - k : k) * step);
    each(chain);
  });
}

std::vector<RefTensor> scan_ref(const RefCall& c, double start, double (*join)(double, double)) {
  RefTensor out = c.in[0];
  const int axis = normal_axis(c.attrs.integer(0), out.shape.rank());
  lines(out.shape, axis, c.attrs.flag(2), [&](const std::vector<std::size_t>& chain) {
    double total = start;
    for (std::size_t i : chain) {
      const double before = total;
      total = join(total, c.in[0].values[i]);
      out.values[i] = c.attrs.flag(1) ? before : total;
    }
  });
  return {out};
}

std::vector<RefTensor> recurrence_ref(const RefCall& c) {
  const RefTensor& a = c.in[0];
  RefTensor out = c.in[1];
  const int axis = normal_axis(c.attrs.integer(0), out.shape.rank());
  const bool back = c.attrs.flag(1);
  lines(out.shape, axis, back, [&](const std::vector<std::size_t>& chain) {
    for (std::size_t k = 1; k < chain.size(); ++k)
      out.values[chain[k]] += a.values[chain[back ? k - 1 : k]] * out.values[chain[k - 1]];
  });
  return {out};
}

}  // namespace

constinit const Op scan_rows[] = {
    {
        .name = "cumsum",
        .sig = "x: any, axis: int, exclusive: flag = false, reverse: flag = false",
        .torch = "cumsum(input, dim)",
        .tf = "cumsum(x, axis=0, exclusive, reverse) -> Cumsum(x, axis)",
        .doc = "The sum of all elements up to each one along `axis` (exclusive: before it; reverse: from the "
               "end); "
               "integers and bool sum in i64.",
        .unlike = "without an axis: torch.cumsum(x) | tf.cumsum(x)",
        .infer = infer_scan,
        .cpu = run_scan<Scan::sum>,
        .vjp = [](Vjp& c) -> Tensors {
          return {cumsum(c.g(), c.attrs().integer(0), c.attrs().flag(1), !c.attrs().flag(2))};
        },
        .ref = [](const RefCall& c) { return scan_ref(c, 0, [](double a, double b) { return a + b; }); },
        .ulp = 8,
        .samples =
            "f32[3,4]:positive; axis=1 | f64[2,3,4]:strided; axis=-2 | f32[5]; axis=0, exclusive=true | "
            "f64[4,3]; axis=0, reverse=true | f64[2,5]:strided; axis=1, exclusive=true, reverse=true | "
            "f16[9]:positive; axis=0 | bf16[3,2]:positive; axis=0 | i8[200]; axis=0 | bool[7]; axis=0 | "
            "f32[]; axis=0 | f64[]; axis=-1, exclusive=true | f32[0,3]; axis=0 | f32[3,0]; axis=0 | "
            "f32[4097]:positive; axis=0 | f32[2,4100]:positive; axis=0 | f32[6]:special; axis=0 | "
            "!f32[2]; axis=1 -> index | "
            "f32[3,5000]:positive; axis=0",
    },
    {
        .name = "cumprod",
        .sig = "x: any, axis: int, exclusive: flag = false, reverse: flag = false",
        .torch = "cumprod(input, dim)",
        .tf = "cumprod(x, axis=0, exclusive, reverse) -> Cumprod(x, axis)",
        .doc = "The product of all elements up to each one along `axis` (exclusive: before it; reverse: from "
               "the end); "
               "integers and bool multiply in i64. The gradient is right at zeros.",
        .unlike = "without an axis: torch.cumprod(x) | tf.cumprod(x)",
        .infer = infer_scan,
        .cpu = run_scan<Scan::prod>,
        .vjp = cumprod_vjp,
        .saves = X0,
        .ref = [](const RefCall& c) { return scan_ref(c, 1, [](double a, double b) { return a * b; }); },
        .ulp = 8,
        .samples =
            "f32[3,4]; axis=1 | f64[2,3,4]:strided; axis=-2 | f64[5]; axis=0, exclusive=true | "
            "f64[4,3]; axis=0, reverse=true | f64[2,5]:strided; axis=1, exclusive=true, reverse=true | "
            "f64[6]:is(2,0,3,0,1,2); axis=0 | f64[3,2]:is(0,1,2,0,3,3); axis=0, exclusive=true | "
            "f64[4]:is(0,2,0,3); axis=0, reverse=true | f16[5]; axis=0 | i32[3,3]; axis=0 | bool[5]; axis=0 "
            "| "
            "f64[]; axis=0 | f64[]; axis=0, exclusive=true | f32[2,0]; axis=1 | f32[6]:special; axis=0 | "
            "!f32[2]; axis=1 -> index",
    },
    {
        .name = "recurrence",
        .sig = "a: number, x: number, axis: int, back: flag",
        .doc = "y[k] = x[k] + a[k] * y[k - 1] along `axis`; back: y[k] = x[k] + a[k + 1] * y[k + 1]. What "
               "products of "
               "chains differentiate to.",
        .hidden = true,
        .infer = infer_recurrence,
        .cpu =
            [](const Call& c) {
              const int axis = normal_axis(c.attrs.integer(0), c.x(1).rank());
              recurrence(c.x(0), c.x(1), axis, c.attrs.flag(1), c.y());
            },
        .vjp = recurrence_vjp,
        .saves = X0 | Y0,
        .ref = recurrence_ref,
        .ulp = 32,
        .samples =
            "f32[3,4], f32[3,4]; axis=1, back=false | f64[3,4]:strided, f64[3,4]; axis=0, back=true | "
            "f64[5], f64[5]; axis=0, back=true | f64[], f64[]; axis=0, back=false | i32[4], i32[4]; axis=0, "
            "back=false | f16[4], f16[4]; axis=0, back=true | f32[3,0], f32[3,0]; axis=1, back=true | "
            "f32[2,4100]:unit, f32[2,4100]:unit; axis=1, back=true | !f32[2], f32[3]; axis=0, back=true -> "
            "shape | "
            "!f32[2], f32[2]; axis=1, back=true -> index | "
            "f32[2,4100,2]:unit, f32[2,4100,2]:unit; axis=0, back=false",
    },
};
constinit Rows scan{"scan", scan_rows};

}  // namespace twofold::ops
