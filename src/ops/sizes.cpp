// Shapes as values: the sizes of a tensor as a tensor, and results whose sizes a tensor says. What a graph
// with unknown dimensions needs; eager code reads shape() instead.
#include "kernels/index.h"
#include "ops/reference.h"
#include "ops/rows.h"
#include "ops/told.h"

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
        .infer = [](Infer& c) { infer_told(c, 0, 1); },
        .produce =
            [](const Produce& c) {
              return as_promised(c, reshape(c.in[0], sizes_in(c.op.name, c.in[1].impl()->array)));
            },
        .vjp = [](Vjp& c) -> Tensors {
          return {reshape_as(c.g(), c.like(0)), Tensor()};
        },
        .ref = [](const RefCall& c) -> std::vector<RefTensor> {
          return {{told(c), c.in[0].values}};
        },
        .samples = "f32[3,4], i32[2]:is(2,6) | f64[2,3]:strided, i64[1]:is(-1) | i32[4], i64[2]:is(-1,2); "
                   "hint=[-1,2] | "
                   "f32[1], i32[0] | f32[0,3], i32[1]:is(0) | !f32[1], i32[9]; hint=[1] -> shape | !f32[3], "
                   "i32[1]:is(4) -> shape | "
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
        .infer = [](Infer& c) { infer_told(c, 0, 1); },
        .produce =
            [](const Produce& c) {
              return as_promised(c, expand(c.in[0], sizes_in(c.op.name, c.in[1].impl()->array)));
            },
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
