// Operands under another shape, for kernels that see flat arrays or rows.
#pragma once

#include "core/impl.h"
#include "kernels/index.h"

namespace twofold::ops {

// `a` as a contiguous array of this shape, which has as many elements; `memory` holds the copy that strides
// make necessary.
inline Array packed_as(const Array& a, const Shape& shape, Ref<core::Impl>& memory) {
  if (!a.contiguous) copy(a, (memory = core::allocate(a.dtype, a.shape))->array);
  return contiguous_array(memory ? memory->array.data : a.data, a.dtype, shape);
}

// All elements as i64, row-major.
inline std::vector<std::int64_t> integers_of(const Array& a) {
  std::vector<std::int64_t> out(static_cast<std::size_t>(a.numel()));
  copy(a, contiguous_array(out.data(), i64, a.shape));
  return out;
}

}  // namespace twofold::ops
