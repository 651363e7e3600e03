// Reductions over any axes, in the fixed order that docs/numerics.md specifies.
//
// The sequence reduced for one output element is the input's elements in row-major order of the reduced axes.
//   - If the last axis (of rank >= 1) is reduced: blocks of 16,384 elements; inside a block 64 accumulators
//     (4 groups of 16 lanes), element k goes to accumulator k mod 64 in order of k; the groups join as
//     (0+1)+(2+3), the 16 lanes pairwise (l with l+8, l+4, l+2, l+1), absent accumulators skipped; blocks join pairwise
//     (a balanced tree: neighbours first).
//   - Otherwise: blocks of 256 elements, one chain inside a block, blocks joined pairwise; vectorised
//     across the kept axes.
// Halves accumulate in f32 and round once; bool and integers sum in the output's type (they wrap).
// The result is a function of shape, axes and dtype alone: never of strides, threads or instruction set.
#pragma once

#include "base/array.h"

namespace twofold {

enum class Reduction { sum, mean, prod, max, min, any, all };

// `axes` are normal (sorted, 0..rank-1, all of them if everything is reduced). `out` is contiguous and holds one
// element per kept position. sum/mean/prod of nothing are 0/NaN/1; max/min of nothing are refused (ValueError).
// max and min give NaN when the sequence holds one. mean: the sum (in the compute type) times nothing,
// divided by the count, rounded once; floats only.
void reduce(Reduction kind, const Array& in, const Dims& axes, const Array& out);

// Position (i64) of the first maximum (or minimum) along one axis; NaN counts as the extreme.
void arg_extreme(bool maximum, const Array& in, int axis, const Array& out);

}  // namespace twofold
