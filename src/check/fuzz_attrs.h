// Attributes that fit an operation's operands, most of the time.
#pragma once

#include "check/fuzz_choice.h"

namespace twofold::check {

core::Attrs make_attrs(Choice& choice, const core::Op& op, const Tensors& operands);
Shape small_shape(Choice& choice);
Dtype any_dtype(Choice& choice);

}  // namespace twofold::check
