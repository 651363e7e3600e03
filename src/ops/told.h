// Rows whose result has the sizes that a tensor says. A `hint` attribute holds what a graph knows of them
// while it is built, -1 where it knows nothing; the run is held to it.
#pragma once

#include "ops/rows.h"

namespace twofold::ops {

// One output: dtype of operand `x`, sizes told by operand `sizes`, attribute 0 the hint.
void infer_told(Infer& c, int x, int sizes);
// The elements of a tensor of sizes; ShapeError unless it has one dimension and fits a shape.
Dims sizes_in(const char* op, const Array& sizes);
// A copy of the result; ShapeError if the hint said otherwise.
Tensors as_promised(const Produce& c, const Tensor& result);

}  // namespace twofold::ops
