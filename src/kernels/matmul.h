// Matrix product of stacks of matrices, in the fixed order that docs/numerics.md specifies.
//
// out[..., m, n] = sum over k of a[..., m, k] * b[..., k, n]; leading dimensions broadcast. For every
// element: blocks of 384 along k; inside a block one chain acc = fma(a, b, acc) from acc = +0 in order of k;
// the first block's acc is the sum, to which the others are added in order. f16/bf16 are widened to f32 and
// rounded once at the end; integers wrap; bool is refused by the row. k == 0 gives zeros. Any strides; every
// kernel (AVX2 6x16, AVX-512 14x32, portable; packed or not) gives the same bits.
#pragma once

#include "base/array.h"

namespace twofold {

// a, b and out have one dtype and rank >= 2; out is contiguous.
void matmul(const Array& a, const Array& b, const Array& out);

}  // namespace twofold
