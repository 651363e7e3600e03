// Array: a concrete strided array, as kernels see it. It owns nothing.
#pragma once

#include "twofold/dtype.h"
#include "twofold/shape.h"

namespace twofold {

struct Array {
  void* data = nullptr;  // the first element, offset included
  Dtype dtype = f32;
  bool contiguous = true;  // row-major without gaps: strides need not be looked at
  Shape shape;
  Dims strides;  // in elements; may be 0 (expanded) or negative (reversed)

  std::int64_t numel() const { return shape.numel(); }
  int rank() const { return shape.rank(); }
  std::size_t bytes() const { return static_cast<std::size_t>(numel()) * size_of(dtype); }
  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
};

// Are these strides row-major without gaps? Dimensions of size 1 and empty arrays do not care.
inline bool is_contiguous(const Shape& shape, const Dims& strides) {
  std::int64_t step = 1;
  for (int i = shape.rank() - 1; i >= 0; --i) {
    if (shape[i] != 1 && strides[i] != step) return shape.numel() == 0;
    step *= shape[i];
  }
  return true;
}

// One element, or one expanded over every dimension.
inline bool is_single_valued(const Array& a) {
  if (a.numel() == 1) return true;
  for (int d = 0; d < a.rank(); ++d)
    if (a.strides[d] != 0 && a.shape[d] != 1) return false;
  return true;
}

inline Array contiguous_array(void* data, Dtype dtype, const Shape& shape) {
  return {data, dtype, true, shape, contiguous_strides(shape)};
}

}  // namespace twofold
