// Order: sorting, the largest few, distinct elements, and search in what is sorted.
#include "kernels/sort.h"

#include "kernels/index.h"
#include "ops/reference.h"
#include "ops/rows.h"

namespace twofold::ops {
namespace {

using core::RefCall;
using core::RefTensor;

// --- sort, topk
// ----------------------------------------------------------------------------------------------

void infer_sort(Infer& c) {
  normal_axis(c.attrs.integer(0), ranked(c).rank());
  same_as_x(c);
  c.out.push_back({i64, c.in[0].shape});
}

void infer_topk(Infer& c) {
  const Shape& x = ranked(c);
  const int axis = normal_axis(c.attrs.integer(1), x.rank());
  const std::int64_t k = c.attrs.integer(0), n = x.rank() ? x[axis] : 1;
  if (k < 0 || (n != unknown && k > n))
    throw ValueError({.op = c.op.name,
                      .argument = "k",
                      .got = std::to_string(k) + (n == unknown ? "" : " of " + std::to_string(n)),
                      .expected = "0 or more, and no more than there are"});
  if (x.rank() == 0 && k == 0)
    throw ValueError({.op = c.op.name, .argument = "k", .got = "0 of a scalar", .expected = "1"});
  Dims out = x.dims();
  if (x.rank() > 0) out[axis] = k;
  c.out.push_back({c.in[0].dtype, Shape(out)});
  c.out.push_back({i64, Shape(out)});
}

// Both rows have the axis before the flag that says which end comes first.
template <int axis_attr>
void run_order(const Call& c) {
  const int axis = normal_axis(c.attrs.integer(axis_attr), c.x(0).rank());
  order_lines(c.x(0), axis, c.attrs.flag(axis_attr + 1), c.y(0), c.y(1));
}

// Each gradient goes back to where its element came from.
template <int axis_attr>
Tensors order_vjp(Vjp& c) {
  if (!c.g().defined()) return {Tensor()};
  const Tensor like = c.like(0);
  if (like.rank() == 0) return {c.g()};
  const Tensor zero = zeros_like(like);
  return {scatter_add(zero, c.y(1), c.g(), c.attrs().integer(axis_attr))};
}

// Is a before b? NaN is the largest.
bool before(double a, double b, bool descending) {
  if (descending) std::swap(a, b);
  return std::isnan(b) ? !std::isnan(a) : a < b;
}

// Insertion sort of every line, cut after `count` elements.
std::vector<RefTensor> order_ref(const RefTensor& x, int axis, bool descending, std::int64_t count) {
  Dims dims = x.shape.dims();
  if (dims.size() > 0) dims[axis] = count;
  RefTensor values{Shape(dims), {}}, positions{Shape(dims), {}};
  const std::int64_t n = dims.size() ? x.shape[axis] : 1;
  walk(values.shape, [&](std::size_t, Dims at) {
    const std::int64_t wanted = at.size() ? at[axis] : 0;
    std::vector<std::pair<double, std::int64_t>> line;
    for (std::int64_t k = 0; k < n; ++k) {
      if (at.size()) at[axis] = k;
      const double v = x.values[offset(x.shape, at)];
      auto place = line.end();
      while (place != line.begin() && before(v, std::prev(place)->first, descending)) --place;
      line.insert(place, {v, k});
    }
    values.values.push_back(line[static_cast<std::size_t>(wanted)].first);
    positions.values.push_back(static_cast<double>(line[static_cast<std::size_t>(wanted)].second));
  });
  return {values, positions};
}

std::vector<RefTensor> sort_ref(const RefCall& c) {
  const RefTensor& x = c.in[0];
  const int axis = normal_axis(c.attrs.integer(0), x.shape.rank());
  return order_ref(x, axis, c.attrs.flag(1), x.shape.rank() ? x.shape[axis] : 1);
}

std::vector<RefTensor> topk_ref(const RefCall& c) {
  const int axis = normal_axis(c.attrs.integer(1), c.in[0].shape.rank());
  return order_ref(c.in[0], axis, c.attrs.flag(2), c.attrs.integer(0));
}

// --- in_top_k
// ----------------------------------------------------------------------------------------------

void infer_in_top_k(Infer& c) {
  const Shape &x = c.in[0].shape, &targets = c.in[1].shape;
  const bool fits = (!x.has_rank() || x.rank() == 2) && (!targets.has_rank() || targets.rank() == 1);
  const Shape batch = x.has_rank() && fits ? Shape{x[0]} : Shape{unknown};
  if (!fits || !batch.compatible(targets))
    throw ShapeError({.op = c.op.name,
                      .argument = "targets",
                      .got = to_string(targets) + " for " + to_string(x),
                      .expected = "[batch] for [batch, classes]"});
  c.out.push_back({bool_, targets.has_rank() && targets[0] != unknown ? targets : batch});
}

void run_in_top_k(const Call& c) {
  const Array &x = c.x(0), &targets = c.x(1);
  const std::int64_t batch = x.shape[0], classes = x.shape[1];
  std::vector<double> scores(static_cast<std::size_t>(x.numel()));
  std::vector<std::int64_t> wanted(static_cast<std::size_t>(batch));
  copy(x, contiguous_array(scores.data(), f64, x.shape));
  copy(targets, contiguous_array(wanted.data(), i64, targets.shape));
  for (std::int64_t i = 0; i < batch; ++i) {
    const double* row = scores.data() + i * classes;
    const std::int64_t target = wanted[static_cast<std::size_t>(i)];
    bool in = target >= 0 && target < classes && std::isfinite(row[target]);
    std::int64_t higher = 0;
    for (std::int64_t k = 0; in && k < classes; ++k)
      in = std::isfinite(row[k]), higher += row[k] > row[target];
    c.y().as<bool>()[i] = in && higher < c.attrs.integer(0);
  }
}

std::vector<RefTensor> in_top_k_ref(const RefCall& c) {
  const RefTensor &x = c.in[0], &targets = c.in[1];
  const Attrs by_rank{Attr(std::int64_t{1}), Attr(true)};
  RefTensor out{targets.shape, {}};
  for (std::int64_t i = 0; i < x.shape[0]; ++i) {
    double in = 0, finite = 1;
    const auto row = x.values.begin() + i * x.shape[1];
    for (std::int64_t k = 0; k < x.shape[1]; ++k) finite = finite && std::isfinite(row[k]);
    const double target = targets.values[static_cast<std::size_t>(i)];
    if (finite && target >= 0 && target < static_cast<double>(x.shape[1])) {
      const RefTensor line{Shape{x.shape[1]}, {row, row + x.shape[1]}};
      const auto sorted = order_ref(line, 0, true, x.shape[1])[0].values;
      const double own = row[static_cast<std::int64_t>(target)];
      in = double(std::find(sorted.begin(), sorted.end(), own) - sorted.begin() < c.attrs.integer(0));
    }
    out.values.push_back(in);
  }
  return {out};
}

// --- unique
// ----------------------------------------------------------------------------------------------

Tensor of_integers(const std::vector<std::int64_t>& values, const Shape& shape) {
  const auto out = core::allocate(i64, shape);
  std::copy(values.begin(), values.end(), out->array.as<std::int64_t>());
  return core::handle(out);
}

Tensors run_unique(const Produce& c) {
  const Array& x = c.in[0].impl()->array;
  const Distinct d = distinct(x, c.attrs.flag(0));
  const Shape shape{static_cast<std::int64_t>(d.first.size())};
  const Tensor values = take(reshape(c.in[0], {-1}), of_integers(d.first, shape));
  return {values, of_integers(d.number, x.shape), of_integers(d.counts, shape)};
}

std::vector<RefTensor> unique_ref(const RefCall& c) {
  const RefTensor& x = c.in[0];
  RefTensor values{{}, {}}, number{x.shape, {}}, counts{{}, {}};
  if (c.attrs.flag(0)) {  // the distinct ones first, in order
    const RefTensor line{Shape{x.shape.numel()}, x.values};
    const auto sorted = order_ref(line, 0, false, x.shape.numel());
    for (double v : sorted[0].values)
      if (values.values.empty() || values.values.back() != v) values.values.push_back(v);
    counts.values.resize(values.values.size());
  }
  for (double v : x.values) {
    auto at = std::find(values.values.begin(), values.values.end(), v);
    if (std::isnan(v))  // distinct from every other: the first NaN nobody has taken
      for (at = values.values.begin(); at != values.values.end(); ++at)
        if (std::isnan(*at) && counts.values[static_cast<std::size_t>(at - values.values.begin())] == 0)
          break;
    if (at == values.values.end()) counts.values.push_back(0), at = values.values.insert(at, v);
    number.values.push_back(static_cast<double>(at - values.values.begin()));
    ++counts.values[static_cast<std::size_t>(at - values.values.begin())];
  }
  values.shape = counts.shape = Shape{static_cast<std::int64_t>(values.values.size())};
  return {values, number, counts};
}

// --- searchsorted
// ----------------------------------------------------------------------------------------------

void infer_search(Infer& c) {
  const Shape &sequence = ranked(c, 0), &values = ranked(c, 1);
  bool fits = sequence.rank() == 1 || (sequence.rank() > 1 && sequence.rank() == values.rank());
  for (int d = 0; fits && d + 1 < sequence.rank(); ++d)
    fits = sequence[d] == values[d] || sequence[d] == unknown || values[d] == unknown;
  if (!fits)
    throw ShapeError({.op = c.op.name,
                      .argument = "sequence",
                      .got = to_string(sequence) + " for values " + to_string(values),
                      .expected = "one dimension, or the values' dimensions but the last"});
  c.out.push_back({i64, values});
}

std::vector<RefTensor> search_ref(const RefCall& c) {
  const RefTensor &sequence = c.in[0], &values = c.in[1];
  const std::int64_t n = sequence.shape[sequence.shape.rank() - 1];
  return tabulate(values.shape, [&](const Dims& at) {
    std::size_t first = 0;
    if (sequence.shape.rank() > 1) {
      Dims line = at;
      line[line.size() - 1] = 0;
      first = offset(sequence.shape, line);
    }
    const double v = values.values[offset(values.shape, at)];
    double count = 0;
    for (std::int64_t k = 0; k < n; ++k) {
      const double s = sequence.values[first + static_cast<std::size_t>(k)];
      count += c.attrs.flag(0) ? s <= v : s < v;
    }
    return count;
  });
}

}  // namespace

constinit const Op sort_rows[] = {
    {
        .name = "sort",
        .sig = "x: any, axis: int = -1, descending: flag = false -> values, indices",
        .torch = "sort(input, dim, descending)",
        .tf = "sort(values, axis, direction)",
        .doc = "The elements of every line along `axis` in order, and where each stood (i64). Equal ones "
               "stay in order; "
               "NaN is the largest.",
        .unlike = "in what comes with it: torch.sort(x) | tf.sort(x)",
        .infer = infer_sort,
        .cpu = run_order<0>,
        .vjp = order_vjp<0>,
        .saves = Y1,
        .ref = sort_ref,
        .samples =
            "f32[3,4] | f64[2,3,4]:strided; axis=1, descending=true | i32[20]:below3 | i64[9]:below2; "
            "descending=true "
            "| u8[5] | bool[6] | f16[7]; descending=true | bf16[3,3]; axis=0 | f32[24]:special | "
            "f32[24]:special; descending=true | f32[] | f32[0] | f32[3,0]; axis=0 | i64[600]:below300 | "
            "!f32[2]; axis=1 -> "
            "index",
    },
    {
        .name = "topk",
        .sig = "x: number, k: int, axis: int = -1, largest: flag = true -> values, indices",
        .torch = "topk(input, k, dim, largest)",
        .tf = "nn.top_k(input, k)",
        .doc = "The k largest (or smallest) elements of every line along `axis`, in order, and where each "
               "stood (i64); of "
               "equal ones the first. NaN is the largest.",
        .infer = infer_topk,
        .cpu = run_order<1>,
        .vjp = order_vjp<1>,
        .saves = Y1,
        .ref = topk_ref,
        .samples =
            "f32[3,4]; k=2 | f64[5,3]:strided; k=2, axis=0, largest=false | i32[20]:below3; k=7 | u8[4]; k=4 "
            "| "
            "f16[7]; k=3 | f32[24]:special; k=9 | f32[24]:special; k=20, largest=false | f32[]; k=1 | "
            "f32[3]; k=0 | "
            "f32[0,3]; k=0, axis=0 | i64[600]:below300; k=50 | !f32[3]; k=4 -> value | !f32[3]; k=-1 -> "
            "value | "
            "!f32[]; k=2 -> value | !f32[3]; k=1, axis=1 -> index",
    },
    {
        .name = "argsort",
        .sig = "x: any, axis: int = -1, descending: flag = false",
        .torch = "argsort(input, dim, descending)",
        .tf = "argsort(values, axis, direction)",
        .doc = "Where the elements of every line along `axis` stand (i64), in their order; equal ones stay "
               "in order.",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          return {sort(in[0], a.integer(0), a.flag(1))[1]};
        },
        .moves = true,
        .ref = [](const RefCall& c) -> std::vector<RefTensor> { return {sort_ref(c)[1]}; },
        .samples = "f32[3,4] | f64[2,3]:strided; axis=0, descending=true | i32[9]:below3 | f16[5] | f32[0] | "
                   "f32[] | "
                   "!f32[2]; axis=1 -> index",
    },
    {
        .name = "in_top_k",
        .sig = "x: float, targets: index, k: int",
        .torch = "",
        .tf = "nn.in_top_k(predictions, targets, k) -> InTopKV2(predictions, targets, k)",
        .doc = "Is each row's target class among its k highest? Ties count as in; a target out of range, or "
               "a row that is "
               "not finite, as out.",
        .infer = infer_in_top_k,
        .cpu = run_in_top_k,
        .ref = in_top_k_ref,
        .samples = "f32[5,4], i64[5]:below4; k=2 | f64[3,7]:strided, i32[3]:below7; k=3 | f16[2,3], "
                   "i64[2]:below3; k=0 | "
                   "f32[4,3], i64[4]:is(3,-1,0,2); k=3 | f32[6,4]:special, i64[6]:below4; k=2 | "
                   "f32[2,4]:is(1,2,2,0,1,3,3,3), i64[2]:is(1,0); "
                   "k=1 | f32[0,3], i64[0]; k=1 | "
                   "!f32[3], i64[3]; k=1 -> shape | !f32[3,2], i64[2]; k=1 -> shape | !i32[2,2], i64[2]; k=1 "
                   "-> dtype",
    },
    {
        .name = "unique",
        .sig = "x: any, sorted: flag = true -> values, indices, counts",
        .torch = "unique(input, sorted)",
        .tf = "unique(x)",
        .doc = "The distinct elements, which of them each element of x is, and how often each comes (i64); "
               "in order of "
               "value, or of first appearance. Every NaN is distinct.",
        .unlike =
            "in the order of the result: torch.unique(torch.tensor([3, 1, 3])) | tf.unique([3, 1, 3])[0]",
        .infer =
            [](Infer& c) {
              c.out.push_back({c.in[0].dtype, Shape{unknown}});
              c.out.push_back({i64, c.in[0].shape});
              c.out.push_back({i64, Shape{unknown}});
            },
        .produce = run_unique,
        .ref = unique_ref,
        .samples =
            "i32[20]:below5 | i64[3,4]:below3; sorted=false | f32[9]:strided | bool[5] | f16[6]; "
            "sorted=false | "
            "f32[24]:special | f32[24]:special; sorted=false | f32[0] | f64[] | u8[30]:below9; sorted=false",
    },
    {
        .name = "searchsorted",
        .sig = "sequence: number, values: number, right: flag = false",
        .torch = "searchsorted(sorted_sequence, input, right)",
        .tf = "searchsorted(sorted_sequence, values, side)",
        .doc = "How many elements of a sorted line are less than each value (right: or equal to it), as i64. "
               "One line for "
               "all values, or lines of the values' leading dimensions.",
        .infer = infer_search,
        .cpu = [](const Call& c) { search_sorted(c.x(0), c.x(1), c.attrs.flag(0), c.y()); },
        .ref = search_ref,
        .samples = "i32[5]:is(1,2,2,3,9), i32[3,2]:is(0,2,3,10,1,2) | i64[5]:is(1,2,2,3,9), "
                   "i64[4]:is(0,2,3,9); right=true | "
                   "f64[2,3]:is(1,2,4,0,3,5), f64[2,4]:is(1,2,3,4,-1,5,6,3) | f32[3]:is(-1,0,2), f32[]:is(0) "
                   "| f32[0], f32[3] "
                   "| i32[4]:is(1,3,5,7), f32[5] | f16[2]:is(0,1), f16[4]; right=true | u8[3]:is(1,2,200), "
                   "u8[2]:is(2,255) | "
                   "f32[2,0], f32[2,3] | !f32[2,3], f32[3,2] -> shape | !f32[], f32[2] -> shape | !bool[2], "
                   "bool[2] -> "
                   "dtype",
    },
};
constinit Rows sort{"sort", sort_rows};

}  // namespace twofold::ops
