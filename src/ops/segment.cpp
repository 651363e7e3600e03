// Elements chosen, counted and added up by class: masks, one-hot codes, histograms, segments.
#include <cstring>

#include "kernels/index.h"
#include "ops/packed.h"
#include "ops/reference.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

using core::RefCall;
using core::RefTensor;

// The dimensions [first, last) of a shape.
Dims part(const Shape& s, int first, int last) {
  Dims out;
  for (int d = first; d < last; ++d) out.push_back(s[d]);
  return out;
}

std::int64_t product_of(const Dims& dims) {
  std::int64_t n = 1;
  for (std::int64_t d : dims) n *= d;
  return n;
}

// Does x's shape begin with this one?
bool begins(const Shape& x, const Shape& with) {
  return x.rank() >= with.rank() && Shape(part(x, 0, with.rank())).compatible(with);
}

// --- one_hot
// ----------------------------------------------------------------------------------------------

void infer_one_hot(Infer& c) {
  const Shape& index = ranked(c);
  const int axis = normal_axis(c.attrs.integer(3), index.rank() + 1);
  const std::int64_t depth = c.attrs.integer(0);
  if (depth < 0)
    throw ValueError(
        {.op = c.op.name, .argument = "depth", .got = std::to_string(depth), .expected = "0 or more"});
  Dims out;
  for (int d = 0; d <= index.rank(); ++d) out.push_back(d == axis ? depth : index[d < axis ? d : d - 1]);
  c.out.push_back({c.attrs.dtype(4), Shape(out)});
}

void run_one_hot(const Call& c) {
  const Array &index = c.x(0), &out = c.y();
  const std::int64_t depth = c.attrs.integer(0);
  const int axis = normal_axis(c.attrs.integer(3), out.rank());
  const std::int64_t inner = product_of(part(index.shape, axis, index.rank()));
  const std::size_t size = size_of(out.dtype);
  std::uint64_t on = 0;
  set_number(contiguous_array(&on, out.dtype, Shape{}), c.attrs.real(1));
  set_number(out, c.attrs.real(2));
  std::int64_t i = 0;
  for (std::int64_t chosen : integers_of(index)) {
    const std::int64_t before = i / inner, after = i % inner;
    ++i;
    if (chosen >= 0 && chosen < depth)
      std::memcpy(out.as<char>() + static_cast<std::size_t>((before * depth + chosen) * inner + after) * size,
                  &on, size);
    else if (c.attrs.flag(5))
      throw ValueError({.op = c.op.name,
                        .argument = "index",
                        .got = std::to_string(chosen),
                        .expected = "a class in [0, " + std::to_string(depth) + ")"});
  }
}

std::vector<RefTensor> one_hot_ref(const RefCall& c) {
  const RefTensor& index = c.in[0];
  const int axis = normal_axis(c.attrs.integer(3), index.shape.rank() + 1);
  Dims dims;
  for (int d = 0; d <= index.shape.rank(); ++d)
    dims.push_back(d == axis ? c.attrs.integer(0) : index.shape[d < axis ? d : d - 1]);
  return tabulate(Shape(dims), [&](const Dims& at) {
    Dims which;
    for (int d = 0; d < at.size(); ++d)
      if (d != axis) which.push_back(at[d]);
    const bool on = index.values[offset(index.shape, which)] == static_cast<double>(at[axis]);
    return c.attrs.real(on ? 1 : 2);
  });
}

// --- bincount
// ----------------------------------------------------------------------------------------------

void infer_bincount(Infer& c) {
  if (!c.in[0].shape.compatible(c.in[1].shape))
    throw ShapeError({.op = c.op.name,
                      .argument = "weights",
                      .got = to_string(c.in[1].shape),
                      .expected = "x's shape " + to_string(c.in[0].shape)});
  c.out.push_back({c.in[1].dtype, Shape{unknown}});
}

std::int64_t bins(std::span<const std::int64_t> values, const Attrs& a) {
  const std::int64_t most = a.integer(1) < 0 ? std::numeric_limits<std::int64_t>::max() : a.integer(1);
  std::int64_t n = std::clamp<std::int64_t>(a.integer(0), 0, most);
  for (std::int64_t v : values) n = v < most ? std::max(n, checked_add(v, 1)) : most;
  return n;
}

Tensors run_bincount(const Produce& c) {
  std::vector<std::int64_t> values = integers_of(c.in[0].impl()->array);
  for (std::int64_t v : values)
    if (v < 0)
      throw ValueError(
          {.op = c.op.name, .argument = "x", .got = std::to_string(v), .expected = "no negative number"});
  const std::int64_t n = bins(values, c.attrs);
  for (std::int64_t& v : values)
    v = std::min(v, n);  // what is too large has a bin of its own, left out at the end
  const Tensor out = full({n + 1}, 0.0, c.in[1].dtype());
  const auto count = static_cast<std::int64_t>(values.size());
  Ref<core::Impl> memory;
  scatter_add(out.impl()->array, 0, contiguous_array(values.data(), i64, Shape{count}),
              packed_as(c.in[1].impl()->array, Shape{count}, memory));
  return {identity(slice(out, 0, 0, n))};
}

Tensors bincount_vjp(Vjp& c) {
  if (!c.needs(1)) return {Tensor(), Tensor()};
  const Tensor x = cast(c.x(0), i64);
  if (c.attrs().integer(1) < 0) return {Tensor(), take(c.g(), x)};
  // What was left out takes a zero beyond the last bin.
  return {Tensor(), take(pad(c.g(), {0}, {1}), minimum(x, c.attrs().integer(1)))};
}

std::vector<RefTensor> bincount_ref(const RefCall& c) {
  double most = -1;
  for (double v : c.in[0].values) most = std::max(most, v);
  auto n = std::max(static_cast<std::int64_t>(most) + 1, c.attrs.integer(0));
  if (c.attrs.integer(1) >= 0) n = std::min(n, c.attrs.integer(1));
  RefTensor out{Shape{n}, std::vector<double>(static_cast<std::size_t>(n))};
  for (std::size_t i = 0; i < c.in[0].values.size(); ++i)
    if (const auto v = static_cast<std::size_t>(c.in[0].values[i]); v < out.values.size())
      out.values[v] += c.in[1].values[i];
  return {out};
}

// --- segments
// ----------------------------------------------------------------------------------------------

void check_segments(const Infer& c) {
  if (!begins(ranked(c, 0), ranked(c, 1)))
    throw ShapeError({.op = c.op.name,
                      .argument = "ids",
                      .got = to_string(ranked(c, 1)) + " for " + to_string(ranked(c, 0)),
                      .expected = "the leading dimensions of x"});
}

Shape segments(const Infer& c, std::int64_t count) {
  Dims out{count};
  for (std::int64_t n : part(ranked(c, 0), ranked(c, 1).rank(), ranked(c, 0).rank())) out.push_back(n);
  return Shape(out);
}

void infer_unsorted(Infer& c) {
  check_segments(c);
  if (c.attrs.integer(0) < 0)
    throw ValueError({.op = c.op.name,
                      .argument = "count",
                      .got = std::to_string(c.attrs.integer(0)),
                      .expected = "0 or more"});
  c.out.push_back({c.in[0].dtype, segments(c, c.attrs.integer(0))});
}

void run_unsorted(const Call& c) {
  const Array &x = c.x(0), &out = c.y();
  const std::int64_t count = c.attrs.integer(0), width = product_of(part(out.shape, 1, out.rank()));
  std::vector<std::int64_t> ids = integers_of(c.x(1));
  for (std::int64_t& id : ids) {
    if (id >= count)
      throw IndexError({.op = c.op.name,
                        .argument = "ids",
                        .got = std::to_string(id),
                        .expected = "less than the count, " + std::to_string(count)});
    if (id < 0) id = count;  // a segment of their own, left out at the end
  }
  const auto rows = static_cast<std::int64_t>(ids.size());
  const auto sums = core::allocate(x.dtype, Shape{count + 1, width});
  set_number(sums->array, 0.0);
  Ref<core::Impl> memory;
  take_add(sums->array, 0, contiguous_array(ids.data(), i64, Shape{rows}),
           packed_as(x, Shape{rows, width}, memory));
  copy(contiguous_array(sums->array.data, x.dtype, Shape{count, width}),
       contiguous_array(out.data, x.dtype, Shape{count, width}));
}

// Each row takes its segment's gradient; a negative id the zeros before the first.
Tensors unsorted_vjp(Vjp& c) {
  Dims before, after;
  for (int d = 0; d < c.g().rank(); ++d) before.push_back(d == 0), after.push_back(0);
  const Tensor rows = add(maximum(c.x(1), -1), 1);
  return {take(pad(c.g(), before, after), rows), Tensor()};
}

std::vector<RefTensor> segments_ref(const RefCall& c, std::int64_t count) {
  const RefTensor &x = c.in[0], &ids = c.in[1];
  Dims dims{count};
  for (std::int64_t n : part(x.shape, ids.shape.rank(), x.shape.rank())) dims.push_back(n);
  RefTensor out{Shape(dims), {}};
  out.values.resize(static_cast<std::size_t>(out.shape.numel()));
  walk(x.shape, [&](std::size_t i, const Dims& at) {
    Dims which, to{0};
    for (int d = 0; d < at.size(); ++d) (d < ids.shape.rank() ? which : to).push_back(at[d]);
    to[0] = static_cast<std::int64_t>(ids.values[offset(ids.shape, which)]);
    if (to[0] >= 0) out.values[offset(out.shape, to)] += x.values[i];
  });
  return {out};
}

Tensors run_segment_sum(const Produce& c) {
  const std::vector<std::int64_t> ids = integers_of(c.in[1].impl()->array);
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (ids[i] < (i ? ids[i - 1] : 0))
      throw ValueError({.op = c.op.name,
                        .argument = "ids",
                        .got = std::to_string(ids[i]) + " at " + std::to_string(i),
                        .expected = "numbers from 0 on that do not decrease"});
  return {unsorted_segment_sum(c.in[0], c.in[1], ids.empty() ? 0 : checked_add(ids.back(), 1))};
}

// --- masks, repeats
// ----------------------------------------------------------------------------------------------

void infer_boolean_mask(Infer& c) {
  const Shape &x = ranked(c, 0), &mask = ranked(c, 1);
  if (!begins(x, mask))
    throw ShapeError({.op = c.op.name,
                      .argument = "mask",
                      .got = to_string(mask) + " for " + to_string(x),
                      .expected = "the leading dimensions of x"});
  Dims out{unknown};
  for (std::int64_t n : part(x, mask.rank(), x.rank())) out.push_back(n);
  c.out.push_back({c.in[0].dtype, Shape(out)});
}

Tensors boolean_mask_vjp(Vjp& c) {
  const Tensor like = c.like(0);
  const Dims hint = like.shape().has_rank() ? like.shape().dims() : Dims{};
  return {scatter_nd(nonzero(c.x(1)), c.g(), shape_of(like, i64), hint), Tensor()};
}

// A mask picks parts of a broadcast x here, so that it serves masked_select too.
std::vector<RefTensor> mask_ref(const RefTensor& x, const RefTensor& mask, const Shape& whole,
                                int mask_rank) {
  RefTensor out{{}, {}};
  std::int64_t n = 0;
  const Shape chooser(part(whole, 0, mask_rank)), rest(part(whole, mask_rank, whole.rank()));
  walk(chooser, [&](std::size_t, const Dims& at) {
    if (mask.values[offset(mask.shape, at)] == 0) return;
    ++n;
    walk(rest, [&](std::size_t, const Dims& inner) {
      Dims from = at;
      for (std::int64_t k : inner) from.push_back(k);
      out.values.push_back(x.values[offset(x.shape, from)]);
    });
  });
  Dims dims{n};
  for (std::int64_t d : rest) dims.push_back(d);
  out.shape = Shape(dims);
  return {out};
}

Tensors run_repeats(const Produce& c) {
  const std::vector<std::int64_t> repeats = integers_of(c.in[0].impl()->array);
  std::int64_t total = 0;
  for (std::int64_t n : repeats) {
    if (n < 0)
      throw ValueError(
          {.op = c.op.name, .argument = "repeats", .got = std::to_string(n), .expected = "0 or more"});
    total = checked_add(total, n);
  }
  const auto positions = core::allocate(i64, Shape{total});
  std::int64_t* to = positions->array.as<std::int64_t>();
  for (std::size_t i = 0; i < repeats.size(); ++i)
    to = std::fill_n(to, repeats[i], static_cast<std::int64_t>(i));
  return {cast(core::handle(positions), c.in[0].dtype())};
}

}  // namespace

constinit const Op segment_rows[] = {
    {
        .name = "one_hot",
        .sig = "index: index, depth: int, on: real = 1, off: real = 0, axis: int = -1, dtype: dtype = f32, "
               "strict: flag = "
               "false",
        .torch = "nn.functional.one_hot(input, num_classes)",
        .tf = "one_hot(indices, depth, on_value, off_value, axis, dtype)",
        .doc = "A new dimension of size `depth` at `axis`: `on` at the position that each index names, `off` "
               "elsewhere; all "
               "`off` for one out of range (strict: refused).",
        .unlike = "in the dtype of the result: torch.nn.functional.one_hot(torch.tensor([1, 0])) | "
                  "tf.one_hot([1, 0], 2); "
                  "out of range: torch.nn.functional.one_hot(torch.tensor([2]), 2) | tf.one_hot([2], 2)",
        .infer = infer_one_hot,
        .cpu = run_one_hot,
        .ref = one_hot_ref,
        .samples = "i64[4]:below3; depth=3 | i32[2,3]:below4; depth=5, axis=0, on=2.5, off=-1, dtype=f64 | "
                   "i64[3]:is(0,-1,7); depth=2, dtype=i32 | i64[2,2]:strided; depth=3, axis=1, dtype=bool | "
                   "i64[]:below2; "
                   "depth=2, dtype=f16 | i64[0]; depth=3 | i64[2]:below1; depth=0 | i64[3]:below3; depth=3, "
                   "dtype=i64, "
                   "strict=true | !i64[2]:is(0,3); depth=3, strict=true -> value | !i64[2]; depth=-1 -> "
                   "value | !f32[2]; "
                   "depth=2 -> dtype | !i64[2]; depth=2, axis=2 -> index",
    },
    {
        .name = "bincount",
        .sig = "x: integer, weights: number, minlength: int = 0, maxlength: int = -1",
        .torch = "bincount(input, weights, minlength)",
        .tf = "bincount(arr, weights, minlength, maxlength)",
        .doc = "The sum of the weights at each value from 0 on, `minlength` sums or more; with maxlength, "
               "larger values are "
               "left out.",
        .promote = Promote::none,
        .infer = infer_bincount,
        .produce = run_bincount,
        .vjp = bincount_vjp,
        .saves = X0,
        .ref = bincount_ref,
        .ulp = 8,
        .samples = "i64[20]:below5, f32[20] | i32[9]:below3, i64[9]; minlength=6 | u8[9]:below7, "
                   "f64[9]:strided; maxlength=4 | "
                   "i64[5]:below3, f64[5]; maxlength=9 | i64[0], f32[0] | i64[0], i32[0]; minlength=2 | "
                   "i64[2,3]:below4, "
                   "f16[2,3] | !i64[1]:is(-1), f32[1] -> value | !i64[3], f32[2] -> shape | !f32[2], f32[2] "
                   "-> dtype | "
                   "i64[2]:is(4611686018427387904,1), f32[2]; maxlength=3 | !i64[1]:is(4611686018427387904), "
                   "f32[1] -> shape",
    },
    {
        .name = "unsorted_segment_sum",
        .sig = "x: number, ids: index, count: int",
        .torch = "",
        .tf = "unsorted_segment_sum(data, segment_ids, num_segments) -> UnsortedSegmentSum(data, "
              "segment_ids, num_segments)",
        .doc = "The sum of x's parts with each id from 0 to count - 1, in their order; ids have x's leading "
               "dimensions, and "
               "parts with a negative id are left out.",
        .promote = Promote::none,
        .infer = infer_unsorted,
        .cpu = run_unsorted,
        .vjp = unsorted_vjp,
        .saves = X1,
        .ref = [](const RefCall& c) { return segments_ref(c, c.attrs.integer(0)); },
        .ulp = 8,
        .samples =
            "f32[5,3], i64[5]:below3; count=4 | f64[2,3,2]:strided, i32[2,3]:below4; count=4 | f16[6], "
            "i64[6]:below2; "
            "count=2 | f64[3], i64[3]:is(-1,0,-2); count=1 | i32[4], i64[4]:below2; count=2 | f32[0,2], "
            "i64[0]; "
            "count=2 | f32[3], i64[]:below2; count=2 | f32[2], i64[2]:is(-1,-1); count=0 | !f32[2], "
            "i64[2]:is(0,2); "
            "count=2 -> index | !f32[3], i64[2]; count=1 -> shape | !f32[2], i64[2]; count=-1 -> value",
    },
    {
        .name = "segment_sum",
        .sig = "x: number, ids: index",
        .torch = "",
        .tf = "segment_sum(data, segment_ids)",
        .doc = "The sum of x's rows with each id; ids count from 0 and do not decrease, and the last one "
               "says how many sums "
               "there are.",
        .promote = Promote::none,
        .infer =
            [](Infer& c) {
              check_segments(c);
              if (ranked(c, 1).rank() != 1)
                throw ShapeError({.op = c.op.name,
                                  .argument = "ids",
                                  .got = to_string(ranked(c, 1)),
                                  .expected = "one dimension"});
              c.out.push_back({c.in[0].dtype, segments(c, unknown)});
            },
        .produce = run_segment_sum,
        .vjp = [](Vjp& c) -> Tensors {
          return {take(c.g(), c.x(1)), Tensor()};
        },
        .saves = X1,
        .ref =
            [](const RefCall& c) {
              const auto& ids = c.in[1].values;
              return segments_ref(c, ids.empty() ? 0 : static_cast<std::int64_t>(ids.back()) + 1);
            },
        .ulp = 8,
        .samples = "f32[5,3], i64[5]:is(0,0,1,3,3) | f64[4]:strided, i32[4]:is(1,1,1,2) | i32[3,2], "
                   "i64[3]:is(0,0,0) | "
                   "f16[4], i64[4]:is(0,0,0,1) | f32[0,2], i64[0] | !f32[2], i64[2]:is(1,0) -> value | "
                   "!f32[2], i64[2]:is(-1,0) "
                   "-> value | !f32[3], i64[2] -> shape | !f32[2,2], i64[2,2] -> shape | "
                   "!f32[1], i64[1]:is(4611686018427387904) -> shape",
    },
    {
        .name = "boolean_mask",
        .sig = "x: any, mask: boolean",
        .torch = "",
        .tf = "boolean_mask(tensor, mask)",
        .doc = "The parts of x where the mask, which has x's leading dimensions, holds: [how many] + the "
               "other dimensions.",
        .promote = Promote::none,
        .infer = infer_boolean_mask,
        .produce = [](const Produce& c) -> Tensors { return {gather_nd(c.in[0], nonzero(c.in[1]))}; },
        .vjp = boolean_mask_vjp,
        .saves = X1,
        .ref =
            [](const RefCall& c) { return mask_ref(c.in[0], c.in[1], c.in[0].shape, c.in[1].shape.rank()); },
        .samples = "f32[5,3], bool[5] | f64[2,3]:strided, bool[2,3] | i32[4], bool[4] | f16[3], bool[3] | "
                   "f32[0,2], bool[0] | "
                   "f32[2], bool[] | !f32[3], bool[2] -> shape | !f32[2], bool[2,1] -> shape | !f32[2], "
                   "i32[2] -> dtype",
    },
    {
        .name = "masked_select",
        .sig = "x: any, mask: boolean",
        .torch = "masked_select(input, mask)",
        .tf = "",
        .doc = "The elements where the mask holds, in row-major order; both broadcast.",
        .promote = Promote::none,
        .compose = [](const Tensors& in, const Attrs&) -> Tensors {
          const Tensor mask = logical_or(in[1], cast(zeros_like(in[0]), bool_));
          return {boolean_mask(expand_as(in[0], mask), mask)};
        },
        .moves = true,
        .ref =
            [](const RefCall& c) {
              const Shape whole = broadcast(c.in[0].shape, c.in[1].shape);
              return mask_ref(c.in[0], c.in[1], whole, whole.rank());
            },
        .samples = "f32[2,3], bool[2,3] | f64[3,1]:strided, bool[4] | i32[2,3], bool[] | f16[], bool[5] | "
                   "f32[0], bool[0] | "
                   "bool[3], bool[3] | !f32[2], bool[3] -> shape | !f32[2], i32[2] -> dtype",
    },
    {
        .name = "repeat_interleave",
        .sig = "repeats: index",
        .torch = "repeat_interleave(repeats)",
        .tf = "",
        .doc = "0 repeats[0] times, then 1 repeats[1] times, and so on: the index with which take repeats "
               "slices.",
        .infer =
            [](Infer& c) {
              if (ranked(c).rank() > 1)
                throw ShapeError({.op = c.op.name,
                                  .argument = "repeats",
                                  .got = to_string(ranked(c)),
                                  .expected = "one dimension"});
              c.out.push_back({c.in[0].dtype, Shape{unknown}});
            },
        .produce = run_repeats,
        .ref = [](const RefCall& c) -> std::vector<RefTensor> {
          RefTensor out{{}, {}};
          for (std::size_t i = 0; i < c.in[0].values.size(); ++i)
            for (double k = 0; k < c.in[0].values[i]; ++k) out.values.push_back(static_cast<double>(i));
          out.shape = Shape{static_cast<std::int64_t>(out.values.size())};
          return {out};
        },
        .samples = "i64[4]:is(2,0,3,1) | i32[3]:below4 | i64[]:is(2) | i64[0] | i64[5]:below3 | "
                   "!i64[1]:is(-1) -> value | "
                   "!i64[2,2] -> shape | !f32[2] -> dtype | "
                   "!i64[2]:is(4611686018427387904,4611686018427387904) -> shape",
    },
};
constinit Rows segment{"segment", segment_rows};

}  // namespace twofold::ops
