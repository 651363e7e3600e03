// Views of the same elements under another shape, or of part of them; a copy where strides do not allow a
// view.
#include <cstdlib>

#include "core/alias.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

using core::RefCall;
using core::RefTensor;

// --- view
// -----------------------------------------------------------------------------------------------------

// The wanted shape with its one -1 worked out; with an unknown operand some dimension may stay unknown.
Shape viewed_shape(const Op& op, const Shape& x, const Dims& wanted) {
  std::int64_t others = 1;
  int hole = -1;
  for (int i = 0; i < wanted.size(); ++i) {
    if (wanted[i] < -1 || (wanted[i] == -1 && hole >= 0))
      throw ShapeError({.op = op.name,
                        .argument = "shape",
                        .got = to_string(wanted),
                        .expected = "sizes, and -1 at most once"});
    if (wanted[i] == -1)
      hole = i;
    else
      others = checked_mul(others, wanted[i]);
  }
  if (!x.known()) return Shape(wanted);
  Dims out = wanted;
  if (hole >= 0 && others != 0 && x.numel() % others == 0) out[hole] = x.numel() / others;
  const Shape shape(out);
  if (shape.numel() != x.numel())
    throw ShapeError({.op = op.name,
                      .argument = "shape",
                      .got = to_string(wanted) + " for " + std::to_string(x.numel()) + " elements",
                      .expected = "a shape of as many elements"});
  return shape;
}

// Strides that read `in` in row-major order as `shape`: each run of dimensions that is contiguous in memory
// is split anew; a split across runs is impossible without a copy.
bool view_strides(const Array& in, const Shape& shape, Dims& strides) {
  strides.resize(shape.rank());
  int d = shape.rank() - 1;
  std::int64_t run = 1, step = in.rank() ? in.strides[in.rank() - 1] : 1;
  for (int i = in.rank() - 1; i >= 0; --i) {
    run *= in.shape[i];
    const bool ends = i == 0 || (in.shape[i - 1] != 1 && in.strides[i - 1] != run * step);
    if (!ends) continue;
    std::int64_t taken = 1;
    while (d >= 0 && (taken < run || shape[d] == 1)) {
      strides[d] = taken * step;
      taken *= shape[d--];
    }
    if (taken != run) return false;
    if (i > 0) run = 1, step = in.strides[i - 1];
  }
  for (; d >= 0; --d) strides[d] = 1;
  return true;
}

void view_as_shape(const Array& in, Array& out, const Attrs&) {
  out.data = in.data;
  if (in.contiguous || out.numel() == 0) {
    out.strides = contiguous_strides(out.shape);
  } else if (!view_strides(in, out.shape, out.strides)) {
    throw ShapeError({.op = "view",
                      .argument = "shape",
                      .got = to_string(out.shape) + " of a strided " + to_string(in.shape),
                      .expected = "a shape that its strides allow; reshape copies where they do not"});
  }
}

std::vector<RefTensor> reshape_ref(const RefCall& c, const Shape& shape) { return {{shape, c.in[0].values}}; }

// --- flatten
// -------------------------------------------------------------------------------------

Shape merged_shape(const Op& op, const Shape& x, const Attrs& a) {
  const int first = normal_axis(a.integer(0), x.rank(), "first"),
            last = normal_axis(a.integer(1), x.rank(), "last");
  if (first > last)
    throw ValueError(
        {.op = op.name,
         .argument = "last",
         .got = std::to_string(a.integer(1)),
         .expected = "an axis that does not come before the first, " + std::to_string(a.integer(0))});
  if (x.rank() == 0) return Shape{1};
  Dims out;
  for (int d = 0; d < x.rank(); ++d)
    if (d <= first || d > last)
      out.push_back(x[d]);
    else
      out[first] = dim_product(out[first], x[d]);
  return Shape(out);
}

void infer_merge(Infer& c) { c.out.push_back({c.in[0].dtype, merged_shape(c.op, ranked(c), c.attrs)}); }

std::vector<RefTensor> merge_ref(const RefCall& c) {
  return reshape_ref(c, merged_shape(core::find_op("flatten"), c.in[0].shape, c.attrs));
}

// --- expand, slice, select
// -------------------------------------------------------------------------------------

void infer_expand(Infer& c) {
  const Shape& x = ranked(c);
  const Dims& wanted = c.attrs.dims(0);
  Dims out = wanted;
  const int lead = wanted.size() - x.rank();
  for (int i = 0; i < wanted.size(); ++i) {
    const std::int64_t have = i < lead ? 1 : x[i - lead];
    if (wanted[i] == -1 && i >= lead) out[i] = have;
    const bool fits = lead >= 0 && (out[i] >= 0 || (i >= lead && have == unknown)) &&
                      (have == 1 || have == unknown || have == out[i]);
    if (!fits)
      throw ShapeError({.op = c.op.name,
                        .argument = "shape",
                        .got = to_string(wanted) + " for " + to_string(x),
                        .expected = "a shape that the operand broadcasts to"});
  }
  if (lead < 0)
    throw ShapeError({.op = c.op.name,
                      .argument = "shape",
                      .got = to_string(wanted) + " for " + to_string(x),
                      .expected = "at least as many dimensions"});
  c.out.push_back({c.in[0].dtype, Shape(out)});
}

void expand_view(const Array& in, Array& out, const Attrs&) {
  out.data = in.data;
  const int lead = out.rank() - in.rank();
  out.strides.resize(out.rank());
  for (int i = 0; i < out.rank(); ++i) {
    if (i >= lead && in.shape[i - lead] != 1 && in.shape[i - lead] != out.shape[i])
      throw ShapeError({.op = "expand",
                        .argument = "shape",
                        .got = to_string(out.shape) + " for " + to_string(in.shape),
                        .expected = "a shape that the operand broadcasts to"});
    out.strides[i] = i < lead || in.shape[i - lead] == 1 ? 0 : in.strides[i - lead];
  }
}

constexpr std::int64_t to_the_end = std::numeric_limits<std::int64_t>::max();

// Python's slice arithmetic for one axis of a known size.
struct Range {
  std::int64_t start, count, step;

  Range(const Attrs& a, std::int64_t size) : start(a.integer(1)), count(0), step(a.integer(3)) {
    std::int64_t stop = a.integer(2);
    const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
    auto clip = [&](std::int64_t v) { return std::clamp(v < 0 ? v + size : v, low, high); };
    const bool whole_end = stop == to_the_end;
    start = clip(start);
    stop = whole_end ? (step > 0 ? size : -1) : clip(stop);
    const std::int64_t span = step > 0 ? stop - start : start - stop;
    const std::int64_t stride = step > 0 ? step : -step;
    count = span <= 0 ? 0 : (span - 1) / stride + 1;
  }
};

void infer_slice(Infer& c) {
  const Shape& x = ranked(c);
  const int axis = normal_axis(c.attrs.integer(0), x.rank());
  if (x.rank() == 0)
    throw IndexError(
        {.op = c.op.name, .argument = "x", .got = "a scalar", .expected = "at least one dimension"});
  const std::int64_t step = c.attrs.integer(3);
  if (step == 0 || step == std::numeric_limits<std::int64_t>::min())
    throw ValueError({.op = c.op.name,
                      .argument = "step",
                      .got = std::to_string(step),
                      .expected = "a step other than 0"});
  Dims out = x.dims();
  if (x[axis] != unknown) out[axis] = Range(c.attrs, x[axis]).count;
  c.out.push_back({c.in[0].dtype, Shape(out)});
}

void slice_view(const Array& in, Array& out, const Attrs& a) {
  const int axis = normal_axis(a.integer(0), in.rank());
  const Range r(a, in.shape[axis]);
  out.strides = in.strides;
  // A step beyond the axis leaves one element, whose stride nobody walks: it must only not overflow.
  if (std::abs(r.step) <= in.shape[axis]) out.strides[axis] *= r.step;
  const std::int64_t offset = r.count > 0 ? r.start * in.strides[axis] : 0;
  out.data = static_cast<char*>(in.data) + offset * static_cast<std::int64_t>(size_of(in.dtype));
}

void infer_select(Infer& c) {
  const Shape& x = ranked(c);
  if (x.rank() == 0)
    throw IndexError(
        {.op = c.op.name, .argument = "x", .got = "a scalar", .expected = "at least one dimension"});
  const int axis = normal_axis(c.attrs.integer(0), x.rank());
  const std::int64_t i = c.attrs.integer(1), n = x[axis];
  if (n != unknown && (i >= n || i < -n))
    throw IndexError(
        {.op = c.op.name,
         .argument = "index",
         .got = std::to_string(i),
         .expected = "an index within dimension " + std::to_string(axis) + " of size " + std::to_string(n)});
  c.out.push_back({c.in[0].dtype, reduced_shape(x, Dims{axis}, false)});
}

void select_view(const Array& in, Array& out, const Attrs& a) {
  const int axis = normal_axis(a.integer(0), in.rank());
  const std::int64_t i = a.integer(1) < 0 ? a.integer(1) + in.shape[axis] : a.integer(1);
  out.strides = {};
  for (int d = 0; d < in.rank(); ++d)
    if (d != axis) out.strides.push_back(in.strides[d]);
  out.data =
      static_cast<char*>(in.data) + i * in.strides[axis] * static_cast<std::int64_t>(size_of(in.dtype));
}

// A view's derivative: the gradient lies where the view looked, zeros elsewhere.
Tensors scatter_back(Vjp& c, const char* name) {
  const Tensor zero = zeros_like(c.like(0));
  return {core::overwrite_view(zero, c.g(), core::find_op(name), c.attrs())};
}

// Reads x through a function from output coordinates to x's, for the references below.
template <class Map>
std::vector<RefTensor> read_through(const RefTensor& x, const Shape& out_shape, Map map) {
  RefTensor out{out_shape, {}};
  const Dims strides = contiguous_strides(x.shape);
  for (std::int64_t i = 0; i < out_shape.numel(); ++i) {
    Dims at;
    at.resize(out_shape.rank());
    std::int64_t rest = i;
    for (int d = out_shape.rank() - 1; d >= 0; --d) at[d] = rest % out_shape[d], rest /= out_shape[d];
    const Dims from = map(at);
    std::int64_t offset = 0;
    for (int d = 0; d < x.shape.rank(); ++d) offset += from[d] * strides[d];
    out.values.push_back(x.values[static_cast<std::size_t>(offset)]);
  }
  return {out};
}

std::vector<RefTensor> expand_ref(const RefCall& c) {
  const Shape& x = c.in[0].shape;
  Dims shape = c.attrs.dims(0);
  const int lead = shape.size() - x.rank();
  for (int i = 0; i < shape.size(); ++i)
    if (shape[i] == -1) shape[i] = x[i - lead];
  return read_through(c.in[0], Shape(shape), [&](const Dims& at) {
    Dims from;
    for (int d = 0; d < x.rank(); ++d) from.push_back(x[d] == 1 ? 0 : at[d + lead]);
    return from;
  });
}

std::vector<RefTensor> slice_ref(const RefCall& c) {
  const int axis = normal_axis(c.attrs.integer(0), c.in[0].shape.rank());
  const Range r(c.attrs, c.in[0].shape[axis]);
  Dims shape = c.in[0].shape.dims();
  shape[axis] = r.count;
  return read_through(c.in[0], Shape(shape), [&](const Dims& at) {
    Dims from = at;
    from[axis] = r.start + at[axis] * r.step;
    return from;
  });
}

std::vector<RefTensor> select_ref(const RefCall& c) {
  const Shape& x = c.in[0].shape;
  const int axis = normal_axis(c.attrs.integer(0), x.rank());
  return read_through(c.in[0], reduced_shape(x, Dims{axis}, false), [&](const Dims& at) {
    Dims from;
    for (int d = 0; d < x.rank(); ++d)
      from.push_back(d == axis ? (c.attrs.integer(1) + x[axis]) % x[axis] : at[d < axis ? d : d - 1]);
    return from;
  });
}

}  // namespace

constinit const Op shape_rows[] = {
    {
        .name = "view",
        .sig = "x: any, shape: ints",
        .torch = "Tensor.view(*shape)",
        .tf = "",
        .doc = "The same storage under another shape (one -1 is worked out); refused where strides do not "
               "allow it.",
        .infer =
            [](Infer& c) {
              c.out.push_back({c.in[0].dtype, viewed_shape(c.op, c.in[0].shape, c.attrs.dims(0))});
            },
        .view = view_as_shape,
        .vjp = [](Vjp& c) -> Tensors { return {reshape_as(c.g(), c.like(0))}; },
        .keeps_order = true,
        .ref =
            [](const RefCall& c) {
              return reshape_ref(c, viewed_shape(core::find_op("view"), c.in[0].shape, c.attrs.dims(0)));
            },
        .samples = "f32[3,4]; shape=[2,6] | f64[2,3,4]; shape=[-1,4] | i32[6]; shape=[1,6,1] | f32[0,3]; "
                   "shape=[0] | f32[]; shape=[1] | "
                   "!f32[6]; shape=[4] -> shape | !f32[6]; shape=[-1,-1] -> shape",
    },
    {
        .name = "reshape",
        .sig = "x: any, shape: ints",
        .torch = "reshape(input, shape)",
        .tf = "reshape(tensor, shape)",
        .doc = "x under another shape (one -1 is worked out): a view of a dense tensor, a copy of any other.",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          return {view(in[0].impl()->dense ? in[0] : identity(in[0]), a.dims(0))};
        },
        .moves = true,
        .ref =
            [](const RefCall& c) {
              return reshape_ref(c, viewed_shape(core::find_op("reshape"), c.in[0].shape, c.attrs.dims(0)));
            },
        .samples = "f32[3,4]; shape=[2,6] | f64[2,3,4]:strided; shape=[-1,4] | bool[6]; shape=[1,6,1] | "
                   "f32[0,3]; shape=[0] | "
                   "!f32[6]; shape=[4] -> shape",
    },
    {
        .name = "merge",
        .sig = "x: any, first: int, last: int",
        .doc = "A view with the axes from `first` to `last` as one; refused where strides do not allow it.",
        .hidden = true,
        .infer = infer_merge,
        .view = view_as_shape,
        .vjp = [](Vjp& c) -> Tensors { return {reshape_as(c.g(), c.like(0))}; },
        .keeps_order = true,
        .ref = merge_ref,
        .samples = "f32[3,4]; first=0, last=1 | f64[2,3,4]; first=-2, last=-1 | i32[5]; first=0, last=0 | "
                   "f32[0,3]; first=0, "
                   "last=1 | f32[]; first=0, last=-1 | !f32[2,3]; first=1, last=0 -> value | !f32[2]; "
                   "first=0, last=1 -> "
                   "index",
    },
    {
        .name = "flatten",
        .sig = "x: any, first: int = 0, last: int = -1",
        .torch = "flatten(input, start_dim, end_dim)",
        .tf = "",
        .doc = "x with the axes from `first` to `last` as one (a scalar as one element): a view of a dense "
               "tensor, a copy of "
               "any other.",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          return {merge(in[0].impl()->dense ? in[0] : identity(in[0]), a.integer(0), a.integer(1))};
        },
        .moves = true,
        .ref = merge_ref,
        .samples = "f32[3,4] | f64[2,3,4]:strided; first=1 | i32[2,3,2]; first=0, last=1 | f16[0,3] | bool[] "
                   "| !f32[2,3]; "
                   "first=1, last=0 -> value | !f32[2]; last=1 -> index",
    },
    {
        .name = "expand",
        .sig = "x: any, shape: ints",
        .torch = "Tensor.expand(*sizes)",
        .tf = "broadcast_to(input, shape)",
        .doc = "A view that repeats dimensions of size 1 (and adds leading ones); -1 keeps a dimension.",
        .infer = infer_expand,
        .view = expand_view,
        .vjp = [](Vjp& c) -> Tensors { return {sum_to(c.g(), c.like(0))}; },
        .ref = expand_ref,
        .samples = "f32[3,1]; shape=[3,4] | f64[1,4]; shape=[2,3,4] | i32[]; shape=[2,2] | f32[3]; "
                   "shape=[2,-1] | f32[1]; shape=[0] | "
                   "!f32[3]; shape=[4] -> shape | !f32[2,3]; shape=[3] -> shape",
    },
    {
        .name = "slice",
        .sig = "x: any, axis: int, start: int = 0, stop: int = 9223372036854775807, step: int = 1",
        .torch = "Tensor.__getitem__(slice)",
        .tf = "strided_slice(input_, begin, end, strides)",
        .doc = "A view of part of one axis, by Python's slice rules; negative steps run backwards.",
        .infer = infer_slice,
        .view = slice_view,
        .vjp = [](Vjp& c) -> Tensors { return scatter_back(c, "slice"); },
        .ref = slice_ref,
        .samples =
            "f32[5,2]; axis=0, start=1, stop=4 | f64[3,7]:strided; axis=1, start=-1, stop=-6, step=-2 | "
            "i32[6]; axis=0, start=4, stop=1 | f32[4]; axis=0, start=-9, stop=9 | f32[0]; axis=0, start=0, "
            "stop=3 | "
            "f32[6]; axis=0, start=1, step=2 | !f32[4]; axis=0, start=0, stop=2, step=0 -> value | !f32[4]; "
            "axis=1, start=0 -> index | "
            "!f32[]; axis=0 -> index",
    },
    {
        .name = "select",
        .sig = "x: any, axis: int, index: int",
        .torch = "select(input, dim, index)",
        .tf = "",
        .doc = "A view of one position along an axis, which disappears.",
        .infer = infer_select,
        .view = select_view,
        .vjp = [](Vjp& c) -> Tensors { return scatter_back(c, "select"); },
        .ref = select_ref,
        .samples =
            "f32[3,4]; axis=0, index=2 | f64[2,3,4]:strided; axis=1, index=-1 | i32[3]; axis=0, index=0 | "
            "!f32[3]; axis=0, index=3 -> index | !f32[3]; axis=1, index=0 -> index | !f32[]; axis=0, index=0 "
            "-> index",
    },
};
constinit Rows shape{"shape", shape_rows};

}  // namespace twofold::ops
