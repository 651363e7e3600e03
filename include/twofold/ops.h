// Operations: the ones made from rows (ops.gen.h) and the few shorthands for them.
#pragma once

#include "twofold/ops.gen.h"

namespace twofold {

Tensor zeros(const Dims& shape, Dtype dtype = f32, std::source_location at = std::source_location::current());
Tensor ones(const Dims& shape, Dtype dtype = f32, std::source_location at = std::source_location::current());

}  // namespace twofold
