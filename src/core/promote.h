// Promotion: operands of different dtypes get a common one by casts, in both modes alike.
#pragma once

#include "base/small_vector.h"
#include "core/impl.h"
#include "core/op.h"

namespace twofold::core {

// The operands of one call after promotion: borrowed where nothing changed, owned where a cast was made.
struct Operands {
  SmallVector<Impl*, 4> in;
  SmallVector<Ref<Impl>, 2> owned;
  std::span<Impl* const> span() const { return {in.data(), in.size()}; }
};

// True when `in` can be used as it is: one dtype, no C++ numbers. The fast path.
bool uniform_dtypes(const Op& op, std::span<Impl* const> in);
// What a C++ number is, and what integers become where a float is needed: f32 unless somebody has set it.
Dtype default_float();
void set_default_float(Dtype dtype);
Operands promote_operands(const Op& op, std::span<Impl* const> in, const Location& where);

}  // namespace twofold::core
