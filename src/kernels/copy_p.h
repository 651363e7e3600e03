// The copy whose two sides are contiguous along different dimensions.
#pragma once

#include "base/array.h"

namespace twofold::kernels {

// out = x of the same dtype and shape, square by square. Returns false where that is not the case at hand.
bool copy_transposed(const Array& x, const Array& out);

}  // namespace twofold::kernels
