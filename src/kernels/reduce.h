// Reductions over any axes, in the fixed order that docs/numerics.md specifies.
//
// The sequence reduced for one output element is the input's elements in row-major order of the reduced axes.
//   - If the last axis (of rank >= 1) is reduced: blocks of 16,384 elements; inside a block 64 accumulators
//     (4 groups of 16 lanes), element k goes to accumulator k mod 64 in order of k; the groups join as
//     (0+1)+(2+3), the 16 lanes pairwise (l with l+8, l+4, l+2, l+1), absent accumulators skipped.
//   - Otherwise: blocks of 256 elements, one chain inside a block; vectorised across the kept axes.
//   - Blocks join pairwise: neighbours first, then neighbours' neighbours; the last of an odd number waits.
// Halves accumulate in f32 and round once; bool and integers accumulate in i64, so that sums and products
// wrap in the output's type. max and min: of equal zeros the later operand of a join, and NaN if there is
// one. The result is a function of shape, axes and dtypes alone: never of strides, threads or instruction
// set.
#pragma once

#include "base/array.h"

namespace twofold {

enum class Reduction { sum, mean, prod, max, min, any, all };

// `axes` are normal (sorted, 0..rank-1, all of them if everything is reduced). `out` is contiguous and holds
// one element per kept position. A floating `out` (sum, mean, prod) accumulates in its compute type, whatever
// the input. mean: the sum divided by the count in that type, then rounded; floats only. Of nothing, sum and
// any are 0, prod and all 1, mean NaN; max and min are refused (ValueError).
void reduce(Reduction kind, const Array& in, const Dims& axes, const Array& out);

// Position (i64) of the first maximum (or minimum) along one axis; the first NaN, if there is one. `out` is
// contiguous.
void arg_extreme(bool maximum, const Array& in, int axis, const Array& out);

}  // namespace twofold
