// Running results along one axis. Every line along the axis is one chain in order, as docs/numerics.md has
// it.
//
// Floats run in f64 and round where a result is written; bool and integers run in i64, so that they wrap.
// Inputs have any strides; `out` is contiguous and of x's shape.
#pragma once

#include "base/array.h"

namespace twofold {

enum class Scan { sum, prod };

// out[k] = x[0] joined with x[1] ... x[k]. `exclusive`: without x[k], so that out[0] is 0 (prod: 1).
// `reverse`: counted from the other end.
void scan(Scan kind, const Array& x, int axis, bool exclusive, bool reverse, const Array& out);

// out[k] = x[k] + a[k] * out[k - 1], out[0] = x[0]. `back`: out[k] = x[k] + a[k + 1] * out[k + 1], from the
// last one, out[n - 1] = x[n - 1]. One of them is the transpose of the other: what products of chains
// differentiate to.
void recurrence(const Array& a, const Array& x, int axis, bool back, const Array& out);

}  // namespace twofold
