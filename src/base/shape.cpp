#include "twofold/shape.h"

#include <algorithm>

namespace twofold {
namespace {

// Elements of at most 8 bytes: the byte count of any shape fits into 63 bits with room to spare.
constexpr std::int64_t max_numel = std::int64_t{1} << 59;

[[noreturn]] void too_large(std::int64_t a, std::int64_t b) {
  throw ShapeError({.op = "",
                    .argument = "",
                    .got = "a size of " + std::to_string(a) + " by " + std::to_string(b),
                    .expected = "at most 2^59 elements"});
}

std::int64_t broadcast_dim(std::int64_t a, std::int64_t b, const Shape& sa, const Shape& sb) {
  if (a == b || b == 1) return a;
  if (a == 1) return b;
  if (a == unknown) return b;
  if (b == unknown) return a;
  throw ShapeError({.op = "",
                    .argument = "",
                    .got = "shapes " + to_string(sa) + " and " + to_string(sb),
                    .expected = "shapes that broadcast"});
}

template <class List>
std::string listed(const List& list) {
  std::string s = "[";
  for (std::int64_t d : list) s += (s.size() > 1 ? "," : "") + std::to_string(d);
  return s + "]";
}

}  // namespace

Dims::Dims(std::span<const std::int64_t> values) {
  for (std::int64_t v : values) push_back(v);
}

void Dims::push_back(std::int64_t value) {
  if (size_ == max_rank)
    throw ShapeError({.op = "", .argument = "", .got = "more than 8 dimensions", .expected = "at most 8"});
  values_[size_++] = value;
}

bool Dims::contains(std::int64_t value) const { return std::find(begin(), end(), value) != end(); }

Shape::Shape(const Dims& dims) : dims_(dims) {
  bool all_known = true, empty = false;
  for (std::int64_t d : dims) {
    if (d < unknown)
      throw ShapeError({.op = "",
                        .argument = "shape",
                        .got = listed(dims),
                        .expected = "no negative dimension but `unknown`"});
    all_known &= d != unknown;
    empty |= d == 0;
  }
  for (std::int64_t d : dims)
    if (d > 0) numel_ = checked_mul(numel_, d);  // of an empty shape, too: its strides are such products
  if (empty) numel_ = 0;
  if (!all_known) numel_ = -1;
}

Shape Shape::unknown_rank() {
  Shape s;
  s.has_rank_ = false;
  s.numel_ = -1;
  return s;
}

bool Shape::accepts(const Shape& concrete) const {
  if (!has_rank_) return true;
  if (rank() != concrete.rank()) return false;
  for (int i = 0; i < rank(); ++i)
    if (dims_[i] != unknown && dims_[i] != concrete[i]) return false;
  return true;
}

bool Shape::compatible(const Shape& other) const {
  if (!has_rank_ || !other.has_rank_) return true;
  if (rank() != other.rank()) return false;
  for (int i = 0; i < rank(); ++i)
    if (dims_[i] != other[i] && dims_[i] != unknown && other[i] != unknown) return false;
  return true;
}

std::string to_string(const Shape& shape) {
  if (!shape.has_rank()) return "[...]";
  std::string s = "[";
  for (std::int64_t d : shape) s += (s.size() > 1 ? "," : "") + (d == unknown ? "?" : std::to_string(d));
  return s + "]";
}

std::string to_string(const Dims& dims) { return listed(dims); }

Shape broadcast(const Shape& a, const Shape& b) {
  if (a == b) return a;
  if (!a.has_rank() || !b.has_rank()) return Shape::unknown_rank();
  Dims out;
  out.resize(std::max(a.rank(), b.rank()));
  for (int i = 1; i <= out.size(); ++i) {
    const std::int64_t da = i <= a.rank() ? a[a.rank() - i] : 1, db = i <= b.rank() ? b[b.rank() - i] : 1;
    out[out.size() - i] = broadcast_dim(da, db, a, b);
  }
  return Shape(out);
}

Dims contiguous_strides(const Shape& shape) {
  Dims strides;
  strides.resize(shape.rank());
  std::int64_t step = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    strides[i] = step;
    step *= std::max<std::int64_t>(shape[i], 1);
  }
  return strides;
}

int normal_axis(std::int64_t axis, int rank, const char* argument) {
  const int span =
      std::max(rank, 1);  // a scalar accepts 0 and -1, as NumPy's reductions do not but both faces' do
  if (axis < -span || axis >= span)
    throw IndexError(
        {.op = "",
         .argument = argument,
         .got = std::to_string(axis),
         .expected = "an axis in [" + std::to_string(-span) + ", " + std::to_string(span - 1) + "]"});
  return static_cast<int>(axis < 0 ? axis + span : axis);
}

Dims normal_axes(const Dims& axes, int rank) {
  Dims out;
  if (axes.empty()) {
    out.resize(rank);
    for (int i = 0; i < rank; ++i) out[i] = i;
    return out;
  }
  for (std::int64_t a : axes) {
    const int axis = normal_axis(a, rank);
    if (out.contains(axis))
      throw ValueError({.op = "", .argument = "axes", .got = to_string(axes), .expected = "each axis once"});
    out.push_back(axis);
  }
  std::sort(&out[0], &out[0] + out.size());
  if (rank == 0) out.resize(0);
  return out;
}

std::int64_t checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t r = 0;
  if (__builtin_mul_overflow(a, b, &r) || r > max_numel || r < -max_numel) too_large(a, b);
  return r;
}

std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t r = 0;
  if (__builtin_add_overflow(a, b, &r) || r > max_numel || r < -max_numel) too_large(a, b);
  return r;
}

}  // namespace twofold
