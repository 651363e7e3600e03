// The one place where derivatives are computed, for eager's backward() and the graph's gradients() alike.
#pragma once

#include "core/op.h"

namespace twofold::core {

// Gradients of the inputs of `op` (undefined where none flows), each of its input's shape. `metas` describe
// the inputs; their shapes may be unknown in a graph.
Tensors derive(const Op& op, Vjp& step, std::span<const Meta> metas);

// g with the dimensions that broadcasting added or stretched summed away, so that it has the shape of `like`.
Tensor sum_to(const Tensor& g, const Meta& meta, Vjp& step, int input);

// a + b, the one way in which gradients of the same tensor meet. Either may be undefined.
Tensor accumulate(const Tensor& a, const Tensor& b);

// Something of this shape and dtype without values: an operand that is read for its shape alone.
Tensor shape_only(const Meta& meta);

}  // namespace twofold::core
