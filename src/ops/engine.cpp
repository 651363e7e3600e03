// Rows that derivatives and the engine need and users do not.
#include "core/alias.h"
#include "kernels/index.h"
#include "kernels/reduce.h"
#include "ops/reference.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

// The shape of a reduction with its reduced dimensions as 1, from the full shape.
Array with_ones(const Array& in, const Shape& full, const Attrs& a) {
  Array out = in;
  out.shape = reduced_shape(full, normal_axes(a.dims(0), full.rank()), true);
  Dims strides;
  int from = 0;
  const Dims axes = normal_axes(a.dims(0), full.rank());
  for (int d = 0; d < full.rank(); ++d) {
    const bool gone = axes.contains(d);
    strides.push_back(gone ? 0 : in.strides[from]);
    if (!gone || a.flag(1)) ++from;
  }
  out.strides = strides;
  return out;
}

void spread_view(const Array& in, Array& out, const Attrs& a) {
  const Array ones = with_ones(in, out.shape, a);
  out.data = in.data;
  out.strides = ones.strides;
}

void sum_down(const Call& c) {
  const Array &g = c.x(0), &out = c.y();
  Dims axes;
  const int lead = g.rank() - out.rank();
  for (int d = 0; d < g.rank(); ++d)
    if (d < lead || (out.shape[d - lead] == 1 && g.shape[d] != 1)) axes.push_back(d);
  if (axes.empty()) return copy(g, out);
  reduce(Reduction::sum, g, axes, out);
}

// "[1,2]" of the element numbered i; "" of a scalar's.
std::string place_of(std::int64_t i, const Shape& shape) {
  std::string text;
  for (int d = shape.rank() - 1; d >= 0; i /= shape[d], --d)
    text = std::to_string(i % shape[d]) + (text.empty() ? "" : ",") + text;
  return shape.rank() == 0 ? "" : "[" + text + "]";
}

// The values, one after the other; of many, the first hundred.
std::string listed(const std::int64_t* values, std::int64_t count) {
  std::string text;
  for (std::int64_t i = 0; i < count && i < 100; ++i) text += (i ? " " : "") + std::to_string(values[i]);
  return text + (count > 100 ? "..." : "");
}

void run_within(const Call& c) {
  const Array& index = c.x(0);
  const std::int64_t count = index.numel(),
                     bound = c.x(1).shape[normal_axis(c.attrs.integer(0), c.x(1).rank())];
  std::vector<std::int64_t> values(static_cast<std::size_t>(count));
  if (count) copy(index, contiguous_array(values.data(), i64, index.shape));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t v = values[static_cast<std::size_t>(i)];
    if (v < 0 || v >= bound)
      throw IndexError({.op = c.op.name,
                        .argument = (c.attrs.flag(1) ? "labels" : "indices") + place_of(i, index.shape),
                        .got = std::to_string(v) + " among " + listed(values.data(), count),
                        .expected = "a place in [0, " + std::to_string(bound) + ")"});
  }
  copy(index, c.y());
}

void infer_like_second(Infer& c) { c.out.push_back({c.in[0].dtype, c.in[1].shape}); }

void infer_sum_to(Infer& c) {
  const Shape &x = c.in[0].shape, &like = c.in[1].shape;
  if (x.known() && like.known() && !(broadcast(x, like) == x))
    throw ShapeError({.op = c.op.name,
                      .argument = "x",
                      .got = to_string(x),
                      .expected = "a shape that " + to_string(like) + " broadcasts to"});
  infer_like_second(c);
}

// The parts as concat joined them, and the whole that came of it.
void infer_concat_part(Infer& c) {
  const auto part = c.attrs.integer(1), parts = static_cast<std::int64_t>(c.in.size()) - 1;
  if (part < 0 || part >= parts)
    throw IndexError({.op = c.op.name,
                      .argument = "part",
                      .got = std::to_string(part),
                      .expected = "one of " + std::to_string(parts) + " parts"});
  const Shape& whole = ranked(c, 0);
  const int axis = normal_axis(c.attrs.integer(0), whole.rank());
  Dims joined = whole.dims();
  joined[axis] = 0;
  bool fits = whole.rank() > 0;
  for (int i = 1; fits && i <= static_cast<int>(parts); ++i) {
    Dims one = ranked(c, i).dims();
    fits = one.size() == joined.size();
    joined[axis] = one[axis] == unknown || joined[axis] == unknown ? unknown : joined[axis] + one[axis];
    one[axis] = whole[axis];
    fits = fits && Shape(one).compatible(whole);
  }
  if (!fits || !Shape(joined).compatible(whole))
    throw ShapeError({.op = c.op.name,
                      .argument = "parts",
                      .got = "parts that do not make up " + to_string(whole),
                      .expected = "those that concat joined"});
  c.out.push_back({c.in[0].dtype, c.in[static_cast<std::size_t>(part) + 1].shape});
}

std::int64_t counted(const Array& x, const Attrs& a) {
  std::int64_t n = 1;
  for (std::int64_t axis : normal_axes(a.dims(0), x.rank())) n *= x.shape[static_cast<int>(axis)];
  return n;
}

void copy_part(const Call& c) {
  const Array& whole = c.x(0);
  const int axis = normal_axis(c.attrs.integer(0), whole.rank()), part = static_cast<int>(c.attrs.integer(1));
  std::int64_t begin = 0;
  for (int i = 1; i <= part; ++i) begin += c.x(i).shape[axis];
  Array window = whole;
  window.shape = c.y().shape;
  window.contiguous = false;
  window.data = static_cast<char*>(whole.data) +
                begin * whole.strides[axis] * static_cast<std::int64_t>(size_of(whole.dtype));
  copy(window, c.y());
}

const std::vector<core::ViewStep>& steps_of(const Attrs& a) {
  return std::get<std::shared_ptr<const core::Opaque>>(a[0])->steps;
}

void overwrite_part(const Call& c) {
  copy(c.x(0), c.y());
  copy(c.x(1), core::follow(c.y(), steps_of(c.attrs)));
}

// What is written must have the shape of what it replaces: known at the latest when it runs.
void check_written(const Infer& c, const Shape& target) {
  const Shape& value = c.in[1].shape;
  if (!target.compatible(value))
    throw ShapeError({.op = c.op.name,
                      .argument = "value",
                      .got = to_string(value),
                      .expected = "the target's shape " + to_string(target)});
}

// Labels stand for one place along the axis of x for each place along its others.
void check_labels(const Infer& c, int axis) {
  const Shape &labels = c.in[0].shape, &x = c.in[1].shape;
  Dims others;
  for (int d = 0; d < x.rank(); ++d)
    if (d != axis) others.push_back(x[d]);
  if (!labels.compatible(Shape(others)))
    throw ShapeError({.op = c.op.name,
                      .argument = "labels",
                      .got = to_string(labels),
                      .expected = to_string(Shape(others)) + " for logits of shape " + to_string(x)});
}

void infer_within(Infer& c) {
  const Shape& x = c.in[1].shape;
  if (x.has_rank()) {
    const int axis = normal_axis(c.attrs.integer(0), x.rank());
    if (c.attrs.flag(1)) check_labels(c, axis);
  }
  c.out.push_back({c.in[0].dtype, c.in[0].shape});
}

void infer_overwrite(Infer& c) {
  Meta part = c.in[0];
  for (const core::ViewStep& step : steps_of(c.attrs))
    part = core::infer(*step.op, {&part, 1}, step.attrs)[0];
  check_written(c, part.shape);
  same_as_x(c);
}

void infer_replacement(Infer& c) {
  check_written(c, c.in[0].shape);
  same_as_x(c);
}

Tensors overwrite_vjp(Vjp& c) {
  Tensor part = c.g();
  for (const core::ViewStep& step : steps_of(c.attrs())) part = core::apply(*step.op, {part}, step.attrs)[0];
  Tensor rest;
  if (c.needs(0)) {
    const Tensor zero = zeros_like(c.like(1));
    core::Impl* in[] = {c.g().impl(), zero.impl()};
    rest = core::apply_one(core::find_op("overwrite"), in, c.attrs(), {});
  }
  if (c.needs(1)) part = identity(part);
  return {rest, part};
}

// --- references
// -----------------------------------------------------------------------------------------------

using core::RefCall;
using core::RefTensor;

std::vector<RefTensor> sum_to_ref(const RefCall& c) {
  RefTensor out{c.in[1].shape, std::vector<double>(c.in[1].values.size())};
  walk(c.in[0].shape,
       [&](std::size_t i, const Dims& at) { out.values[offset(out.shape, at)] += c.in[0].values[i]; });
  return {out};
}

std::vector<RefTensor> expand_as_ref(const RefCall& c) {
  const RefTensor& x = c.in[0];
  return tabulate(c.in[1].shape, [&](const Dims& at) { return x.values[offset(x.shape, at)]; });
}

std::vector<RefTensor> spread_ref(const RefCall& c) {
  const Shape& full = c.in[1].shape;
  const Dims axes = normal_axes(c.attrs.dims(0), full.rank());
  const Shape ones = reduced_shape(full, axes, true);
  return tabulate(full, [&](const Dims& at) { return c.in[0].values[offset(ones, at)]; });
}

std::vector<RefTensor> count_ref(const RefCall& c) {
  const Shape& x = c.in[0].shape;
  double n = 1;
  for (std::int64_t axis : normal_axes(c.attrs.dims(0), x.rank()))
    n *= static_cast<double>(x[static_cast<int>(axis)]);
  return {{Shape{}, {n}}};
}

std::vector<RefTensor> concat_part_ref(const RefCall& c) {
  const RefTensor& whole = c.in[0];
  const int axis = normal_axis(c.attrs.integer(0), whole.shape.rank());
  const auto part = static_cast<std::size_t>(c.attrs.integer(1));
  std::int64_t begin = 0;
  for (std::size_t i = 1; i <= part; ++i) begin += c.in[i].shape[axis];
  return tabulate(c.in[part + 1].shape, [&](Dims at) {
    at[axis] += begin;
    return whole.values[offset(whole.shape, at)];
  });
}

std::vector<RefTensor> overwrite_ref(const RefCall& c) {
  RefTensor out = c.in[0];
  const Array part = core::follow(contiguous_array(out.values.data(), f64, out.shape), steps_of(c.attrs));
  walk(part.shape, [&](std::size_t, const Dims& at) {
    std::int64_t to = 0;
    for (int d = 0; d < at.size(); ++d) to += at[d] * part.strides[d];
    part.as<double>()[to] = c.in[1].values[offset(c.in[1].shape, at)];
  });
  return {out};
}

}  // namespace

constinit const Op engine_rows[] = {
    {
        .name = "sum_to",
        .sig = "x: number, like: any",
        .doc = "x summed over the dimensions that broadcasting like's shape to x's added or stretched.",
        .promote = Promote::none,
        .hidden = true,
        .infer = infer_sum_to,
        .cpu = sum_down,
        .vjp = [](Vjp& c) -> Tensors {
          return {expand_as(c.g(), c.like(0)), Tensor()};
        },
        .shape_only = X1,
        .ref = sum_to_ref,
        .ulp = 8,
        .samples = "f32[3,4], f32[4] | f64[2,3,4]:strided, f64[3,1] | f32[3,4], f32[3,4] | f32[0,4], f32[4] "
                   "| i32[3,2], i32[] | !f32[3], f32[4] -> shape | !f32[3], f32[2,3] -> shape",
    },
    {
        .name = "expand_as",
        .sig = "x: any, like: any",
        .doc = "A view of x broadcast to like's shape.",
        .promote = Promote::none,
        .hidden = true,
        .infer =
            [](Infer& c) {
              const Shape both = broadcast(c.in[0].shape, c.in[1].shape);
              if (c.in[0].shape.known() && c.in[1].shape.known() && !(both == c.in[1].shape))
                throw ShapeError({.op = "",
                                  .argument = "",
                                  .got = to_string(c.in[0].shape),
                                  .expected = "a shape that broadcasts to " + to_string(c.in[1].shape)});
              infer_like_second(c);
            },
        .view =
            [](const Array& in, Array& out, const Attrs&) {
              const int lead = out.rank() - in.rank();
              out.data = in.data;
              out.strides = {};
              for (int d = 0; d < out.rank(); ++d)
                out.strides.push_back(d < lead || in.shape[d - lead] == 1 ? 0 : in.strides[d - lead]);
            },
        .vjp = [](Vjp& c) -> Tensors {
          return {sum_to(c.g(), c.like(0)), Tensor()};
        },
        .shape_only = X1,
        .ref = expand_as_ref,
        .samples =
            "f32[4], f32[3,4] | f64[3,1]:strided, f64[2,3,4] | f32[], f32[0] | !f32[3], f32[4] -> shape",
    },
    {
        .name = "reshape_as",
        .sig = "x: any, like: any",
        .doc = "A copy of x with like's shape, of as many elements.",
        .promote = Promote::none,
        .hidden = true,
        .infer =
            [](Infer& c) {
              const Shape &x = c.in[0].shape, &like = c.in[1].shape;
              if (x.known() && like.known() && x.numel() != like.numel())
                throw ShapeError({.op = "",
                                  .argument = "",
                                  .got = to_string(x),
                                  .expected = "as many elements as " + to_string(like)});
              infer_like_second(c);
            },
        .cpu = [](const Call& c) { copy(c.x(0), contiguous_array(c.y().data, c.y().dtype, c.x(0).shape)); },
        .vjp = [](Vjp& c) -> Tensors {
          return {reshape_as(c.g(), c.like(0)), Tensor()};
        },
        .shape_only = X1,
        .ref = [](const RefCall& c) -> std::vector<RefTensor> {
          return {{c.in[1].shape, c.in[0].values}};
        },
        .samples =
            "f32[3,4], f32[2,6] | f64[2,3]:strided, f64[6] | f32[0], f32[0,2] | !f32[3], f32[4] -> shape",
    },
    {
        .name = "spread",
        .sig = "x: any, like: any, axes: ints = [], keepdims: flag = false",
        .doc = "A view of a reduction's result broadcast back over the axes that it reduced.",
        .promote = Promote::none,
        .hidden = true,
        .infer =
            [](Infer& c) {
              const Shape& full = c.in[1].shape;
              if (!full.has_rank()) return infer_like_second(c);
              const Shape expected =
                  reduced_shape(full, normal_axes(c.attrs.dims(0), full.rank()), c.attrs.flag(1));
              if (!expected.compatible(c.in[0].shape))
                throw ShapeError({.op = c.op.name,
                                  .argument = "x",
                                  .got = to_string(c.in[0].shape),
                                  .expected = to_string(expected)});
              infer_like_second(c);
            },
        .view = spread_view,
        .vjp = [](Vjp& c) -> Tensors {
          const Tensor total = sum(c.g(), c.attrs().dims(0), c.attrs().flag(1));
          return {cast(total, c.g().dtype()), Tensor()};
        },
        .shape_only = X1,
        .ref = spread_ref,
        .samples = "f32[3], f32[3,4]; axes=[1] | f64[1,4]:strided, f64[3,4]; axes=[0], keepdims=true | "
                   "f32[], f32[2,2] | !f32[4], f32[3,4]; axes=[1] -> shape",
    },
    {
        .name = "count",
        .sig = "x: any, axes: ints, dtype: dtype",
        .doc = "How many elements of x a reduction over `axes` joins, as a scalar.",
        .promote = Promote::none,
        .hidden = true,
        .infer =
            [](Infer& c) {
              if (c.in[0].shape.has_rank()) normal_axes(c.attrs.dims(0), c.in[0].shape.rank());
              c.out.push_back({c.attrs.dtype(1), Shape{}});
            },
        .cpu =
            [](const Call& c) {
              std::int64_t n = counted(c.x(0), c.attrs);
              copy(contiguous_array(&n, i64, Shape{}), c.y());
            },
        .shape_only = X0,
        .ref = count_ref,
        .samples = "f32[3,4]; axes=[], dtype=f32 | f32[3,4]; axes=[1], dtype=f64 | f32[0]; axes=[0], "
                   "dtype=f16 | !f32[3]; axes=[1], dtype=f32 -> index",
    },
    {
        .name = "within",
        .sig = "index: index, x: any, axis: int, labels: flag = false",
        .doc = "A copy of index, refused unless every value is a place along an axis of x, counted from 0; "
               "`labels`: the refusal calls them so.",
        .promote = Promote::none,
        .hidden = true,
        .infer = infer_within,
        .cpu = run_within,
        .shape_only = X1,
        .ref = [](const RefCall& c) -> std::vector<RefTensor> { return {c.in[0]}; },
        .samples =
            "i64[2,3]:below4, f32[4,2]; axis=0 | i32[]:below3, f32[3]; axis=-1 | i64[0], f32[2]; axis=0 | "
            "!i64[2]:is(1,3), f32[3]; axis=0 -> index | !i32[1]:is(-1), f32[3]; axis=0 -> index | "
            "!i64[1], f32[3]; axis=1 -> index | i64[2]:below3, f32[2,3]; axis=-1, labels=true | "
            "!i64[1]:below3, f32[2,3]; axis=-1, labels=true -> shape",
    },
    {
        .name = "concat_part",
        .sig = "*whole_and_parts: any, axis: int, part: int",
        .doc = "The piece of the first operand where concat put part number `part` of the others.",
        .promote = Promote::none,
        .hidden = true,
        .infer = infer_concat_part,
        .cpu = copy_part,
        .vjp = [](Vjp& c) -> Tensors {
          Tensors pieces, out(static_cast<std::size_t>(c.inputs()));
          for (int i = 1; i < c.inputs(); ++i)
            pieces.push_back(i - 1 == c.attrs().integer(1) ? c.g() : zeros_like(c.like(i)));
          for (Tensor& p : pieces) p = cast(p, c.g().dtype());
          out[0] = concat(pieces, c.attrs().integer(0));
          return out;
        },
        .shape_only = all_inputs & ~X0,
        .ref = concat_part_ref,
        .samples = "f32[5,2], f32[2,2], f32[3,2]; axis=0, part=1 | f64[3,3]:strided, f64[3,1], f64[3,2]; "
                   "axis=1, part=0 | !f32[5,2], f32[2,2], f32[2,2]; axis=0, part=1 -> shape | "
                   "!f32[5,2], f32[5,2]; axis=0, part=1 -> index",
    },
    {
        .name = "overwrite",
        .sig = "x: any, value: any, views: opaque",
        .doc = "A copy of x in which the part that a chain of views shows holds `value`: what an in-place "
               "write becomes.",
        .promote = Promote::none,
        .hidden = true,
        .infer = infer_overwrite,
        .cpu = overwrite_part,
        .vjp = overwrite_vjp,
        .ref = overwrite_ref,
        .samples = "f32[3,4], f32[4]; views=select(0,1) | f64[5], f64[2]; views=slice(0,1,4,2) | "
                   "i32[4]:strided, i32[4]; views=none",
    },
    {
        .name = "replace",
        .sig = "x: any, value: any, fresh: flag = false",
        .doc = "A copy of value, which must have x's shape: an in-place write to all of a tensor; of a value "
               "that is "
               "fresh nobody else knows, so that gradients take the two for one.",
        .promote = Promote::none,
        .hidden = true,
        .infer = infer_replacement,
        .cpu = [](const Call& c) { copy(c.x(1), c.y()); },
        .vjp = [](Vjp& c) -> Tensors {
          return {Tensor(), c.g()};
        },
        .shape_only = X0,
        .ref = [](double, double value) { return value; },
        .samples = "f32[3,4], f32[3,4] | f64[2], f64[2]:strided; fresh=true | i32[3], i32[3] | !f32[3], "
                   "f32[4] -> shape",
    },
    {
        .name = "substitute",
        .sig = "x: any, value: any",
        .doc = "value, with x's gradient: an in-place write under NoGrad changes numbers, not history.",
        .promote = Promote::none,
        .hidden = true,
        .infer = infer_replacement,
        .cpu = [](const Call& c) { copy(c.x(1), c.y()); },
        .vjp = [](Vjp& c) -> Tensors {
          return {c.g(), Tensor()};
        },
        .ref = [](const RefCall& c) -> std::vector<RefTensor> { return {c.in[1]}; },
        .differences = false,
        .samples = "f32[3,4], f32[3,4] | f64[2], f64[2]:strided",
    },
};
constinit Rows engine{"engine", engine_rows};

}  // namespace twofold::ops
