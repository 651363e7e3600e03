#include "check/reference.h"

#include <fmt/format.h>

#include <algorithm>

#include "check/element.h"
#include "core/impl.h"

namespace twofold::check {
namespace {

using core::Op;
using core::RefTensor;

// The element of x that position `i` of a broadcast result reads.
double broadcast_element(const RefTensor& x, const Shape& result, std::int64_t i) {
  std::int64_t at = 0, step = 1;
  for (int d = 1; d <= result.rank(); ++d) {
    const std::int64_t n = result[result.rank() - d], k = i % n;
    i /= n;
    if (d > x.shape.rank()) continue;
    const std::int64_t own = x.shape[x.shape.rank() - d];
    if (own != 1) at += k * step;
    step *= own;
  }
  return x.values[static_cast<std::size_t>(at)];
}

RefTensor elementwise(const Op& op, const std::vector<RefTensor>& in) {
  RefTensor out{in[0].shape, {}};
  for (const RefTensor& x : in) out.shape = broadcast(out.shape, x.shape);
  for (std::int64_t i = 0; i < out.shape.numel(); ++i) {
    double v[3] = {};
    for (std::size_t k = 0; k < in.size() && k < 3; ++k) v[k] = broadcast_element(in[k], out.shape, i);
    out.values.push_back(op.ref.one   ? op.ref.one(v[0])
                         : op.ref.two ? op.ref.two(v[0], v[1])
                                      : op.ref.three(v[0], v[1], v[2]));
  }
  return out;
}

bool close(double got, double expected, Dtype dtype, double ulp) {
  const double nearest = rounded(expected, dtype);
  if (!is_floating(dtype)) return got == nearest;
  if (ulp == 0) return ulps(got, nearest, dtype) == 0;
  return is_half(dtype) ? ulps(got, nearest, dtype) <= std::min(std::floor(ulp), 1.0)
                        : ulps(got, expected, dtype) <= ulp;
}

}  // namespace

RefTensor to_reference(const Tensor& x) {
  RefTensor out{x.shape(), {}};
  for (std::int64_t i = 0; i < x.numel(); ++i) out.values.push_back(load(x.impl()->array, i));
  return out;
}

std::vector<RefTensor> run_reference(const Op& op, const Tensors& in, const core::Attrs& attrs) {
  std::vector<RefTensor> operands;
  std::vector<Dtype> dtypes;
  for (const Tensor& x : in) operands.push_back(to_reference(x)), dtypes.push_back(x.dtype());
  if (op.ref.whole) return op.ref.whole({operands, attrs, dtypes});
  return {elementwise(op, operands)};
}

std::string distance(const Tensor& got, const RefTensor& expected, double ulp) {
  if (!(got.shape() == expected.shape))
    return to_string(got.shape()) + ", expected " + to_string(expected.shape);
  for (std::int64_t i = 0; i < got.numel(); ++i) {
    const double v = load(got.impl()->array, i), e = expected.values[static_cast<std::size_t>(i)];
    if (!close(v, e, got.dtype(), ulp))
      return fmt::format("{}{} element {}: {}, expected {} ({:.3g} ulp)", name_of(got.dtype()),
                         to_string(got.shape()), i, v, e,
                         is_floating(got.dtype()) ? ulps(v, e, got.dtype()) : 0.0);
  }
  return "";
}

}  // namespace twofold::check
