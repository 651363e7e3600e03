// One matrix product of a stack, as pointers and strides, for the kernels that compute it.
#pragma once

#include <cstdint>

#include "kernels/loops_p.h"
#include "twofold/dtype.h"

namespace twofold::kernels {

inline constexpr std::int64_t k_block = 384;  // one fma chain; the length is part of the arithmetic

// c[m, n] = a[m, k] b[k, n]; strides in elements; rows of c are contiguous. k >= 1.
template <class T>
struct Product {
  std::int64_t m, n, k;
  const T* a;
  std::int64_t a_row, a_col;
  const T* b;
  std::int64_t b_row, b_col;
  T* c;
  std::int64_t c_row;

  // Rows [i, i + rows) and columns [j, j + columns) of the result.
  Product part(std::int64_t i, std::int64_t j, std::int64_t rows, std::int64_t columns) const {
    return {rows,          columns, k,     a + i * a_row,     a_row, a_col,
            b + j * b_col, b_row,   b_col, c + i * c_row + j, c_row};
  }
};

// The micro-kernels for T (float, double) of the instruction set in use.
template <class T>
const Tiles& tiles_of();

// Computes whole tiles of C, and partial ones by way of a buffer.
template <class T>
class TileWriter {
 public:
  explicit TileWriter(const Tiles& tiles) : tiles_(tiles) {}

  // `args.c` is where the rows x columns corner of the tile belongs.
  void write(TileLoop loop, TileArgs args, std::int64_t rows, std::int64_t columns, bool full_rows) {
    if (full_rows && columns == tiles_.columns) return loop(args);
    T* c = static_cast<T*>(args.c);
    const std::int64_t c_row = args.c_row;
    const bool add = args.add;
    args.c = buffer_, args.c_row = tiles_.columns, args.add = false;
    loop(args);
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t j = 0; j < columns; ++j) {
        const T sum = buffer_[i * tiles_.columns + j];
        c[i * c_row + j] = add ? c[i * c_row + j] + sum : sum;
      }
  }

 private:
  const Tiles& tiles_;
  alignas(64) T buffer_[14 * 32];
};

template <class T>
void multiply_small(const Product<T>& p);  // a and whole panels of b where they lie
template <class T>
void multiply_packed(const Product<T>& p);  // both in packed panels, blocked for the caches

}  // namespace twofold::kernels
