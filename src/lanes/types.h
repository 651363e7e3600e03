// Facts about lane types and opcodes, in one table each.
//
//   width_of(Type::f64);                  // 8
//   arity_of(Opcode::fma);                // 3
//   result_type(Opcode::lt, {f32, f32});  // b8; throws InternalError when the operands do not fit
#pragma once

#include <span>

#include "lanes/program.h"

namespace twofold::lanes {

inline constexpr int type_count = static_cast<int>(Type::f64) + 1;

constexpr int width_of(Type t) {
  constexpr std::uint8_t widths[type_count] = {1, 1, 1, 2, 4, 8, 4, 8};
  return widths[static_cast<int>(t)];
}
constexpr bool is_float(Type t) { return t >= Type::f32; }
constexpr bool is_integer(Type t) { return t > Type::b8 && t < Type::f32; }
// Lanes of every dtype but the halves look in memory as they look in a register.
constexpr bool is_native(Dtype d) { return !is_half(d); }
const char* name_of(Type t);

int arity_of(Opcode op);
bool is_leaf(Opcode op);         // input, uniform, constant, index
bool is_commutative(Opcode op);  // in every bit of the result
// Of every opcode whose operands decide (not leaves, bitcast or convert).
Type result_type(Opcode op, std::span<const Type> operands);
// Throws InternalError unless `to` is a type that bitcast or convert can give from `from`.
void check_cast(Opcode op, Type from, Type to);

// The bits of `value` in a lane of `type`, in the low bytes; integers truncate.
std::uint64_t bits_of(double value, Type type);
// A lane's bits as text: 0x1.8p+0 as 1.5, integers in decimal.
std::string text_of(std::uint64_t bits, Type type);

}  // namespace twofold::lanes
