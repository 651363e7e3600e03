#include <algorithm>

#include "base/threads.h"
#include "kernels/copy_p.h"
#include "kernels/visit_p.h"
#include "kernels/walk_p.h"

namespace twofold::kernels {
namespace {

constexpr std::int64_t tile = 32;  // rows and columns of a square that stays in the first-level cache
constexpr std::int64_t grain = 32768;

// The first dimension of more than one element whose elements are neighbours in memory; -1 if there is none.
int unit_dimension(const Array& a) {
  for (int d = a.rank() - 1; d >= 0; --d)
    if (a.strides[d] == 1 && a.shape[d] > 1) return d;
  return -1;
}

// out[r][c] = x[c][r]: neighbours along r in x, along c in out.
template <class T>
void transpose_square(const T* x, std::int64_t x_step, T* out, std::int64_t out_step, std::int64_t rows,
                      std::int64_t columns) {
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c) out[r * out_step + c] = x[c * x_step + r];
}

// The planes of two arrays of one shape along dimensions `row` and `column`.
struct Planes {
  Planes(const Array& x_, const Array& out_, int row_, int column_)
      : x(x_), out(out_), row(row_), column(column_) {
    for (int d = 0; d < x.rank(); ++d) {
      if (d == row || d == column) continue;
      x_walk.add(x.shape[d], x.strides[d]);
      out_walk.add(x.shape[d], out.strides[d]);
    }
  }
  std::int64_t strips() const { return (x.shape[row] + tile - 1) / tile; }

  // Strip `i`: up to `tile` rows of a plane, strips counted plane by plane.
  template <class T>
  void copy_strip(std::int64_t i) const {
    const std::int64_t plane = i / strips(), first = i % strips() * tile, x_step = x.strides[column];
    const std::int64_t rows = std::min(tile, x.shape[row] - first), columns = x.shape[column];
    const T* from = x.as<T>() + x_walk.offset(plane) + first;
    T* to = out.as<T>() + out_walk.offset(plane) + first * out.strides[row];
    for (std::int64_t c = 0; c < columns; c += tile)
      transpose_square(from + c * x_step, x_step, to + c, out.strides[row], rows,
                       std::min(tile, columns - c));
  }

  const Array& x;
  const Array& out;
  int row, column;
  Walk x_walk, out_walk;
};

}  // namespace

bool copy_transposed(const Array& x, const Array& out) {
  if (x.dtype != out.dtype || x.shape != out.shape) return false;
  const int row = unit_dimension(x), column = unit_dimension(out);
  if (row < 0 || column < 0 || row == column) return false;
  if (x.shape[row] < 4 || x.shape[column] < 4) return false;
  const Planes planes(x, out, row, column);
  const std::int64_t area = tile * x.shape[column];
  parallel_for(planes.x_walk.count() * planes.strips(), std::max<std::int64_t>(1, grain / area),
               [&](std::int64_t begin, std::int64_t end) {
                 visit_size(x.dtype, [&](auto tag) {
                   for (std::int64_t i = begin; i < end; ++i)
                     planes.copy_strip<typename decltype(tag)::type>(i);
                 });
               });
  return true;
}

}  // namespace twofold::kernels
