#include "kernels/rearrange.h"

#include <algorithm>
#include <limits>

#include "kernels/index.h"
#include "kernels/index_p.h"
#include "kernels/reduce.h"
#include "twofold/error.h"

namespace twofold {
namespace {

using kernels::inner_of;
using kernels::outer_of;
using kernels::Scratch;

// `a` from element `first` on along `axis`, `count` elements.
void narrow(Array& a, int axis, std::int64_t first, std::int64_t count) {
  Dims dims = a.shape.dims();
  dims[axis] = count;
  a.shape = Shape(dims);
  a.data = a.as<char>() + first * a.strides[axis] * static_cast<std::int64_t>(size_of(a.dtype));
  a.contiguous = is_contiguous(a.shape, a.strides);
}

std::int64_t wrapped(std::int64_t i, std::int64_t period) { return ((i % period) + period) % period; }

// Where position `i` of the endless continuation of `n` elements comes from.
std::int64_t continued(Border border, std::int64_t i, std::int64_t n) {
  if (border == Border::replicate) return std::clamp<std::int64_t>(i, 0, n - 1);
  if (border == Border::circular) return wrapped(i, n);
  const std::int64_t period = border == Border::symmetric ? 2 * n : std::max<std::int64_t>(1, 2 * (n - 1));
  const std::int64_t at = wrapped(i, period);
  return at < n ? at : border == Border::symmetric ? period - 1 - at : period - at;
}

// The most elements that a border may add on one side.
std::int64_t reach(Border border, std::int64_t size) {
  if (border == Border::reflect) return size - 1;
  return border == Border::replicate && size > 0 ? std::numeric_limits<std::int64_t>::max() : size;
}

}  // namespace

void check_border(const char* op, Border border, std::int64_t size, std::int64_t low, std::int64_t high) {
  const std::int64_t most = std::max(low, high);
  if (border == Border::constant || size == unknown || most <= 0 || most <= reach(border, size)) return;
  throw ShapeError({.op = op,
                    .argument = low >= high ? "low" : "high",
                    .got = std::to_string(most) + " for a dimension of size " + std::to_string(size),
                    .expected = "at most " + std::to_string(std::max<std::int64_t>(0, reach(border, size)))});
}

void pad(const Array& x, const Dims& low, double value, const Array& out) {
  set_number(out, value);
  Array from = x, to = out;
  for (int d = 0; d < x.rank(); ++d) {
    const std::int64_t begin = std::max<std::int64_t>(0, low[d]),
                       end = std::min(out.shape[d], low[d] + x.shape[d]);
    if (end <= begin) return;
    narrow(from, d, begin - low[d], end - begin);
    narrow(to, d, begin, end - begin);
  }
  copy(from, to);
}

std::vector<std::int64_t> border_places(Border border, const Shape& x, const Dims& low, const Shape& out) {
  std::vector<std::int64_t> places{0};
  for (int d = 0; d < x.rank(); ++d) {
    std::vector<std::int64_t> finer;
    finer.reserve(places.size() * static_cast<std::size_t>(out[d]));
    for (std::int64_t place : places)
      for (std::int64_t i = 0; i < out[d]; ++i)
        finer.push_back(place * x[d] + continued(border, i - low[d], x[d]));
    places = std::move(finer);
  }
  return places;
}

Array flipped(const Array& x, const Dims& axes) {
  Array y = x;
  if (x.numel() == 0) return y;
  for (std::int64_t axis : axes) {
    const int d = static_cast<int>(axis);
    y.data = y.as<char>() + (y.shape[d] - 1) * y.strides[d] * static_cast<std::int64_t>(size_of(y.dtype));
    y.strides[d] = -y.strides[d];
  }
  y.contiguous = is_contiguous(y.shape, y.strides);
  return y;
}

namespace {

// The axes from `d` on; each that is rolled falls into two windows.
void roll_from(int d, const Array& x, const Dims& shifts, const Array& out) {
  while (d < x.rank() && shifts[d] == 0) ++d;
  if (d == x.rank()) return copy(x, out);
  const std::int64_t n = x.shape[d], ahead = shifts[d];
  for (const bool around : {false, true}) {
    Array from = x, to = out;
    narrow(from, d, around ? n - ahead : 0, around ? ahead : n - ahead);
    narrow(to, d, around ? 0 : ahead, around ? ahead : n - ahead);
    roll_from(d + 1, from, shifts, to);
  }
}

// x under leading dimensions of size 1.
Array raised(const Array& x, int rank) {
  Array y = x;
  Dims shape, strides;
  for (int d = 0; d < rank; ++d) {
    const int own = d - (rank - x.rank());
    shape.push_back(own < 0 ? 1 : x.shape[own]);
    strides.push_back(own < 0 ? 0 : x.strides[own]);
  }
  y.shape = Shape(shape), y.strides = strides;
  return y;
}

}  // namespace

void roll(const Array& x, const Dims& shifts, const Array& out) { roll_from(0, x, shifts, out); }

void tile(const Array& x, const Array& out) {
  if (out.numel() == 0) return;
  const Array one = raised(x, out.rank());
  Array done = out;
  for (int d = 0; d < out.rank(); ++d) narrow(done, d, 0, one.shape[d]);
  copy(one, done);
  for (int d = out.rank() - 1; d >= 0; --d) {
    const std::int64_t n = one.shape[d];
    Array row = done;
    row.shape = out.shape;
    for (int e = 0; e < d; ++e) narrow(row, e, 0, one.shape[e]);
    for (std::int64_t at = n; at < out.shape[d]; at += n) {
      Array next = row;
      narrow(next, d, at, n);
      copy(done, next);
    }
    done = row;
  }
}

void untile(const Array& x, const Dims& counts, const Array& out) {
  if (x.numel() == 0) return set_number(out, 0.0);
  const Dtype type = is_floating(x.dtype) ? compute_type(x.dtype) : x.dtype;
  const auto bytes = static_cast<std::int64_t>(static_cast<std::size_t>(x.numel()) * size_of(type));
  const Scratch memory[] = {Scratch(bytes), Scratch(bytes)};
  Array sum = contiguous_array(memory[0].data(), type, x.shape);
  copy(x, sum);
  for (int d = 0; d < x.rank(); ++d) {
    Dims dims = sum.shape.dims();
    dims[d] /= counts[d];
    const Array next = contiguous_array(memory[(d + 1) % 2].data(), type, Shape(dims));
    const Shape copies{outer_of(sum, d), counts[d], dims[d], inner_of(sum, d)};
    reduce(Reduction::sum, contiguous_array(sum.data, type, copies), {1},
           contiguous_array(next.data, type, Shape{copies[0], copies[2], copies[3]}));
    sum = next;
  }
  copy(contiguous_array(sum.data, type, out.shape), out);
}

}  // namespace twofold
