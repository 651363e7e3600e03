// Tensors from nothing or from a shape; conversions.
#include "kernels/index.h"

#include "ops/rows.h"

namespace twofold::ops {
namespace {

void fill(const Array& out, double value) {
  Array one = contiguous_array(&value, f64, Shape{});
  copy(one, out);
}

std::int64_t arange_count(const Attrs& a) {
  const std::int64_t start = a.integer(0), stop = a.integer(1), step = a.integer(2);
  if (step == 0)
    throw ValueError({.op = "arange", .argument = "step", .got = "0", .expected = "a step other than 0"});
  if (step > 0 ? start >= stop : start <= stop) return 0;
  const auto from = static_cast<std::uint64_t>(start), to = static_cast<std::uint64_t>(stop);
  const std::uint64_t span = step > 0 ? to - from : from - to;  // may exceed the signed numbers
  const std::uint64_t stride =
      step > 0 ? static_cast<std::uint64_t>(step) : -static_cast<std::uint64_t>(step);
  return static_cast<std::int64_t>(std::min((span - 1) / stride + 1, std::uint64_t{1} << 62));
}

void fill_range(const Call& c) {
  const auto start = static_cast<std::uint64_t>(c.attrs.integer(0)),
             step = static_cast<std::uint64_t>(c.attrs.integer(2));
  std::vector<std::int64_t> values(static_cast<std::size_t>(c.y().numel()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int64_t>(start + step * i);
  copy(contiguous_array(values.data(), i64, c.y().shape), c.y());
}

void infer_linspace(Infer& c) {
  if (c.attrs.integer(2) < 0)
    throw ValueError({.op = c.op.name,
                      .argument = "count",
                      .got = std::to_string(c.attrs.integer(2)),
                      .expected = "0 or more"});
  c.out.push_back({c.attrs.dtype(3), Shape{c.attrs.integer(2)}});
}

// Counted from both ends, so that both come out exactly.
void fill_linspace(const Call& c) {
  const double start = c.attrs.real(0), stop = c.attrs.real(1);
  const std::int64_t n = c.y().numel();
  const double step = (stop - start) / static_cast<double>(std::max<std::int64_t>(1, n - 1));
  std::vector<double> values(static_cast<std::size_t>(n), start);
  for (std::int64_t i = 1; i < n; ++i)
    values[static_cast<std::size_t>(i)] =
        i < n / 2 ? start + step * static_cast<double>(i) : stop - step * static_cast<double>(n - 1 - i);
  copy(contiguous_array(values.data(), f64, c.y().shape), c.y());
}

void infer_full(Infer& c) {
  const Shape shape(c.attrs.dims(0));
  if (!shape.known())
    throw ShapeError(
        {.op = c.op.name, .argument = "shape", .got = to_string(shape), .expected = "known dimensions"});
  c.out.push_back({c.attrs.dtype(2), shape});
}

}  // namespace

constinit const Op create_rows[] = {
    {
        .name = "full",
        .sig = "shape: ints, value: real, dtype: dtype = f32",
        .torch = "full(size, fill_value, dtype)",
        .tf = "fill(dims, value)",
        .doc = "A tensor filled with one value.",
        .infer = infer_full,
        .cpu = [](const Call& c) { fill(c.y(), c.attrs.real(1)); },
        .ref = [](const core::RefCall& c) -> std::vector<core::RefTensor> {
          const Shape shape(c.attrs.dims(0));
          return {{shape, std::vector<double>(static_cast<std::size_t>(shape.numel()), c.attrs.real(1))}};
        },
        .samples = "; shape=[2,3], value=1.5 | ; shape=[], value=-2.0, dtype=i32 | ; shape=[0,4], value=1.0, "
                   "dtype=f16 | "
                   "; shape=[5], value=1.0, dtype=bool | !; shape=[-1], value=0.0 -> shape",
    },
    {
        .name = "arange",
        .sig = "start: int, stop: int, step: int = 1, dtype: dtype = i64",
        .torch = "arange(start, end, step)",
        .tf = "range(start, limit, delta)",
        .doc = "start, start + step, ... up to but without stop.",
        .infer =
            [](Infer& c) {
              c.out.push_back({c.attrs.dtype(3), Shape{arange_count(c.attrs)}});
            },
        .cpu = fill_range,
        .ref = [](const core::RefCall& c) -> std::vector<core::RefTensor> {
          core::RefTensor out{Shape{arange_count(c.attrs)}, {}};
          for (std::int64_t i = 0; i < out.shape.numel(); ++i)
            out.values.push_back(double(c.attrs.integer(0) + i * c.attrs.integer(2)));
          return {out};
        },
        .samples = "; start=0, stop=5 | ; start=3, stop=-4, step=-2, dtype=f32 | ; start=2, stop=2 | "
                   "!; start=0, stop=5, step=0 -> value",
    },
    {
        .name = "linspace",
        .sig = "start: real, stop: real, count: int, dtype: dtype = f32",
        .torch = "linspace(start, end, steps)",
        .tf = "linspace(start, stop, num)",
        .doc = "`count` numbers from start to stop at equal distances, both included; computed in f64.",
        .infer = infer_linspace,
        .cpu = fill_linspace,
        .ref = [](const core::RefCall& c) -> std::vector<core::RefTensor> {
          const std::int64_t n = c.attrs.integer(2);
          core::RefTensor out{Shape{n}, {}};
          for (std::int64_t i = 0; i < n; ++i) {
            const double part = n > 1 ? double(i) / double(n - 1) : 0;
            const double v = c.attrs.real(0) * (1 - part) + c.attrs.real(1) * part;
            out.values.push_back(is_floating(c.attrs.dtype(3)) ? v : std::trunc(v));
          }
          return {out};
        },
        .ulp = 4,
        .samples = "; start=0, stop=1, count=11 | ; start=-2.5, stop=7.25, count=8, dtype=f64 | ; start=3, "
                   "stop=-3, count=5, "
                   "dtype=i32 | ; start=1, stop=2, count=1 | ; start=1, stop=2, count=0 | ; start=0, stop=1, "
                   "count=9, "
                   "dtype=f16 | ; start=0, stop=8, count=2 | !; start=0, stop=1, count=-1 -> value",
    },
    {
        .name = "zeros_like",
        .sig = "x: any",
        .torch = "zeros_like(input)",
        .tf = "zeros_like(tensor)",
        .doc = "Zeros of x's shape and dtype.",
        .infer = same_as_x,
        .cpu = [](const Call& c) { fill(c.y(), 0); },
        .shape_only = X0,
        .ref = [](double) { return 0.0; },
        .samples = "f32[3,4] | i32[2]:strided | f16[0] | bool[3]",
    },
    {
        .name = "ones_like",
        .sig = "x: any",
        .torch = "ones_like(input)",
        .tf = "ones_like(tensor)",
        .doc = "Ones of x's shape and dtype.",
        .infer = same_as_x,
        .cpu = [](const Call& c) { fill(c.y(), 1); },
        .shape_only = X0,
        .ref = [](double) { return 1.0; },
        .samples = "f32[3,4] | i32[2]:strided | f16[0] | bool[3]",
    },
    {
        .name = "cast",
        .sig = "x: any, dtype: dtype",
        .torch = "Tensor.to(dtype)",
        .tf = "cast(x, dtype)",
        .doc = "x in another dtype. Floats to integers truncate and saturate, NaN gives 0; to a half rounds "
               "to nearest even.",
        .promote = Promote::none,
        .infer =
            [](Infer& c) {
              c.out.push_back({c.attrs.dtype(0), c.in[0].shape});
            },
        .cpu = [](const Call& c) { copy(c.x(0), c.y()); },
        .vjp = [](Vjp& c) -> Tensors {
          const Tensor like = c.like(0);
          if (!is_floating(c.g().dtype()) && is_floating(like.dtype())) return {Tensor()};
          return {cast(c.g(), like.dtype())};
        },
        .ref = [](const core::RefCall& c) -> std::vector<core::RefTensor> {
          core::RefTensor out = c.in[0];
          const Dtype to = c.attrs.dtype(0);
          for (double& v : out.values) v = to == bool_ ? double(v != 0) : is_floating(to) ? v : std::trunc(v);
          return {out};
        },
        .ulp = 0.5,
        .samples =
            "f32[3,4]; dtype=f64 | f64[5]:strided; dtype=f16 | i32[4]; dtype=f32 | f32[4]; dtype=i32 | "
            "bool[3]; dtype=f32 | f32[3]; dtype=bool | f16[4]; dtype=bf16 | f32[0]; dtype=i8 | i64[3]; "
            "dtype=i16",
    },
    {
        .name = "identity",
        .sig = "x: any",
        .torch = "clone(input)",
        .tf = "identity(input)",
        .doc = "A copy of x, with storage of its own.",
        .infer = same_as_x,
        .cpu = [](const Call& c) { copy(c.x(0), c.y()); },
        .vjp = [](Vjp& c) -> Tensors { return {c.g()}; },
        .ref = [](double x) { return x; },
        .samples = "f32[3,4] | f64[2,3]:strided | i32[0] | bool[3] | f16[]",
    },
    {
        .name = "detach",
        .sig = "x: any",
        .torch = "Tensor.detach()",
        .tf = "stop_gradient(input)",
        .doc = "x, through which no gradient flows.",
        .infer = same_as_x,
        .view = [](const Array& in, Array& out,
                   const Attrs&) { out.data = in.data, out.strides = in.strides; },
        .keeps_order = true,
        .ref = [](double x) { return x; },
        .samples = "f32[3,4] | f64[2,3]:strided | i32[0]",
    },
};
constinit Rows create{"create", create_rows};

}  // namespace twofold::ops
