#include <cstring>

#include "base/threads.h"
#include "kernels/convert_p.h"
#include "kernels/index.h"
#include "kernels/index_p.h"
#include "kernels/pointwise.h"
#include "kernels/walk_p.h"

namespace twofold {
namespace {

using namespace kernels;

constexpr std::int64_t grain_bytes = 128 * 1024;

// Slice `i` of x along `axis`, and slice `j` of what take() makes of it, counted over all of index's
// dimensions.
struct Slices {
  Slices(const Array& x_, int axis_, int index_rank_, const Array& taken_)
      : x(x_), taken(taken_), axis(axis_), index_rank(index_rank_) {
    for (int d = axis; d < axis + index_rank; ++d)
      walk.add(taken.shape[d], taken.strides[d] * element_bytes(taken));
  }
  Array of_x(std::int64_t i) const { return without(x, axis, 1, i * x.strides[axis] * element_bytes(x)); }
  Array of_taken(std::int64_t j) const { return without(taken, axis, index_rank, walk.offset(j)); }
  bool packed() const { return x.contiguous && taken.contiguous; }

  const Array& x;
  const Array& taken;
  int axis, index_rank;
  Walk walk;
};

// Packed on both sides: one memcpy for each row behind the axis.
void take_rows(const Array& x, int axis, const Indices& index, const Array& out) {
  const std::int64_t bytes = inner_of(x, axis) * element_bytes(x), length = x.shape[axis],
                     count = index.count();
  const std::int64_t rows = outer_of(x, axis) * count;
  parallel_for(rows, grain_bytes / std::max<std::int64_t>(bytes, 1),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t r = begin; r < end; ++r) {
                   const char* from = x.as<char>() + (r / count * length + index[r % count]) * bytes;
                   std::memcpy(out.as<char>() + r * bytes, from, static_cast<std::size_t>(bytes));
                 }
               });
}

void add_rows(const Array& out, int axis, const Indices& index, const Array& src) {
  const std::int64_t inner = inner_of(out, axis), bytes = inner * element_bytes(out),
                     length = out.shape[axis];
  const lanes::Executable& add = addition(out.dtype);
  const std::int64_t step = element_bytes(out), count = index.count();
  for (std::int64_t o = 0; o < outer_of(out, axis); ++o)
    for (std::int64_t j = 0; j < count; ++j) {
      const lanes::Operand target = {out.as<char>() + (o * length + index[j]) * bytes, step};
      const lanes::Operand in[] = {target, {src.as<char>() + (o * count + j) * bytes, step}};
      lanes::run(add, in, {}, target, inner);
    }
}

}  // namespace

void take(const Array& x, int axis, const Array& index, const Array& out) {
  const Indices indices("take", index, x.shape[axis]);
  if (out.numel() == 0) return;
  const Slices slices(x, axis, index.rank(), out);
  if (slices.packed()) return take_rows(x, axis, indices, out);
  for (std::int64_t j = 0; j < indices.count(); ++j) copy(slices.of_x(indices[j]), slices.of_taken(j));
}

void take_add(const Array& out, int axis, const Array& index, const Array& src) {
  const Indices indices("take_add", index, out.shape[axis]);
  if (src.numel() == 0) return;
  const Slices slices(out, axis, index.rank(), src);
  if (slices.packed()) return add_rows(out, axis, indices, src);
  for (std::int64_t j = 0; j < indices.count(); ++j) add_into(slices.of_x(indices[j]), slices.of_taken(j));
}

void add_into(const Array& out, const Array& x) {
  const Array* in[] = {&out, &x};
  pointwise(addition(out.dtype), in, 2, {}, out);
}

}  // namespace twofold
