// Operands: the tensors that a sample describes. Every element is a fixed function of row, sample, operand
// and position, so that all compilers and all runs see the same numbers.
#pragma once

#include <cstdint>

#include "check/samples.h"

namespace twofold::check {

// A number in [0, 1) from the key and a position.
double hashed(std::uint64_t key, std::int64_t position);
std::uint64_t key_of(std::string_view row, std::string_view sample, int operand);

Tensor make_operand(const Operand& operand, std::uint64_t key);
// Weights in [-1, 1], for sums of outputs: a tensor of this dtype and shape.
Tensor make_weights(Dtype dtype, const Shape& shape, std::uint64_t key);
// The same elements under other strides: axes stored in reverse, every second element used.
Tensor strided_copy(const Tensor& x);

}  // namespace twofold::check
