// What the references of rows share: coordinates. References are plain loops over doubles, so that they have
// nothing in common with the kernels that they judge.
#pragma once

#include "core/op.h"

namespace twofold::ops {

// Walks `shape` in row-major order, giving each position and its coordinates.
template <class Each>
void walk(const Shape& shape, Each each) {
  for (std::int64_t i = 0; i < shape.numel(); ++i) {
    Dims at;
    at.resize(shape.rank());
    std::int64_t rest = i;
    for (int d = shape.rank() - 1; d >= 0; --d) at[d] = rest % shape[d], rest /= shape[d];
    each(static_cast<std::size_t>(i), at);
  }
}

// The position of these coordinates; surplus leading ones are ignored and those of dimensions of size 1 count
// as 0, as broadcasting has it.
inline std::size_t offset(const Shape& shape, const Dims& at) {
  const Dims strides = contiguous_strides(shape);
  const int lead = at.size() - shape.rank();
  std::int64_t o = 0;
  for (int d = 0; d < shape.rank(); ++d)
    if (shape[d] != 1) o += at[d + lead] * strides[d];
  return static_cast<std::size_t>(o);
}

// What a function from coordinates of `shape` to elements gives.
template <class Element>
std::vector<core::RefTensor> tabulate(const Shape& shape, Element element) {
  core::RefTensor out{shape, {}};
  walk(shape, [&](std::size_t, const Dims& at) { out.values.push_back(element(at)); });
  return {out};
}

// f(x, attributes) for every element of the one operand.
template <class F>
std::vector<core::RefTensor> each(const core::RefCall& c, F f) {
  core::RefTensor out = c.in[0];
  for (double& v : out.values) v = f(v, c.attrs);
  return {out};
}

}  // namespace twofold::ops
