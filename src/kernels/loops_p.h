// The innermost loops of reductions, matrix products and random numbers, compiled once per instruction set
// (isa/*.cpp).
//
// All tables give the same bits; `loops()` is the one that lanes::isa() asks for.
#pragma once

#include <cstdint>

namespace twofold::kernels {

enum class Fold : std::uint8_t { sum, prod, max, min };
// What reductions accumulate in: f16 and bf16 in f32, bool and integers (which wrap) in i64.
enum class Accumulator : std::uint8_t { f32, f64, i64 };

// out[r] = the fold of n elements from x + r * stride on, n <= 16,384, in 64 accumulators (reduce.h).
using FoldRows = void (*)(const void* x, std::int64_t n, std::int64_t stride, std::int64_t rows, void* out);
// acc[c] = fold of acc[c], x[0][c], x[1][c], ...: one chain per column. With `start`, row 0 is the chain's
// first element and acc is only written. `stride` (between rows) is in elements.
using FoldColumns = void (*)(void* acc, const void* x, std::int64_t stride, std::int64_t rows,
                             std::int64_t width, bool start);

// A tile of C, `rows` x `columns`: C = A B (or += with `add`), one fma chain from 0 over `depth` per element.
struct TileArgs {
  std::int64_t depth;
  const void* a;
  std::int64_t a_row, a_step;  // distances of rows and along k, in elements; packed tiles ignore them
  const void* b;
  std::int64_t b_step;
  void* c;
  std::int64_t c_row;
  bool add;
};
using TileLoop = void (*)(const TileArgs&);

// panel[k * width + i] = x[k * along + i * across] for i < lines, 0 for the rest of `width`: a tile's rows or
// columns.
using PackLoop = void (*)(const void* x, std::int64_t along, std::int64_t across, std::int64_t depth,
                          std::int64_t lines, void* panel);

struct Tiles {
  int rows, columns;        // of a packed tile
  PackLoop pack_a, pack_b;  // `rows` and `columns` wide
  int strided_rows;         // strided[r - 1] takes r rows, r <= strided_rows, and packed b or b in place
  const TileLoop* strided;  // a[i * a_row + k * a_step]
  int wide_columns;         // of a single row
  TileLoop wide;            // a[k * a_step]
  TileLoop packed;          // a[k * rows + i]
};

// words[4 b .. 4 b + 3] = the Philox-4x32-10 block at counter + b.
using PhiloxBlocks = void (*)(const std::uint32_t* key, const std::uint32_t* counter, std::int64_t blocks,
                              std::uint32_t* words);

struct Loops {
  FoldRows fold_rows[3][4];  // [Accumulator][Fold]
  FoldColumns fold_columns[3][4];
  Tiles f32, f64;
  PhiloxBlocks philox;
};

namespace portable {
extern const Loops table;
}
namespace avx2 {
extern const Loops table;
}
namespace avx512 {
extern const Loops table;
}

const Loops& loops();

}  // namespace twofold::kernels
