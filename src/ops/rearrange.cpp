// Elements moved, repeated and surrounded: copies, where shape.cpp has views.
#include "kernels/rearrange.h"

#include "kernels/index.h"
#include "ops/packed.h"
#include "ops/reference.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

using core::RefCall;
using core::RefTensor;

// --- pad
// -----------------------------------------------------------------------------------------------------

Border border_of(const Op& op, const std::string& mode) {
  constexpr const char* names[] = {"constant", "reflect", "symmetric", "replicate", "circular"};
  for (int i = 0; i < 5; ++i)
    if (mode == names[i]) return static_cast<Border>(i);
  throw ValueError({.op = op.name,
                    .argument = "mode",
                    .got = "'" + mode + "'",
                    .expected = "constant, reflect, symmetric, replicate or circular"});
}

[[noreturn]] void refuse_pad(const Infer& c, const Shape& x, const char* expected) {
  throw ShapeError(
      {.op = c.op.name,
       .argument = "low",
       .got = to_string(c.attrs.dims(0)) + " and high " + to_string(c.attrs.dims(1)) + " for " + to_string(x),
       .expected = expected});
}

// Attributes of pad and unpad begin alike: low, high, mode.
Shape padded(const Infer& c, const Shape& x) {
  const Dims &low = c.attrs.dims(0), &high = c.attrs.dims(1);
  const Border border = border_of(c.op, c.attrs.text(2));
  if (low.size() != x.rank() || high.size() != x.rank())
    refuse_pad(c, x, "a number for each axis in low and in high");
  Dims out;
  for (int d = 0; d < x.rank(); ++d) {
    check_border(c.op.name, border, x[d], low[d], high[d]);
    const bool known = x[d] != unknown;
    const std::int64_t size = checked_add(checked_add(known ? x[d] : 0, low[d]), high[d]);
    if (known && size < 0) refuse_pad(c, x, "no more taken off than there is");
    out.push_back(known ? size : unknown);
  }
  return Shape(out);
}

void infer_unpad(Infer& c) {
  const Shape expected = padded(c, ranked(c, 1));
  if (!expected.compatible(c.in[0].shape))
    throw ShapeError(
        {.op = c.op.name, .argument = "x", .got = to_string(c.in[0].shape), .expected = to_string(expected)});
  c.out.push_back({c.in[0].dtype, c.in[1].shape});
}

// Padding and its transpose move elements between flat arrays by one list of places.
struct Places {
  Places(const Call& c, const Shape& x, const Shape& out)
      : list(border_places(border_of(c.op, c.attrs.text(2)), x, c.attrs.dims(0), out)) {}
  Array array() { return contiguous_array(list.data(), i64, Shape{static_cast<std::int64_t>(list.size())}); }

  std::vector<std::int64_t> list;
};

Array flat(const Array& a, Ref<core::Impl>& memory) { return packed_as(a, Shape{a.numel()}, memory); }

void run_pad(const Call& c) {
  const Array &x = c.x(0), &out = c.y();
  if (c.attrs.text(2) == "constant") return pad(x, c.attrs.dims(0), c.attrs.real(3), out);
  if (out.numel() == 0) return;
  Ref<core::Impl> packed, none;
  Places places(c, x.shape, out.shape);
  gather(flat(x, packed), 0, places.array(), flat(out, none));
}

void run_unpad(const Call& c) {
  const Array &g = c.x(0), &out = c.y();
  set_number(out, 0.0);
  if (g.numel() == 0) return;
  Ref<core::Impl> packed, none;
  Places places(c, out.shape, g.shape);
  scatter_add(flat(out, none), 0, places.array(), flat(g, packed));
}

Dims negated(const Dims& values) {
  Dims out = values;
  for (int i = 0; i < out.size(); ++i) out[i] = -out[i];
  return out;
}

Tensors pad_vjp(Vjp& c) {
  const Attrs& a = c.attrs();
  if (a.text(2) == "constant") return {pad(c.g(), negated(a.dims(0)), negated(a.dims(1)))};
  return {unpad(c.g(), c.like(0), a.dims(0), a.dims(1), a.text(2))};
}

// Which coordinate of x shows at coordinate `i` beside it; -1 where the border is a constant.
std::int64_t seen(const std::string& mode, std::int64_t i, std::int64_t n) {
  if (i >= 0 && i < n) return i;
  if (mode == "replicate") return i < 0 ? 0 : n - 1;
  if (mode == "circular") return seen(mode, i < 0 ? i + n : i - n, n);
  if (mode == "reflect") return seen(mode, i < 0 ? -i : 2 * (n - 1) - i, n);
  return mode == "symmetric" ? seen(mode, i < 0 ? -1 - i : 2 * n - 1 - i, n) : -1;
}

// Calls each(position in the padded tensor, coordinates in x or none).
template <class Each>
void walk_padded(const RefCall& c, const Shape& x, const Shape& out, Each each) {
  walk(out, [&](std::size_t i, Dims at) {
    bool inside = true;
    for (int d = 0; d < x.rank(); ++d) {
      at[d] = seen(c.attrs.text(2), at[d] - c.attrs.dims(0)[d], x[d]);
      inside &= at[d] >= 0;
    }
    each(i, inside ? &at : nullptr);
  });
}

std::vector<RefTensor> pad_ref(const RefCall& c) {
  const RefTensor& x = c.in[0];
  Dims dims = x.shape.dims();
  for (int d = 0; d < dims.size(); ++d) dims[d] += c.attrs.dims(0)[d] + c.attrs.dims(1)[d];
  RefTensor out{Shape(dims), {}};
  walk_padded(c, x.shape, out.shape, [&](std::size_t, const Dims* from) {
    out.values.push_back(from ? x.values[offset(x.shape, *from)] : c.attrs.real(3));
  });
  return {out};
}

std::vector<RefTensor> unpad_ref(const RefCall& c) {
  RefTensor out{c.in[1].shape, std::vector<double>(c.in[1].values.size())};
  walk_padded(c, out.shape, c.in[0].shape, [&](std::size_t i, const Dims* from) {
    if (from) out.values[offset(out.shape, *from)] += c.in[0].values[i];
  });
  return {out};
}

// --- flip, roll
// ----------------------------------------------------------------------------------------------

void infer_flip(Infer& c) {
  listed_axes(c.attrs.dims(0), ranked(c).rank());
  same_as_x(c);
}

void run_flip(const Call& c) { copy(flipped(c.x(0), listed_axes(c.attrs.dims(0), c.x(0).rank())), c.y()); }

std::vector<RefTensor> flip_ref(const RefCall& c) {
  const RefTensor& x = c.in[0];
  const Dims axes = listed_axes(c.attrs.dims(0), x.shape.rank());
  return tabulate(x.shape, [&](Dims at) {
    for (std::int64_t d : axes)
      at[static_cast<int>(d)] = x.shape[static_cast<int>(d)] - 1 - at[static_cast<int>(d)];
    return x.values[offset(x.shape, at)];
  });
}

void infer_roll(Infer& c) {
  const Dims &shifts = c.attrs.dims(0), &axes = c.attrs.dims(1);
  for (std::int64_t axis : axes) normal_axis(axis, ranked(c).rank(), "axes");
  if (shifts.size() != std::max(1, axes.size()))
    throw ValueError(
        {.op = c.op.name,
         .argument = "shifts",
         .got = std::to_string(shifts.size()) + " shifts for " + std::to_string(axes.size()) + " axes",
         .expected = "one for each axis, or one for all elements in a row"});
  for (std::int64_t n : shifts) checked_add(n, 0);  // so that it can be turned around
  same_as_x(c);
}

// How far each axis is rolled, 0 <= shift < size; an axis may be named more than once.
Dims total_shifts(const Shape& shape, const Dims& shifts, const Dims& axes) {
  Dims out;
  out.resize(shape.rank());
  for (int d = 0; d < shape.rank(); ++d) out[d] = 0;
  for (int i = 0; i < axes.size() && shape.rank() > 0; ++i) {
    const int d = normal_axis(axes[i], shape.rank());
    const std::int64_t n = std::max<std::int64_t>(1, shape[d]);
    out[d] = (out[d] + shifts[i] % n + n) % n;
  }
  return out;
}

void run_roll(const Call& c) {
  const Dims &shifts = c.attrs.dims(0), &axes = c.attrs.dims(1);
  if (!axes.empty()) return roll(c.x(0), total_shifts(c.x(0).shape, shifts, axes), c.y());
  Ref<core::Impl> packed, none;
  const Array row = flat(c.x(0), packed);
  roll(row, total_shifts(row.shape, shifts, {0}), flat(c.y(), none));
}

std::vector<RefTensor> roll_ref(const RefCall& c) {
  RefTensor x = c.in[0];
  const bool in_a_row = c.attrs.dims(1).empty();
  if (in_a_row) x.shape = Shape{x.shape.numel()};
  const Dims axes = in_a_row ? Dims{0} : c.attrs.dims(1);
  auto out = tabulate(x.shape, [&](Dims at) {
    for (int i = 0; i < axes.size() && at.size() > 0; ++i) {
      const int d = normal_axis(axes[i], at.size());
      const std::int64_t n = x.shape[d];
      at[d] = ((at[d] - c.attrs.dims(0)[i]) % n + n) % n;
    }
    return x.values[offset(x.shape, at)];
  });
  out[0].shape = c.in[0].shape;
  return out;
}

// --- tile
// ----------------------------------------------------------------------------------------------------

// x's shape with the leading ones that the counts ask for.
Shape raised(const Infer& c, const Shape& x, const Dims& counts) {
  bool fits = counts.size() >= x.rank();
  for (std::int64_t n : counts) fits &= n >= 0;
  if (!fits)
    throw ShapeError({.op = c.op.name,
                      .argument = "counts",
                      .got = to_string(counts) + " for " + to_string(x),
                      .expected = "a count, 0 or more, for each axis"});
  Dims out;
  for (int d = 0; d < counts.size() - x.rank(); ++d) out.push_back(1);
  for (std::int64_t n : x) out.push_back(n);
  return Shape(out);
}

Shape tiled(const Infer& c, const Shape& x) {
  const Dims& counts = c.attrs.dims(0);
  Dims out = raised(c, x, counts).dims();
  for (int d = 0; d < out.size(); ++d) out[d] = dim_product(out[d], counts[d]);
  return Shape(out);
}

void infer_untile(Infer& c) {
  const Shape expected = tiled(c, ranked(c, 1));
  if (!expected.compatible(c.in[0].shape))
    throw ShapeError(
        {.op = c.op.name, .argument = "x", .got = to_string(c.in[0].shape), .expected = to_string(expected)});
  c.out.push_back({c.in[0].dtype, c.in[1].shape});
}

// Which element of x a coordinate of the tiled tensor shows.
std::size_t tile_source(const Shape& x, Dims at) {
  const int lead = at.size() - x.rank();
  for (int d = 0; d < x.rank(); ++d) at[d + lead] %= x[d];
  return offset(x, at);
}

std::vector<RefTensor> tile_ref(const RefCall& c) {
  const RefTensor& x = c.in[0];
  Dims dims = c.attrs.dims(0);
  for (int d = 1; d <= x.shape.rank(); ++d) dims[dims.size() - d] *= x.shape[x.shape.rank() - d];
  return tabulate(Shape(dims), [&](const Dims& at) { return x.values[tile_source(x.shape, at)]; });
}

std::vector<RefTensor> untile_ref(const RefCall& c) {
  RefTensor out{c.in[1].shape, std::vector<double>(c.in[1].values.size())};
  walk(c.in[0].shape,
       [&](std::size_t i, const Dims& at) { out.values[tile_source(out.shape, at)] += c.in[0].values[i]; });
  return {out};
}

}  // namespace

constinit const Op rearrange_rows[] = {
    {
        .name = "pad",
        .sig = "x: any, low: ints, high: ints, mode: text = \"constant\", value: real = 0",
        .torch = "nn.functional.pad(input, pad, mode, value)",
        .tf = "pad(tensor, paddings, mode, name, constant_values)",
        .doc = "x with low[d] elements before and high[d] after it along each axis d; negative ones crop. "
               "Mode constant: "
               "`value`; reflect, symmetric: mirrored without and with the edge; replicate: the edge; "
               "circular: around.",
        .unlike =
            "in the order of the numbers: torch.nn.functional.pad(x, (1, 0)) | tf.pad(x, [[0, 0], [1, 0]])",
        .infer =
            [](Infer& c) {
              c.out.push_back({c.in[0].dtype, padded(c, ranked(c))});
            },
        .cpu = run_pad,
        .vjp = pad_vjp,
        .ref = pad_ref,
        .samples =
            "f32[3,4]; low=[1,0], high=[2,1] | f64[2,3]:strided; low=[1,-1], high=[-1,2], value=1.5 | "
            "i32[3]; low=[-1], high=[-2] | bool[2]; low=[1], high=[1], value=1 | f16[0]; low=[1], high=[1] | "
            "f32[]; low=[], high=[] | f64[4]; low=[3], high=[3], mode=reflect | "
            "f64[2,3]:strided; low=[2,1], high=[1,3], mode=symmetric | f64[2,3]; low=[0,4], high=[3,0], "
            "mode=replicate | f64[3,4]; low=[3,1], high=[1,2], mode=circular | f32[5]; low=[-2], high=[2], "
            "mode=reflect | f16[3]; low=[2], high=[2], mode=reflect | u8[0,2]; low=[0,1], high=[0,1], "
            "mode=symmetric | !f32[2,3]; low=[1], high=[1] -> shape | !f32[3]; low=[-2], high=[-2] -> shape "
            "| "
            "!f32[3]; low=[0], high=[3], mode=reflect -> shape | !f32[3]; low=[4], high=[0], mode=symmetric "
            "-> "
            "shape | !f32[0]; low=[1], high=[0], mode=replicate -> shape | !f32[2]; low=[1], high=[1], "
            "mode=mirror -> value | "
            "!f32[2]; low=[9223372036854775807], high=[1] -> shape",
    },
    {
        .name = "unpad",
        .sig = "x: number, like: any, low: ints, high: ints, mode: text",
        .doc = "The transpose of pad with a border that repeats elements: each of like's elements is the sum "
               "of all that "
               "show it, in row-major order.",
        .promote = Promote::none,
        .hidden = true,
        .infer = infer_unpad,
        .cpu = run_unpad,
        .vjp = [](Vjp& c) -> Tensors {
          return {pad(c.g(), c.attrs().dims(0), c.attrs().dims(1), c.attrs().text(2)), Tensor()};
        },
        .shape_only = X1,
        .ref = unpad_ref,
        .ulp = 8,
        .samples =
            "f32[9], f32[3]; low=[3], high=[3], mode=circular | f64[5,4]:strided, f64[3,4]; low=[1,0], "
            "high=[1,0], mode=reflect | f16[7], f16[3]; low=[2], high=[2], mode=symmetric | i32[6], i32[2]; "
            "low=[3], high=[1], mode=replicate | f32[0], f32[0]; low=[0], high=[0], mode=reflect | "
            "!f32[4], f32[3]; low=[1], high=[1], mode=reflect -> shape",
    },
    {
        .name = "flip",
        .sig = "x: any, axes: ints",
        .torch = "flip(input, *dims)",
        .tf = "reverse(tensor, axis) -> ReverseV2(tensor, axis)",
        .doc = "A copy of x that runs backwards along `axes`; an empty list names none.",
        .infer = infer_flip,
        .cpu = run_flip,
        .vjp = [](Vjp& c) -> Tensors { return {flip(c.g(), c.attrs().dims(0))}; },
        .ref = flip_ref,
        .samples =
            "f32[3,4]; axes=[0] | f64[2,3,4]:strided; axes=[0,-1] | i32[5]; axes=[0] | bool[3]; axes=[] | "
            "f16[0,2]; axes=[0,1] | f32[]; axes=[0] | !f32[2,2]; axes=[0,0] -> value | !f32[2]; axes=[1] -> "
            "index",
    },
    {
        .name = "roll",
        .sig = "x: any, shifts: ints, axes: ints = []",
        .torch = "roll(input, shifts, dims)",
        .tf = "roll(input, shift, axis) -> Roll(input, shift, axis)",
        .doc = "x with its elements moved shifts[i] places along axes[i], the last coming in as the first; "
               "without axes, "
               "all elements in row-major order.",
        .infer = infer_roll,
        .cpu = run_roll,
        .vjp = [](Vjp& c) -> Tensors { return {roll(c.g(), negated(c.attrs().dims(0)), c.attrs().dims(1))}; },
        .ref = roll_ref,
        .samples =
            "f32[3,4]; shifts=[1], axes=[1] | f64[2,3,4]:strided; shifts=[-1,5], axes=[0,-1] | i32[5]; "
            "shifts=[7] | f64[2,3]:strided; shifts=[2] | f16[4]; shifts=[1,2], axes=[0,0] | bool[0,2]; "
            "shifts=[1], axes=[0] | f32[]; shifts=[1] | f32[2,3]; shifts=[0], axes=[0] | !f32[3]; "
            "shifts=[1,2] -> "
            "value | !f32[3]; shifts=[1], axes=[1] -> index | "
            "!f32[2]; shifts=[-9223372036854775808] -> shape",
    },
    {
        .name = "tile",
        .sig = "x: any, counts: ints",
        .torch = "Tensor.repeat(*repeats)",
        .tf = "tile(input, multiples)",
        .doc = "counts[d] copies of x along each axis d; more counts than axes add leading axes.",
        .unlike = "in what the result may have more of: x.repeat(2, 1, 1).shape | tf.tile(x, [2, 1, 1])",
        .infer =
            [](Infer& c) {
              c.out.push_back({c.in[0].dtype, tiled(c, ranked(c))});
            },
        .cpu = [](const Call& c) { tile(c.x(0), c.y()); },
        .vjp = [](Vjp& c) -> Tensors { return {untile(c.g(), c.like(0), c.attrs().dims(0))}; },
        .ref = tile_ref,
        .samples =
            "f32[3]; counts=[2] | f64[2,3]:strided; counts=[3,2] | i32[2]; counts=[2,1,3] | bool[2,1]; "
            "counts=[1,4] | f16[3]; counts=[0] | f32[0]; counts=[3] | f32[]; counts=[] | f64[]; counts=[4] | "
            "f32[2,3,2]; counts=[1,3,1] | !f32[2,3]; counts=[2] -> shape | !f32[2]; counts=[-1] -> shape",
    },
    {
        .name = "untile",
        .sig = "x: number, like: any, counts: ints",
        .doc = "The transpose of tile: the sum of all copies, axis by axis.",
        .promote = Promote::none,
        .hidden = true,
        .infer = infer_untile,
        .cpu = [](const Call& c) { untile(c.x(0), c.attrs.dims(0), c.y()); },
        .vjp = [](Vjp& c) -> Tensors {
          return {tile(c.g(), c.attrs().dims(0)), Tensor()};
        },
        .shape_only = X1,
        .ref = untile_ref,
        .ulp = 8,
        .samples =
            "f32[6], f32[3]; counts=[2] | f64[6,6]:strided, f64[2,3]; counts=[3,2] | f16[2,4], f16[2]; "
            "counts=[2,2] | "
            "i32[4], i32[]; counts=[4] | f32[0], f32[3]; counts=[0] | !f32[5], f32[3]; counts=[2] -> shape",
    },
};
constinit Rows rearrange{"rearrange", rearrange_rows};

}  // namespace twofold::ops
