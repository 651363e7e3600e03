// The lane programs that move and convert elements, made once per pair of dtypes.
//
//   move_elements(conversion(f16, f32), {x, 2}, {buffer, 4}, n);
//
// Conversions are those of the `convert` opcode: floats out of range saturate, integers wrap, bool is x != 0.
// A half becomes whatever it becomes by way of f32.
#pragma once

#include "lanes/execute.h"

namespace twofold::kernels {

// Between equal dtypes every bit is kept, a NaN's payload too.
const lanes::Executable& conversion(Dtype from, Dtype to);
// to(x != 0)
const lanes::Executable& nonzero_test(Dtype from, Dtype to);
// a + b in the compute type, rounded once; bool: a or b.
const lanes::Executable& addition(Dtype dtype);

inline void move_elements(const lanes::Executable& program, lanes::Operand from, lanes::Operand to,
                          std::int64_t n) {
  lanes::run(program, {&from, 1}, {}, to, n);
}

}  // namespace twofold::kernels
