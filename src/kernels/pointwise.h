// The pointwise driver: one lane program over broadcast, strided arrays.
#pragma once

#include <span>

#include "base/array.h"
#include "lanes/execute.h"

namespace twofold {

// out[i] = program(in[0][i], ...): every input broadcasts to out's shape. A null input is one the program
// does not read. An input may be exactly `out` (same memory, shape and strides); other overlaps are the
// caller's error.
void pointwise(const lanes::Executable& program, const Array* const* in, int inputs,
               std::span<const lanes::Uniform> uniforms, const Array& out);

}  // namespace twofold
