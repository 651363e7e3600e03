// Axes reordered, added and dropped: views of the same elements.
#include "ops/reference.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

using core::RefCall;
using core::RefTensor;

Dims normal_permutation(const Infer& c) {
  const int rank = ranked(c).rank();
  const Dims& axes = c.attrs.dims(0);
  Dims out;
  for (std::int64_t a : axes) out.push_back(normal_axis(a, rank, "axes"));
  for (int i = 0; i < rank; ++i)
    if (axes.size() != rank || !out.contains(i))
      throw ValueError(
          {.op = c.op.name, .argument = "axes", .got = to_string(axes), .expected = "every axis once"});
  return out;
}

void infer_permute(Infer& c) {
  Dims out;
  for (std::int64_t a : normal_permutation(c)) out.push_back(ranked(c)[static_cast<int>(a)]);
  c.out.push_back({c.in[0].dtype, Shape(out)});
}

void permute_view(const Array& in, Array& out, const Attrs& a) {
  out.data = in.data;
  out.strides.resize(in.rank());
  for (int i = 0; i < in.rank(); ++i) out.strides[i] = in.strides[normal_axis(a.dims(0)[i], in.rank())];
}

Dims inverse(const Dims& axes) {
  Dims out = axes;
  for (int i = 0; i < axes.size(); ++i) out[normal_axis(axes[i], axes.size())] = i;
  return out;
}

std::vector<RefTensor> permute_ref(const RefTensor& x, const Dims& axes) {
  const int rank = x.shape.rank();
  Dims shape;
  for (std::int64_t a : axes) shape.push_back(x.shape[normal_axis(a, rank)]);
  return tabulate(Shape(shape), [&](const Dims& at) {
    Dims from = at;
    for (int i = 0; i < rank; ++i) from[normal_axis(axes[i], rank)] = at[i];
    return x.values[offset(x.shape, from)];
  });
}

int known_rank(const char* op, const Tensor& x) {
  if (x.shape().has_rank()) return x.rank();
  throw ShapeError(
      {.op = op, .argument = "x", .got = "a tensor of unknown rank", .expected = "a known rank"});
}

// The axes 0, 1, ... with two of them exchanged.
Dims exchanged(int rank, const Attrs& a) {
  Dims axes;
  for (int i = 0; i < rank; ++i) axes.push_back(i);
  if (rank > 0)
    std::swap(axes[normal_axis(a.integer(0), rank, "axis0")], axes[normal_axis(a.integer(1), rank, "axis1")]);
  return axes;
}

Dims each_once(const Dims& axes, int rank, const char* argument) {
  Dims out;
  for (std::int64_t a : axes) {
    const int axis = normal_axis(a, rank, argument);
    if (out.contains(axis))
      throw ValueError(
          {.op = "movedim", .argument = argument, .got = to_string(axes), .expected = "each axis once"});
    out.push_back(axis);
  }
  return out;
}

// Each destination takes its source; the other axes keep their order in the places left.
Dims moved(int rank, const Dims& sources, const Dims& destinations) {
  if (sources.size() != destinations.size())
    throw ValueError({.op = "movedim",
                      .argument = "destination",
                      .got = to_string(destinations) + " for " + to_string(sources),
                      .expected = "as many axes as in source"});
  const Dims from = each_once(sources, rank, "source"), to = each_once(destinations, rank, "destination");
  Dims axes;
  axes.resize(rank);
  for (int i = 0; i < from.size() && rank > 0; ++i) axes[static_cast<int>(to[i])] = from[i];
  int next = 0;
  for (int d = 0; d < rank; ++d) {
    if (to.contains(d)) continue;
    while (from.contains(next)) ++next;
    axes[d] = next++;
  }
  return axes;
}

void infer_squeeze(Infer& c) {
  const Shape& x = ranked(c);
  const Dims axes = listed_axes(c.attrs.dims(0), x.rank());
  for (std::int64_t axis : c.attrs.dims(0)) {
    const int d = normal_axis(axis, x.rank());
    if (x.rank() > 0 && (x[d] == 1 || x[d] == unknown)) continue;
    throw ShapeError({.op = c.op.name,
                      .argument = "x",
                      .got = to_string(x),
                      .expected = "size 1 at axis " + std::to_string(d)});
  }
  c.out.push_back({c.in[0].dtype, reduced_shape(x, axes, false)});
}

}  // namespace

constinit const Op axes_rows[] = {
    {
        .name = "permute",
        .sig = "x: any, axes: ints",
        .torch = "permute(input, dims)",
        .tf = "transpose(a, perm)",
        .doc = "A view whose axis i is x's axis axes[i].",
        .infer = infer_permute,
        .view = permute_view,
        .vjp = [](Vjp& c) -> Tensors { return {permute(c.g(), inverse(c.attrs().dims(0)))}; },
        .ref = [](const RefCall& c) { return permute_ref(c.in[0], c.attrs.dims(0)); },
        .samples = "f32[3,4]; axes=[1,0] | f64[2,3,4]:strided; axes=[2,0,1] | i32[2,3]; axes=[-1,-2] | "
                   "f32[0,2]; axes=[1,0] | "
                   "!f32[2,3]; axes=[0,0] -> value | !f32[2,3]; axes=[0,2] -> index",
    },
    {
        .name = "transpose",
        .sig = "x: any, axis0: int = -2, axis1: int = -1",
        .torch = "transpose(input, dim0, dim1)",
        .tf = "linalg.transpose(a)",
        .doc = "A view with two axes exchanged.",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          const int rank = known_rank("transpose", in[0]);
          return {rank == 0 ? in[0] : permute(in[0], exchanged(rank, a))};
        },
        .moves = true,
        .ref =
            [](const RefCall& c) { return permute_ref(c.in[0], exchanged(c.in[0].shape.rank(), c.attrs)); },
        .samples = "f32[3,4] | f64[2,3,4]:strided; axis0=0, axis1=2 | !f32[2,3]; axis0=2 -> index",
    },
    {
        .name = "movedim",
        .sig = "x: any, source: ints, destination: ints",
        .torch = "movedim(input, source, destination)",
        .tf = "",
        .doc = "A view with the source axes at their destinations, the others in their order in the places "
               "left.",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          const int rank = known_rank("movedim", in[0]);
          return {permute(in[0], moved(rank, a.dims(0), a.dims(1)))};
        },
        .moves = true,
        .ref =
            [](const RefCall& c) {
              // One source after the other, by the smallest destination first, into what is left of the list.
              const int rank = c.in[0].shape.rank();
              std::vector<std::pair<int, int>> moves;  // destination, source
              for (int i = 0; i < c.attrs.dims(0).size(); ++i)
                moves.emplace_back(normal_axis(c.attrs.dims(1)[i], rank),
                                   normal_axis(c.attrs.dims(0)[i], rank));
              std::vector<int> axes;
              for (int d = 0; d < rank; ++d)
                if (std::none_of(moves.begin(), moves.end(), [&](auto m) { return m.second == d; }))
                  axes.push_back(d);
              std::sort(moves.begin(), moves.end());
              for (auto [to, from] : moves) axes.insert(axes.begin() + to, from);
              Dims order;
              for (int a : axes) order.push_back(a);
              return permute_ref(c.in[0], order);
            },
        .samples = "f32[2,3,4]; source=[0], destination=[2] | f64[2,3,4]:strided; source=[-1,0], "
                   "destination=[0,1] | i32[2,3]; "
                   "source=[], destination=[] | f16[2,3,1,2]; source=[0,3], destination=[3,1] | !f32[2,3]; "
                   "source=[0], "
                   "destination=[0,1] -> value | !f32[2,3]; source=[0,-2], destination=[0,1] -> value | "
                   "!f32[2]; source=[1], "
                   "destination=[0] -> index",
    },
    {
        .name = "unsqueeze",
        .sig = "x: any, axis: int",
        .torch = "unsqueeze(input, dim)",
        .tf = "expand_dims(input, axis)",
        .doc = "A view with a dimension of size 1 inserted at `axis`.",
        .infer =
            [](Infer& c) {
              const Shape& x = ranked(c);
              const int axis = normal_axis(c.attrs.integer(0), x.rank() + 1);
              Dims out;
              for (int i = 0; i <= x.rank(); ++i) out.push_back(i == axis ? 1 : x[i < axis ? i : i - 1]);
              c.out.push_back({c.in[0].dtype, Shape(out)});
            },
        .view =
            [](const Array& in, Array& out, const Attrs& a) {
              const int axis = normal_axis(a.integer(0), in.rank() + 1);
              out.data = in.data;
              out.strides = {};
              for (int i = 0; i <= in.rank(); ++i)
                out.strides.push_back(i == axis ? 0 : in.strides[i < axis ? i : i - 1]);
            },
        .vjp = [](Vjp& c) -> Tensors { return {reshape_as(c.g(), c.like(0))}; },
        .keeps_order = true,
        .ref =
            [](const RefCall& c) {
              const int axis = normal_axis(c.attrs.integer(0), c.in[0].shape.rank() + 1);
              Dims out;
              for (int i = 0; i <= c.in[0].shape.rank(); ++i)
                out.push_back(i == axis ? 1 : c.in[0].shape[i < axis ? i : i - 1]);
              return std::vector<RefTensor>{{Shape(out), c.in[0].values}};
            },
        .samples = "f32[3,4]; axis=0 | f64[3,4]:strided; axis=-1 | i32[]; axis=0 | !f32[3]; axis=2 -> index",
    },
    {
        .name = "squeeze",
        .sig = "x: any, axis: ints",
        .torch = "squeeze(input, dim)",
        .tf = "squeeze(input, axis)",
        .doc = "A view without these axes, whose sizes must be 1.",
        .unlike = "along a size that is not 1: torch.squeeze(x, 0).shape | tf.squeeze(x, 0)",
        .infer = infer_squeeze,
        .view =
            [](const Array& in, Array& out, const Attrs& a) {
              const Dims axes = listed_axes(a.dims(0), in.rank());
              out.data = in.data;
              out.strides = {};
              for (int i = 0; i < in.rank(); ++i)
                if (!axes.contains(i)) out.strides.push_back(in.strides[i]);
            },
        .vjp = [](Vjp& c) -> Tensors { return {reshape_as(c.g(), c.like(0))}; },
        .keeps_order = true,
        .ref = [](const RefCall& c) -> std::vector<RefTensor> {
          const Shape& x = c.in[0].shape;
          return {{reduced_shape(x, listed_axes(c.attrs.dims(0), x.rank()), false), c.in[0].values}};
        },
        .samples = "f32[3,1]; axis=[1] | f64[1,3,4]:strided; axis=[0] | i32[1]; axis=[-1] | f16[1,2,1,3,1]; "
                   "axis=[-1,0] | "
                   "f32[2]; axis=[] | !f32[3]; axis=[0] -> shape | !f32[1]; axis=[1] -> index | !f32[1,1]; "
                   "axis=[0,-2] -> "
                   "value | !f32[]; axis=[0] -> shape",
    },
};
constinit Rows axes{"axes", axes_rows};

}  // namespace twofold::ops
