// Shapes as values: the sizes of a tensor as a tensor, and results whose sizes a tensor says. What a graph
// with unknown dimensions needs; eager code reads shape() instead.
#include "kernels/index.h"
#include "ops/reference.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

using core::RefCall;
using core::RefTensor;

void infer_shape_of(Infer& c) {
  const Shape& x = c.in[0].shape;
  c.out.push_back({c.attrs.dtype(0), Shape{x.has_rank() ? x.rank() : unknown}});
}

void write_sizes(const Call& c) {
  const Shape& shape = c.x(0).shape;
  std::int64_t sizes[max_rank];
  std::copy(shape.begin(), shape.end(), sizes);
  copy(contiguous_array(sizes, i64, c.y().shape), c.y());
}

// --- results of told sizes
// -----------------------------------------------------------------------------------------------

// `hint` says what is known of the sizes while a graph is built, -1 where nothing is; the run is held to it.
Shape hinted(const Infer& c) {
  const Dims& hint = c.attrs.dims(0);
  const Shape& sizes = c.in[1].shape;
  if (!hint.empty()) return Shape(hint);
  if (!sizes.known()) return Shape::unknown_rank();
  if (sizes.numel() > max_rank)
    throw ShapeError({.op = c.op.name,
                      .argument = "sizes",
                      .got = std::to_string(sizes.numel()) + " sizes",
                      .expected = "at most " + std::to_string(max_rank)});
  Dims dims;
  for (std::int64_t i = 0; i < sizes.numel(); ++i) dims.push_back(unknown);
  return Shape(dims);
}

void infer_told(Infer& c) {
  const Shape& sizes = c.in[1].shape;
  if (sizes.has_rank() && sizes.rank() != 1)
    throw ShapeError({.op = c.op.name,
                      .argument = "sizes",
                      .got = "shape " + to_string(sizes),
                      .expected = "one dimension"});
  c.out.push_back({c.in[0].dtype, hinted(c)});
}

Dims sizes_in(const Array& sizes) {
  std::int64_t values[max_rank];
  copy(sizes, contiguous_array(values, i64, sizes.shape));
  return Dims(std::span<const std::int64_t>(values, static_cast<std::size_t>(sizes.numel())));
}

// What a graph has planned with must come true.
Tensors as_promised(const Produce& c, const Tensor& result) {
  const Dims& hint = c.attrs.dims(0);
  if (!hint.empty() && !Shape(hint).accepts(result.shape()))
    throw ShapeError({.op = c.op.name,
                      .argument = "sizes",
                      .got = to_string(result.shape()),
                      .expected = "what the graph was told: " + to_string(Shape(hint))});
  return {identity(result)};
}

Shape told(const RefCall& c) {
  Dims dims;
  std::int64_t others = 1;
  for (double v : c.in[1].values) {
    dims.push_back(static_cast<std::int64_t>(v));
    if (v >= 0) others *= static_cast<std::int64_t>(v);
  }
  const auto n = static_cast<std::int64_t>(c.in[0].values.size());
  for (int i = 0; i < dims.size(); ++i)
    if (dims[i] < 0) dims[i] = n / others;
  return Shape(dims);
}

}  // namespace

constinit const Op sizes_rows[] = {
    {
        .name = "shape_of",
        .sig = "x: any, dtype: dtype = i32",
        .torch = "",
        .tf = "",
        .doc = "The sizes of x as a tensor: what a graph learns of an unknown dimension when it runs.",
        .infer = infer_shape_of,
        .cpu = write_sizes,
        .shape_only = X0,
        .ref = [](const RefCall& c) -> std::vector<RefTensor> {
          const Shape& x = c.in[0].shape;
          return {{Shape{x.rank()}, std::vector<double>(x.begin(), x.end())}};
        },
        .samples = "f32[3,4] | bool[2,0,5]; dtype=i64 | f64[] | i32[7]:strided",
    },
    {
        .name = "reshape_to",
        .sig = "x: any, sizes: index, hint: ints = []",
        .torch = "",
        .tf = "",
        .doc = "A copy of x under the shape that a tensor says (one -1 is worked out); `hint`: what is known "
               "of it "
               "before, -1 for an unknown size.",
        .promote = Promote::none,
        .infer = infer_told,
        .produce =
            [](const Produce& c) {
              return as_promised(c, reshape(c.in[0], sizes_in(c.in[1].impl()->array)));
            },
        .vjp = [](Vjp& c) -> Tensors {
          return {reshape_as(c.g(), c.like(0)), Tensor()};
        },
        .ref = [](const RefCall& c) -> std::vector<RefTensor> {
          return {{told(c), c.in[0].values}};
        },
        .samples = "f32[3,4], i32[2]:is(2,6) | f64[2,3]:strided, i64[1]:is(-1) | i32[4], i64[2]:is(-1,2); "
                   "hint=[-1,2] | "
                   "f32[1], i32[0] | f32[0,3], i32[1]:is(0) | !f32[3], i32[1]:is(4) -> shape | "
                   "!f32[4], i32[1]:is(4); hint=[2,2] -> shape | !f32[4], i32[1,1]:is(4) -> shape | "
                   "!f32[4], i32[2]:is(-1,-1) -> shape | !f32[1], i32[9]:is(1) -> shape",
    },
    {
        .name = "expand_to",
        .sig = "x: any, sizes: index, hint: ints = []",
        .torch = "",
        .tf = "",
        .doc = "A copy of x broadcast to the shape that a tensor says; `hint` as in reshape_to.",
        .promote = Promote::none,
        .infer = infer_told,
        .produce =
            [](const Produce& c) { return as_promised(c, expand(c.in[0], sizes_in(c.in[1].impl()->array))); },
        .vjp = [](Vjp& c) -> Tensors {
          return {sum_to(c.g(), c.like(0)), Tensor()};
        },
        .ref = [](const RefCall& c) -> std::vector<RefTensor> {
          const RefTensor& x = c.in[0];
          return tabulate(told(c), [&](const Dims& at) { return x.values[offset(x.shape, at)]; });
        },
        .samples =
            "f32[4], i32[2]:is(3,4) | f64[3,1]:strided, i64[3]:is(2,3,4); hint=[2,-1,-1] | i32[], "
            "i32[1]:is(5) | "
            "f32[], i32[2]:is(0,3) | !f32[3], i32[1]:is(4) -> shape | !f32[3,1], i32[1]:is(3) -> shape | "
            "!f32[], i32[1]:is(4); hint=[3] -> shape",
    },
};
constinit Rows sizes{"sizes", sizes_rows};

}  // namespace twofold::ops
