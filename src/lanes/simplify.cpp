#include "lanes/simplify_p.h"

namespace twofold::lanes {
namespace {

using Kind = Simplified::Kind;

bool is_constant(const Builder& b, Id id, double value, bool negative_zero = false) {
  const Instr& i = b.at(id);
  return i.op == Opcode::constant && i.imm == bits_of(negative_zero ? -0.0 : value, i.type);
}

// x op neutral == x for every x, signed zeros included: so x + -0.0 and x - 0.0, but not x + 0.0.
bool right_is_neutral(const Builder& b, const Instr& i) {
  switch (i.op) {
    case Opcode::add:
      return is_constant(b, i.b, 0, true);
    case Opcode::sub:
      return is_constant(b, i.b, 0);
    case Opcode::mul:
    case Opcode::div:
      return is_constant(b, i.b, 1);
    case Opcode::bit_or:
    case Opcode::bit_xor:
    case Opcode::shl:
    case Opcode::shr_logical:
    case Opcode::shr_arithmetic:
      return is_constant(b, i.b, 0);
    default:
      return false;
  }
}

Simplified operand(Id id) { return {Kind::operand, id, 0}; }

Simplified fold_binary(const Instr& i, std::uint64_t a, std::uint64_t b) {
  const int unused = 64 - 8 * width_of(i.type);
  const auto fold = [&](std::uint64_t bits) {
    return Simplified{Kind::constant, 0, bits << unused >> unused};
  };
  const std::uint64_t amount = b & (8 * width_of(i.type) - 1);
  switch (i.op) {
    case Opcode::add:
      return fold(a + b);
    case Opcode::sub:
      return fold(a - b);
    case Opcode::mul:
      return fold(a * b);
    case Opcode::bit_and:
      return fold(a & b);
    case Opcode::bit_or:
      return fold(a | b);
    case Opcode::bit_xor:
      return fold(a ^ b);
    case Opcode::shl:
      return fold(a << amount);
    case Opcode::shr_logical:
      return fold(a >> amount);
    default:
      return {};
  }
}

Simplified simplify_unary(const Builder& b, const Instr& i) {
  const Instr& a = b.at(i.a);
  const bool cast = i.op == Opcode::bitcast || i.op == Opcode::convert;
  if (cast && a.type == i.type) return operand(i.a);
  if (i.op == Opcode::bitcast && a.op == Opcode::constant) return {Kind::constant, 0, a.imm};
  const bool involution = i.op == Opcode::neg || i.op == Opcode::bit_not;
  if (involution && a.op == i.op) return operand(a.a);
  if (i.op == Opcode::bitcast && a.op == i.op && b.at(a.a).type == i.type) return operand(a.a);
  return {};
}

Simplified simplify_select(const Builder& b, const Instr& i) {
  if (i.b == i.c) return operand(i.b);
  const Instr& condition = b.at(i.a);
  if (condition.op != Opcode::constant) return {};
  return operand(condition.imm ? i.b : i.c);
}

}  // namespace

Simplified simplify(const Builder& b, const Instr& i) {
  if (arity_of(i.op) == 1) return simplify_unary(b, i);
  if (i.op == Opcode::select) return simplify_select(b, i);
  if (arity_of(i.op) != 2) return {};
  if (right_is_neutral(b, i)) return operand(i.a);
  Instr swapped = i;
  swapped.a = i.b, swapped.b = i.a;
  if (is_commutative(i.op) && right_is_neutral(b, swapped)) return operand(i.b);
  const Instr &left = b.at(i.a), &right = b.at(i.b);
  if (is_float(i.type) || left.op != Opcode::constant || right.op != Opcode::constant) return {};
  return is_float(left.type) ? Simplified{} : fold_binary(i, left.imm, right.imm);
}

}  // namespace twofold::lanes
