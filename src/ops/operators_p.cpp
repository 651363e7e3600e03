// Operators, methods and shorthands: other spellings of rows.
#include "core/apply.h"
#include "twofold/ops.h"

namespace twofold {

Tensor operator+(const Arg& a, const Arg& b) { return add(a, b); }
Tensor operator-(const Arg& a, const Arg& b) { return sub(a, b); }
Tensor operator*(const Arg& a, const Arg& b) { return mul(a, b); }
Tensor operator/(const Arg& a, const Arg& b) { return div(a, b); }
Tensor operator-(const Arg& a) { return neg(a); }
Tensor operator==(const Arg& a, const Arg& b) { return eq(a, b); }
Tensor operator!=(const Arg& a, const Arg& b) { return ne(a, b); }
Tensor operator<(const Arg& a, const Arg& b) { return lt(a, b); }
Tensor operator<=(const Arg& a, const Arg& b) { return le(a, b); }
Tensor operator>(const Arg& a, const Arg& b) { return gt(a, b); }
Tensor operator>=(const Arg& a, const Arg& b) { return ge(a, b); }

Tensor Tensor::sum(const Dims& axes, bool keepdims, std::source_location at) const {
  return twofold::sum(Arg(*this, at), axes, keepdims);
}
Tensor Tensor::mean(const Dims& axes, bool keepdims, std::source_location at) const {
  return twofold::mean(Arg(*this, at), axes, keepdims);
}
Tensor Tensor::to(Dtype dtype, std::source_location at) const {
  return dtype == this->dtype() ? *this : cast(Arg(*this, at), dtype);
}
Tensor Tensor::operator[](Index index) const {
  const core::LocationScope line(index.where);
  return select(*this, 0, index.value);
}
Tensor Tensor::t(std::source_location at) const { return transpose(Arg(*this, at), 0, 1); }

Tensor zeros(const Dims& shape, Dtype dtype, std::source_location at) { return full(shape, 0, dtype, at); }
Tensor ones(const Dims& shape, Dtype dtype, std::source_location at) { return full(shape, 1, dtype, at); }

}  // namespace twofold
