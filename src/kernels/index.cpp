#include "kernels/index_p.h"

#include "kernels/index.h"
#include "twofold/error.h"

namespace twofold::kernels {

Indices::Indices(const char* op, const Array& index, std::int64_t bound)
    : count_(index.numel()), values_(count_ * static_cast<std::int64_t>(sizeof(std::int64_t))) {
  std::int64_t* v = values_.as<std::int64_t>();
  copy(index, contiguous_array(v, i64, index.shape));
  for (std::int64_t i = 0; i < count_; ++i) {
    if (v[i] < -bound || v[i] >= bound)
      throw IndexError(
          {.op = op,
           .argument = "index",
           .got = std::to_string(v[i]),
           .expected = "an index in [" + std::to_string(-bound) + ", " + std::to_string(bound - 1) + "]"});
    if (v[i] < 0) v[i] += bound;
  }
}

Array without(const Array& x, int first, int count, std::int64_t offset) {
  Dims shape, strides;
  for (int d = 0; d < x.rank(); ++d) {
    if (d >= first && d < first + count) continue;
    shape.push_back(x.shape[d]);
    strides.push_back(x.strides[d]);
  }
  Array y{x.as<char>() + offset, x.dtype, false, Shape(shape), strides};
  y.contiguous = is_contiguous(y.shape, strides);
  return y;
}

std::int64_t outer_of(const Array& x, int axis) {
  std::int64_t n = 1;
  for (int d = 0; d < axis; ++d) n *= x.shape[d];
  return n;
}

std::int64_t inner_of(const Array& x, int axis) {
  std::int64_t n = 1;
  for (int d = axis + 1; d < x.rank(); ++d) n *= x.shape[d];
  return n;
}

}  // namespace twofold::kernels

namespace twofold {

void concat(const Array* const* parts, int count, int axis, const Array& out) {
  std::int64_t at = 0;
  for (int i = 0; i < count; ++i) {
    const Array& part = *parts[i];
    Array slot = out;
    slot.shape = part.shape;
    slot.data = out.as<char>() + at * out.strides[axis] * static_cast<std::int64_t>(size_of(out.dtype));
    slot.contiguous = is_contiguous(slot.shape, slot.strides);
    copy(part, slot);
    at += part.shape[axis];
  }
}

}  // namespace twofold
