// The reference of a row, run on double, and how far a result may be from it.
#pragma once

#include <string>

#include "core/op.h"

namespace twofold::check {

core::RefTensor to_reference(const Tensor& x);
// The outputs that the row's `ref` gives for these operands.
std::vector<core::RefTensor> run_reference(const core::Op& op, const Tensors& in, const core::Attrs& attrs);
// What is wrong with `got`, in words; empty when it has the reference's shape and is within `ulp`.
// Integers and bool must be what the reference gives, wrapped to the dtype. A half, which is rounded from
// f32, may be one unit from the rounded reference where `ulp` allows one at all.
std::string distance(const Tensor& got, const core::RefTensor& expected, double ulp);

}  // namespace twofold::check
