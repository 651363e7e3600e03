#include <algorithm>

#include "kernels/matmul_p.h"
#include "kernels/scratch_p.h"

namespace twofold::kernels {
namespace {

// A block of packed a stays in the second-level cache while it meets every panel of b.
constexpr std::int64_t a_rows = 168;
constexpr std::int64_t b_row_bytes = 2048;

std::int64_t round_up(std::int64_t n, std::int64_t unit) { return (n + unit - 1) / unit * unit; }

// Packs strips of `width` lines, one strip after the other. A few steps along k at a time: each row of the
// source is read from end to end while its page is at hand.
template <class T>
void pack_strips(PackLoop pack, const T* x, std::int64_t along, std::int64_t across, std::int64_t depth,
                 std::int64_t lines, std::int64_t width, T* out) {
  const std::int64_t steps = across == 1 ? 8 : depth;
  for (std::int64_t k = 0; k < depth; k += steps)
    for (std::int64_t i = 0; i < lines; i += width)
      pack(x + k * along + i * across, along, across, std::min(steps, depth - k), std::min(width, lines - i),
           out + i * depth + k * width);
}

// c's block (rows x columns at p.c) from packed panels.
template <class T>
void multiply_panels(const Tiles& tiles, const T* a, const T* b, std::int64_t depth, const Product<T>& p,
                     bool add) {
  TileWriter<T> writer(tiles);
  for (std::int64_t j = 0; j < p.n; j += tiles.columns)
    for (std::int64_t i = 0; i < p.m; i += tiles.rows) {
      const std::int64_t rows = std::min<std::int64_t>(tiles.rows, p.m - i);
      const std::int64_t columns = std::min<std::int64_t>(tiles.columns, p.n - j);
      writer.write(
          tiles.packed,
          {depth, a + i * depth, 0, 0, b + j * depth, tiles.columns, p.c + i * p.c_row + j, p.c_row, add},
          rows, columns, rows == tiles.rows);
    }
}

}  // namespace

template <class T>
void multiply_packed(const Product<T>& p) {
  const Tiles& tiles = tiles_of<T>();
  const std::int64_t size = sizeof(T), depth_limit = std::min(p.k, k_block);
  const std::int64_t m_block = std::min(round_up(p.m, tiles.rows), a_rows);
  const std::int64_t n_block = std::min(round_up(p.n, tiles.columns), b_row_bytes / size);
  const Scratch a(m_block * depth_limit * size), b(n_block * depth_limit * size);
  for (std::int64_t j = 0; j < p.n; j += n_block)
    for (std::int64_t k = 0; k < p.k; k += k_block) {
      const std::int64_t depth = std::min(k_block, p.k - k), columns = std::min(n_block, p.n - j);
      pack_strips(tiles.pack_b, p.b + k * p.b_row + j * p.b_col, p.b_row, p.b_col, depth, columns,
                  tiles.columns, b.as<T>());
      for (std::int64_t i = 0; i < p.m; i += m_block) {
        const std::int64_t rows = std::min(m_block, p.m - i);
        pack_strips(tiles.pack_a, p.a + i * p.a_row + k * p.a_col, p.a_col, p.a_row, depth, rows, tiles.rows,
                    a.as<T>());
        multiply_panels(tiles, a.as<T>(), b.as<T>(), depth, p.part(i, j, rows, columns), k > 0);
      }
    }
}

template void multiply_packed(const Product<float>&);
template void multiply_packed(const Product<double>&);

}  // namespace twofold::kernels
