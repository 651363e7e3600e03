// What the row and the column reductions share: which dimensions are kept, how elements are read, and where
// the sums of blocks go.
#pragma once

#include "kernels/convert_p.h"
#include "kernels/loops_p.h"
#include "kernels/reduce.h"
#include "kernels/walk_p.h"

namespace twofold::kernels {

// One reduction, as numbers. The sequence of an output element is `reduced` from where `kept` puts it.
struct Reducing {
  Reducing(Reduction kind, const Array& in, const Dims& axes, Dtype out);

  const Array& in;
  Fold fold;
  Accumulator accumulator;
  Dtype type;                       // the accumulator's dtype
  std::int64_t size;                // its bytes
  const lanes::Executable* reader;  // makes accumulators of elements; null if they are that already
  Walk kept, reduced;
  std::int64_t block;  // elements of a sequence that one leaf takes
  std::int64_t outputs, length, blocks;

  const char* at(std::int64_t offset) const { return in.as<char>() + offset; }
  // Copies `n` elements `step` bytes apart to `to`, as accumulators.
  void read(const char* from, std::int64_t step, char* to, std::int64_t n) const;
};

inline constexpr std::int64_t row_block = 16384, column_block = 256;
inline constexpr std::int64_t reduce_grain = 32768;  // elements worth a second thread

// partial[block][output] = the fold of that block, for every block of every sequence (length > 0).
void fold_rows(const Reducing& r, char* partial);
void fold_columns(const Reducing& r, char* partial);

}  // namespace twofold::kernels
