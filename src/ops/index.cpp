// Data movement by index, and joining.
#include "kernels/index.h"

#include "ops/reference.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

using core::RefCall;
using core::RefTensor;

int axis_of(const Infer& c, int operand = 0) {
  return normal_axis(c.attrs.integer(0), ranked(c, operand).rank());
}
int axis_of(const Call& c) { return normal_axis(c.attrs.integer(0), c.x(0).rank()); }

// gather and scatter_add: index and x agree in rank, and index is no larger than x outside the axis.
void check_index_shape(const Infer& c, const Shape& x, const Shape& index, int axis) {
  bool fits = index.rank() == x.rank() && x.rank() > 0;
  for (int d = 0; fits && d < x.rank(); ++d)
    fits = d == axis || index[d] == unknown || x[d] == unknown || index[d] <= x[d];
  if (!fits)
    throw ShapeError({.op = c.op.name,
                      .argument = "index",
                      .got = to_string(index) + " for x of " + to_string(x),
                      .expected = "the same rank and no more elements outside the axis"});
}

void infer_gather(Infer& c) {
  const Shape &x = ranked(c, 0), &index = ranked(c, 1);
  check_index_shape(c, x, index, axis_of(c));
  c.out.push_back({c.in[0].dtype, index});
}

void infer_scatter_add(Infer& c) {
  const Shape &x = ranked(c, 0), &index = ranked(c, 1), &source = ranked(c, 2);
  check_index_shape(c, x, index, axis_of(c));
  if (!index.compatible(source))
    throw ShapeError({.op = c.op.name,
                      .argument = "source",
                      .got = to_string(source),
                      .expected = "index's shape " + to_string(index)});
  c.out.push_back({c.in[0].dtype, x});
}

Shape taken_shape(const Shape& x, const Shape& index, int axis) {
  Dims out;
  for (int d = 0; d < axis; ++d) out.push_back(x[d]);
  for (std::int64_t n : index) out.push_back(n);
  for (int d = axis + 1; d < x.rank(); ++d) out.push_back(x[d]);
  return Shape(out);
}

void infer_take(Infer& c) {
  const Shape& x = ranked(c, 0);
  if (x.rank() == 0)
    throw ShapeError(
        {.op = c.op.name, .argument = "x", .got = "a scalar", .expected = "at least one dimension"});
  c.out.push_back({c.in[0].dtype, taken_shape(x, ranked(c, 1), axis_of(c))});
}

void infer_take_add(Infer& c) {
  const Shape& x = ranked(c, 0);
  if (x.rank() == 0)
    throw ShapeError(
        {.op = c.op.name, .argument = "x", .got = "a scalar", .expected = "at least one dimension"});
  const Shape part = taken_shape(x, ranked(c, 1), axis_of(c));
  if (!part.compatible(ranked(c, 2)))
    throw ShapeError(
        {.op = c.op.name, .argument = "source", .got = to_string(ranked(c, 2)), .expected = to_string(part)});
  c.out.push_back({c.in[0].dtype, x});
}

std::int64_t wrapped(double index, std::int64_t size) {
  const auto i = static_cast<std::int64_t>(index);
  return i < 0 ? i + size : i;
}

std::vector<RefTensor> gather_ref(const RefCall& c) {
  const RefTensor &x = c.in[0], &index = c.in[1];
  const int axis = normal_axis(c.attrs.integer(0), x.shape.rank());
  RefTensor out{index.shape, {}};
  walk(index.shape, [&](std::size_t i, Dims at) {
    at[axis] = wrapped(index.values[i], x.shape[axis]);
    out.values.push_back(x.values[offset(x.shape, at)]);
  });
  return {out};
}

std::vector<RefTensor> scatter_add_ref(const RefCall& c) {
  RefTensor out = c.in[0];
  const RefTensor &index = c.in[1], &source = c.in[2];
  const int axis = normal_axis(c.attrs.integer(0), out.shape.rank());
  walk(index.shape, [&](std::size_t i, Dims at) {
    at[axis] = wrapped(index.values[i], out.shape[axis]);
    out.values[offset(out.shape, at)] += source.values[i];
  });
  return {out};
}

// Coordinates in x of position `at` of a taken tensor.
Dims taken_from(const RefTensor& x, const RefTensor& index, int axis, const Dims& at) {
  Dims which, from;
  for (int d = 0; d < index.shape.rank(); ++d) which.push_back(at[axis + d]);
  for (int d = 0; d < axis; ++d) from.push_back(at[d]);
  from.push_back(wrapped(index.values[offset(index.shape, which)], x.shape[axis]));
  for (int d = axis + index.shape.rank(); d < at.size(); ++d) from.push_back(at[d]);
  return from;
}

std::vector<RefTensor> take_ref(const RefCall& c) {
  const RefTensor &x = c.in[0], &index = c.in[1];
  const int axis = normal_axis(c.attrs.integer(0), x.shape.rank());
  RefTensor out{taken_shape(x.shape, index.shape, axis), {}};
  walk(out.shape, [&](std::size_t, const Dims& at) {
    out.values.push_back(x.values[offset(x.shape, taken_from(x, index, axis, at))]);
  });
  return {out};
}

std::vector<RefTensor> take_add_ref(const RefCall& c) {
  RefTensor out = c.in[0];
  const RefTensor &index = c.in[1], &source = c.in[2];
  const int axis = normal_axis(c.attrs.integer(0), out.shape.rank());
  walk(source.shape, [&](std::size_t i, const Dims& at) {
    out.values[offset(out.shape, taken_from(out, index, axis, at))] += source.values[i];
  });
  return {out};
}

void infer_concat(Infer& c) {
  if (c.in.empty())
    throw ValueError({.op = c.op.name, .argument = "parts", .got = "no tensors", .expected = "at least one"});
  const Shape& first = ranked(c, 0);
  if (first.rank() == 0)
    throw ShapeError(
        {.op = c.op.name, .argument = "parts", .got = "a scalar", .expected = "at least one dimension"});
  const int axis = axis_of(c);
  Dims out = first.dims();
  for (int i = 1; i < static_cast<int>(c.in.size()); ++i) {
    const Shape& s = ranked(c, i);
    bool fits = s.rank() == first.rank();
    for (int d = 0; fits && d < s.rank(); ++d) {
      if (d == axis) continue;
      fits = s[d] == out[d] || s[d] == unknown || out[d] == unknown;
      if (out[d] == unknown) out[d] = s[d];
    }
    if (!fits)
      throw ShapeError({.op = c.op.name,
                        .argument = "parts",
                        .got = to_string(s) + " after " + to_string(first),
                        .expected = "equal sizes outside the axis"});
    out[axis] = out[axis] == unknown || s[axis] == unknown ? unknown : checked_add(out[axis], s[axis]);
  }
  c.out.push_back({c.in[0].dtype, Shape(out)});
}

}  // namespace

constinit const Op index_rows[] = {
    {
        .name = "gather",
        .sig = "x: any, index: index, axis: int",
        .torch = "gather(input, dim, index)",
        .tf = "batch_gather(params, indices)",
        .doc = "out[i][j] = x[index[i][j]][j] for axis 0, and so on. Negative indices count from the end.",
        .infer = infer_gather,
        .cpu = [](const Call& c) { gather(c.x(0), axis_of(c), c.x(1), c.y()); },
        .vjp = [](Vjp& c) -> Tensors {
          const Tensor zero = zeros_like(c.like(0));
          return {scatter_add(zero, c.x(1), c.g(), c.attrs().integer(0)), Tensor()};
        },
        .saves = X1,
        .ref = gather_ref,
        .samples = "f32[3,4], i64[3,2]:below4; axis=1 | f64[5,2]:strided, i32[7,2]:below5; axis=0 | i32[4], "
                   "i64[9]:below4; axis=0 | "
                   "f16[4], i64[0]; axis=0 | !f32[3], i64[2]:below9; axis=0 -> index | !f32[3], f32[2]; "
                   "axis=0 -> dtype | "
                   "!f32[3,2], i64[2]; axis=0 -> shape",
    },
    {
        .name = "scatter_add",
        .sig = "x: number, index: index, source: number, axis: int",
        .torch = "scatter_add(input, dim, index, src)",
        .tf = "",
        .doc = "x with source[i][j] added at [index[i][j]][j] for axis 0, and so on; duplicates add in index "
               "order.",
        .infer = infer_scatter_add,
        .cpu = [](const Call& c) { copy(c.x(0), c.y()), scatter_add(c.y(), axis_of(c), c.x(1), c.x(2)); },
        .vjp = [](Vjp& c) -> Tensors {
          Tensor gs;
          if (c.needs(2)) gs = gather(c.g(), c.x(1), c.attrs().integer(0));
          return {c.g(), Tensor(), gs};
        },
        .saves = X1,
        .ref = scatter_add_ref,
        .ulp = 8,
        .samples = "f32[3,4], i64[3,2]:below4, f32[3,2]; axis=1 | f64[3], i32[20]:below3, f64[20]; axis=0 | "
                   "i32[3], i64[5]:below3, i32[5]; axis=0 | "
                   "f32[3], i64[0], f32[0]; axis=0 | !f32[3], i64[2]:below9, f32[2]; axis=0 -> index | "
                   "!f32[3], i64[2]:below3, f32[3]; axis=0 -> shape",
    },
    {
        .name = "take",
        .sig = "x: any, index: index, axis: int = 0",
        .torch = "index_select(input, dim, index)",
        .tf = "gather(params, indices, axis)",
        .doc =
            "The slices of x along `axis` that index names: x.shape[:axis] + index.shape + x.shape[axis+1:].",
        .unlike = "beyond the end: torch.index_select(x, 0, torch.tensor([2])) | tf.gather(x, [2])",
        .infer = infer_take,
        .cpu = [](const Call& c) { take(c.x(0), axis_of(c), c.x(1), c.y()); },
        .vjp = [](Vjp& c) -> Tensors {
          const Tensor zero = zeros_like(c.like(0));
          return {take_add(zero, c.x(1), c.g(), c.attrs().integer(0)), Tensor()};
        },
        .saves = X1,
        .ref = take_ref,
        .samples = "f32[5,3], i64[4]:below5 | f64[2,5]:strided, i32[2,3]:below5; axis=1 | f32[4], "
                   "i64[]:below4 | bool[3], i64[5]:below3 | "
                   "f32[3], i64[0] | !f32[3], i64[2]:below9 -> index | !f32[], i64[2] -> shape | !f32[3], "
                   "f32[1] -> dtype",
    },
    {
        .name = "take_add",
        .sig = "x: number, index: index, source: number, axis: int = 0",
        .torch = "index_add(input, dim, index, source)",
        .tf = "",
        .doc = "x with slices of source added where take would read them; duplicates add in index order.",
        .infer = infer_take_add,
        .cpu = [](const Call& c) { copy(c.x(0), c.y()), take_add(c.y(), axis_of(c), c.x(1), c.x(2)); },
        .vjp = [](Vjp& c) -> Tensors {
          Tensor gs;
          if (c.needs(2)) gs = take(c.g(), c.x(1), c.attrs().integer(0));
          return {c.g(), Tensor(), gs};
        },
        .saves = X1,
        .ref = take_add_ref,
        .ulp = 8,
        .samples = "f32[5,3], i64[4]:below5, f32[4,3] | f64[2,5], i32[3]:below5, f64[2,3]; axis=1 | i64[3], "
                   "i64[7]:below3, i64[7] | "
                   "!f32[3], i64[2]:below9, f32[2] -> index | !f32[3], i64[2]:below3, f32[4] -> shape",
    },
    {
        .name = "nonzero",
        .sig = "x: any",
        .torch = "nonzero(input)",
        .tf = "where(condition)",
        .doc = "The coordinates (i64, one row each) of the elements that are not zero; how many is known "
               "only when it runs.",
        .infer =
            [](Infer& c) {
              c.out.push_back({i64, Shape{unknown, ranked(c).rank()}});
            },
        .produce = [](const Produce& c) -> Tensors {
          const Array& x = c.in[0].impl()->array;
          const auto out = core::allocate(i64, Shape{count_nonzero(x), x.rank()});
          nonzero(x, out->array);
          return {core::handle(out)};
        },
        .ref = [](const RefCall& c) -> std::vector<RefTensor> {
          RefTensor out{{}, {}};
          std::int64_t n = 0;
          walk(c.in[0].shape, [&](std::size_t i, const Dims& at) {
            if (c.in[0].values[i] == 0) return;
            ++n;
            for (std::int64_t k : at) out.values.push_back(static_cast<double>(k));
          });
          out.shape = Shape{n, c.in[0].shape.rank()};
          return {out};
        },
        .samples = "i32[9]:below3 | bool[3,4] | f32[2,3]:strided | f32[0] | i64[2,3,2]:below2",
    },
    {
        .name = "concat",
        .sig = "*parts: any, axis: int = 0",
        .torch = "cat(tensors, dim)",
        .tf = "concat(values, axis)",
        .doc = "The parts one after the other along `axis`.",
        .infer = infer_concat,
        .cpu = [](const Call& c) { concat(c.in.data(), static_cast<int>(c.in.size()), axis_of(c), c.y()); },
        .vjp = [](Vjp& c) -> Tensors {
          Tensors likes{c.g()}, out(static_cast<std::size_t>(c.inputs()));
          for (int i = 0; i < c.inputs(); ++i) likes.push_back(c.like(i));
          for (int i = 0; i < c.inputs(); ++i)
            if (c.needs(i)) out[static_cast<std::size_t>(i)] = concat_part(likes, c.attrs().integer(0), i);
          return out;
        },
        .ref = [](const RefCall& c) -> std::vector<RefTensor> {
          const int axis = normal_axis(c.attrs.integer(0), c.in[0].shape.rank());
          Dims dims = c.in[0].shape.dims();
          for (std::size_t p = 1; p < c.in.size(); ++p) dims[axis] += c.in[p].shape[axis];
          RefTensor out{Shape(dims), {}};
          walk(out.shape, [&](std::size_t, Dims at) {
            std::size_t p = 0;
            while (at[axis] >= c.in[p].shape[axis]) at[axis] -= c.in[p++].shape[axis];
            out.values.push_back(c.in[p].values[offset(c.in[p].shape, at)]);
          });
          return {out};
        },
        .samples = "f32[2,3], f32[1,3] | f64[2,3]:strided, f64[2,1], f64[2,2]; axis=1 | i32[2] | f32[0], "
                   "f32[3] | f32[2], f64[1] | "
                   "!f32[2,3], f32[2,2] -> shape | !f32[], f32[] -> shape | !f32[2], f32[2]; axis=1 -> index",
    },
};
constinit Rows index{"index", index_rows};

}  // namespace twofold::ops
