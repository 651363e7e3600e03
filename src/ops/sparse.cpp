// Indices into several axes at once, and what sparse tensors are made of.
#include "kernels/flat_index.h"
#include "kernels/index.h"
#include "ops/reference.h"
#include "ops/rows.h"
#include "ops/told.h"

namespace twofold::ops {
namespace {

using core::RefCall;
using core::RefTensor;

// How many axes a row of indices names; `unknown` where only a run knows.
std::int64_t width_of(const Infer& c, int i) {
  const Shape& s = c.in[static_cast<std::size_t>(i)].shape;
  if (!s.has_rank()) return unknown;
  if (s.rank() > 0 && s[s.rank() - 1] <= max_rank) return s[s.rank() - 1];
  throw ShapeError({.op = c.op.name,
                    .argument = "indices",
                    .got = to_string(s),
                    .expected = "a last dimension of at most " + std::to_string(max_rank)});
}

// The dimensions [first, last) of a shape.
Dims part(const Shape& s, int first, int last) {
  Dims out;
  for (int d = first; d < last; ++d) out.push_back(s[d]);
  return out;
}

std::int64_t product_of(const Dims& dims) {
  std::int64_t n = 1;
  for (std::int64_t d : dims) n = checked_mul(n, d);
  return n;
}

void infer_gather_nd(Infer& c) {
  const std::int64_t known = width_of(c, 1);
  const Shape &x = c.in[0].shape, &indices = c.in[1].shape;
  if (known == unknown || !x.has_rank()) return c.out.push_back({c.in[0].dtype, Shape::unknown_rank()});
  const int width = static_cast<int>(known);
  if (width > x.rank())
    throw ShapeError({.op = c.op.name,
                      .argument = "indices",
                      .got = std::to_string(width) + " indices in a row",
                      .expected = "at most the rank of x, " + std::to_string(x.rank())});
  Dims out = part(indices, 0, indices.rank() - 1);
  for (std::int64_t d : part(x, width, x.rank())) out.push_back(d);
  c.out.push_back({c.in[0].dtype, Shape(out)});
}

// x as [places, slice] and the rows of indices as places.
void run_gather_nd(const Call& c) {
  const Array &x = c.x(0), &indices = c.x(1);
  const int width = static_cast<int>(indices.shape[indices.rank() - 1]);
  const Dims sizes = part(x.shape, 0, width);
  std::vector<std::int64_t> flat = flat_indices(c.op.name, indices, sizes);
  if (width == 0)
    flat.assign(static_cast<std::size_t>(product_of(part(indices.shape, 0, indices.rank() - 1))), 0);
  const std::int64_t places = product_of(sizes), slice = product_of(part(x.shape, width, x.rank()));
  Ref<core::Impl> packed;
  if (!x.contiguous) copy(x, (packed = core::allocate(x.dtype, x.shape))->array);
  const auto rows = static_cast<std::int64_t>(flat.size());
  take(contiguous_array(packed ? packed->array.data : x.data, x.dtype, Shape{places, slice}), 0,
       contiguous_array(flat.data(), i64, Shape{rows}),
       contiguous_array(c.y().data, x.dtype, Shape{rows, slice}));
}

// What the reference calls place r: its offset among the elements.
std::int64_t place(const RefTensor& indices, std::int64_t r, const Shape& space) {
  const std::int64_t width = indices.shape[indices.shape.rank() - 1];
  std::int64_t at = 0;
  for (std::int64_t k = 0; k < width; ++k)
    at = at * space[static_cast<int>(k)] +
         static_cast<std::int64_t>(indices.values[static_cast<std::size_t>(r * width + k)]);
  return at;
}

std::vector<RefTensor> gather_nd_ref(const RefCall& c) {
  const RefTensor &x = c.in[0], &indices = c.in[1];
  const int width = static_cast<int>(indices.shape[indices.shape.rank() - 1]);
  Dims dims = part(indices.shape, 0, indices.shape.rank() - 1);
  const std::int64_t rows = product_of(dims), slice = product_of(part(x.shape, width, x.shape.rank()));
  for (std::int64_t d : part(x.shape, width, x.shape.rank())) dims.push_back(d);
  RefTensor out{Shape(dims), {}};
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t k = 0; k < slice; ++k)
      out.values.push_back(x.values[static_cast<std::size_t>(place(indices, r, x.shape) * slice + k)]);
  return {out};
}

// updates: indices.shape[:-1] + sizes[K:].
void check_updates(const Op& op, const Shape& indices, const Shape& updates, const Shape& out) {
  const int width = static_cast<int>(indices[indices.rank() - 1]);
  bool fits = width <= out.rank();
  Dims wanted = part(indices, 0, indices.rank() - 1);
  for (int d = width; fits && d < out.rank(); ++d) wanted.push_back(out[d]);
  if (!fits || !(Shape(wanted) == updates))
    throw ShapeError(
        {.op = op.name,
         .argument = "updates",
         .got = to_string(updates) + " for indices " + to_string(indices) + " into " + to_string(out),
         .expected =
             fits ? to_string(Shape(wanted)) : "rows of at most " + std::to_string(out.rank()) + " indices"});
}

Tensors run_scatter_nd(const Produce& c) {
  const Array &indices = c.in[0].impl()->array, &updates = c.in[1].impl()->array;
  const Shape shape(sizes_in(c.op.name, c.in[2].impl()->array));
  check_updates(c.op, indices.shape, updates.shape, shape);
  const int width = static_cast<int>(indices.shape[indices.rank() - 1]);
  const Dims sizes = part(shape, 0, width);
  std::vector<std::int64_t> flat = flat_indices(c.op.name, indices, sizes);
  if (width == 0)
    flat.assign(static_cast<std::size_t>(product_of(part(indices.shape, 0, indices.rank() - 1))), 0);
  const std::int64_t slice = product_of(part(shape, width, shape.rank()));
  const auto rows = static_cast<std::int64_t>(flat.size());
  const Tensor out = full(shape.dims(), 0.0, updates.dtype), packed = identity(c.in[1]);
  take_add(contiguous_array(out.impl()->array.data, updates.dtype, Shape{product_of(sizes), slice}), 0,
           contiguous_array(flat.data(), i64, Shape{rows}),
           contiguous_array(packed.impl()->array.data, updates.dtype, Shape{rows, slice}));
  return as_promised(c, out);
}

std::vector<RefTensor> scatter_nd_ref(const RefCall& c) {
  const RefTensor &indices = c.in[0], &updates = c.in[1];
  Dims dims;
  for (double v : c.in[2].values) dims.push_back(static_cast<std::int64_t>(v));
  RefTensor out{Shape(dims), {}};
  out.values.resize(static_cast<std::size_t>(out.shape.numel()));
  const std::int64_t width = indices.shape[indices.shape.rank() - 1];
  const std::int64_t slice = product_of(part(out.shape, static_cast<int>(width), out.shape.rank()));
  const std::int64_t rows = slice ? static_cast<std::int64_t>(updates.values.size()) / slice : 0;
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t k = 0; k < slice; ++k)
      out.values[static_cast<std::size_t>(place(indices, r, out.shape) * slice + k)] +=
          updates.values[static_cast<std::size_t>(r * slice + k)];
  return {out};
}

Dims known_dims(const Shape& s) { return s.has_rank() ? s.dims() : Dims{}; }

void run_in_order(const Call& c) {
  const Dims sizes = sizes_in(c.op.name, c.x(1));
  if (c.x(0).rank() != 2 || c.x(0).shape[1] != sizes.size())
    throw ShapeError({.op = c.op.name,
                      .argument = "indices",
                      .got = to_string(c.x(0).shape) + " for " + std::to_string(sizes.size()) + " sizes",
                      .expected = "[rows, sizes]"});
  check_increasing(c.op.name, c.x(0), sizes);
  copy(c.x(0), c.y());
}

}  // namespace

constinit const Op sparse_rows[] = {
    {
        .name = "gather_nd",
        .sig = "x: any, indices: index",
        .torch = "",
        .tf = "gather_nd(params, indices)",
        .doc = "The elements or slices of x that the rows of indices name: indices.shape[:-1] + x.shape[K:] "
               "for rows "
               "of K indices.",
        .infer = infer_gather_nd,
        .cpu = run_gather_nd,
        .vjp = [](Vjp& c) -> Tensors {
          const Tensor like = c.like(0);
          return {scatter_nd(c.x(1), c.g(), shape_of(like, i64), known_dims(like.shape())), Tensor()};
        },
        .saves = X1,
        .ref = gather_nd_ref,
        .samples =
            "f32[3,4], i64[5,2]:below3 | f64[3,4]:strided, i32[2,1]:below3 | i32[2,3,2], i64[2,2,3]:below2 | "
            "f32[3], i64[0,1] | f32[2,3], i32[2,0] | !f32[3], i64[2,1]:is(1,3) -> index | "
            "!f32[3], i64[1,1]:is(-1) -> index | !f32[3], i64[1,2] -> shape | !f32[3], i64[] -> shape",
    },
    {
        .name = "scatter_nd",
        .sig = "indices: index, updates: number, sizes: index, hint: ints = []",
        .torch = "",
        .tf = "scatter_nd(indices, updates, shape)",
        .doc = "Zeros of the shape that `sizes` says, with updates added at the places that the rows of "
               "indices name, in "
               "their order; `hint` as in reshape_to.",
        .promote = Promote::none,
        .infer = [](Infer& c) { (void)width_of(c, 0), infer_told(c, 1, 2); },
        .produce = run_scatter_nd,
        .vjp = [](Vjp& c) -> Tensors {
          return {Tensor(), gather_nd(c.g(), c.x(0)), Tensor()};
        },
        .saves = X0,
        .ref = scatter_nd_ref,
        .ulp = 8,
        .samples = "i64[5,2]:below3, f32[5], i64[2]:is(3,4) | i32[2,1]:below3, f64[2,4]:strided, "
                   "i32[2]:is(3,4); hint=[-1,4] | "
                   "i64[2,1]:is(1,1), i32[2], i64[1]:is(3) | i64[0,1], f32[0], i64[1]:is(2) | "
                   "!i64[1,1]:is(3), f32[1], i64[1]:is(3) -> index | !i64[2,1]:below3, f32[3], i64[1]:is(3) "
                   "-> shape | "
                   "!i64[1,2]:below2, f32[1], i64[1]:is(3) -> shape | !i64[1,1]:is(0), f32[1], i64[1]:is(3); "
                   "hint=[2] -> shape",
    },
    {
        .name = "in_order",
        .sig = "indices: index, sizes: index",
        .torch = "",
        .tf = "",
        .doc = "The rows of indices, refused unless they lie within sizes and increase in row-major order: "
               "what makes a "
               "sparse tensor canonical.",
        .promote = Promote::none,
        .infer = same_as_x,
        .cpu = run_in_order,
        .ref = [](const RefCall& c) -> std::vector<RefTensor> { return {c.in[0]}; },
        .samples = "i64[2,2]:is(0,1,2,0), i64[2]:is(3,4) | i32[0,1], i32[1]:is(3) | "
                   "!i64[2,1]:is(1,0), i64[1]:is(3) -> index | !i64[2,1]:is(1,1), i64[1]:is(3) -> index | "
                   "!i64[1,1]:is(3), i64[1]:is(3) -> index | !i64[1,1]:is(0), i64[2]:is(3,3) -> shape | "
                   "!i64[1,1], i64[30] -> shape | !i64[1], i64[1,1] -> shape",
    },
};
constinit Rows sparse{"sparse", sparse_rows};

}  // namespace twofold::ops
