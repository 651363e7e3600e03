#include <algorithm>

#include "kernels/matmul_p.h"
#include "kernels/scratch_p.h"

namespace twofold::kernels {
namespace {

template <class T>
struct Panel {
  const T* data;
  std::int64_t step;
};

// Columns [j, j + columns) of rows [k, k + depth) of b: where they lie if a tile may read them there.
template <class T>
Panel<T> panel_of(const Product<T>& p, std::int64_t k, std::int64_t depth, std::int64_t j,
                  std::int64_t columns, const Tiles& tiles, T* buffer) {
  const T* b = p.b + k * p.b_row + j * p.b_col;
  if (p.b_col == 1 && columns == tiles.columns) return {b, p.b_row};
  tiles.pack_b(b, p.b_row, p.b_col, depth, columns, buffer);
  return {buffer, tiles.columns};
}

// One row: eight vectors of columns at once hide the latency of their chains. Returns how many columns it
// did.
template <class T>
std::int64_t multiply_row(const Tiles& tiles, const Product<T>& p) {
  std::int64_t j = 0;
  for (; j + tiles.wide_columns <= p.n; j += tiles.wide_columns)
    for (std::int64_t k = 0; k < p.k; k += k_block)
      tiles.wide({std::min(k_block, p.k - k), p.a + k * p.a_col, 0, p.a_col, p.b + k * p.b_row + j, p.b_row,
                  p.c + j, p.c_row, k > 0});
  return j;
}

template <class T>
void multiply_panels(const Tiles& tiles, const Product<T>& p) {
  const std::int64_t width = tiles.columns;
  const Scratch buffer(std::min(p.k, k_block) * width * static_cast<std::int64_t>(sizeof(T)));
  TileWriter<T> writer(tiles);
  for (std::int64_t j = 0; j < p.n; j += width) {
    const std::int64_t columns = std::min(width, p.n - j);
    for (std::int64_t k = 0; k < p.k; k += k_block) {
      const std::int64_t depth = std::min(k_block, p.k - k);
      const Panel<T> b = panel_of(p, k, depth, j, columns, tiles, buffer.as<T>());
      for (std::int64_t i = 0; i < p.m; i += tiles.strided_rows) {
        const std::int64_t rows = std::min<std::int64_t>(tiles.strided_rows, p.m - i);
        const T* a = p.a + i * p.a_row + k * p.a_col;
        writer.write(tiles.strided[rows - 1],
                     {depth, a, p.a_row, p.a_col, b.data, b.step, p.c + i * p.c_row + j, p.c_row, k > 0},
                     rows, columns, true);
      }
    }
  }
}

}  // namespace

template <class T>
void multiply_small(const Product<T>& p) {
  const Tiles& tiles = tiles_of<T>();
  const std::int64_t done = p.m == 1 && p.b_col == 1 ? multiply_row(tiles, p) : 0;
  if (done < p.n) multiply_panels(tiles, p.part(0, done, p.m, p.n - done));
}

template void multiply_small(const Product<float>&);
template void multiply_small(const Product<double>&);

}  // namespace twofold::kernels
