#include "lanes/program.h"

#include "lanes/builder.h"
#include "twofold/error.h"

namespace twofold::lanes {
namespace {

std::string text_of(const Instr& i) {
  std::string text = std::string(name_of(i.op)) + "." + name_of(i.type);
  if (i.op == Opcode::constant) text += " " + text_of(i.imm, i.type);
  if (i.op == Opcode::input || i.op == Opcode::uniform || i.op == Opcode::polygamma)
    text += " " + std::to_string(i.imm);
  for (Id operand : Operands(i)) text += " %" + std::to_string(operand);
  return text;
}

[[noreturn]] void refuse(std::size_t at, std::string got, std::string expected) {
  throw InternalError(
      {"lanes::Program::verify", "%" + std::to_string(at), std::move(got), std::move(expected)});
}

Type expected_type(const Instr& i, std::span<const Type> operands) {
  if (i.op == Opcode::index) return Type::i64;
  if (is_leaf(i.op)) return i.type;
  if (i.op != Opcode::bitcast && i.op != Opcode::convert) return result_type(i.op, operands);
  check_cast(i.op, operands[0], i.type);
  return i.type;
}

}  // namespace

bool Program::uses_input(int i) const {
  for (const Instr& instr : instructions_)
    if (instr.op == Opcode::input && instr.imm == static_cast<std::uint64_t>(i)) return true;
  return false;
}

int Program::uniforms() const {
  int count = 0;
  for (const Instr& i : instructions_)
    if (i.op == Opcode::uniform && static_cast<int>(i.imm) >= count) count = static_cast<int>(i.imm) + 1;
  return count;
}

std::string Program::print() const {
  if (empty()) return "return 0";
  std::string text;
  for (std::size_t i = 0; i < instructions_.size(); ++i)
    text += "%" + std::to_string(i) + " = " + text_of(instructions_[i]) + " ; ";
  return text + "return %" + std::to_string(result_);
}

void Program::verify() const {
  if (result_ >= instructions_.size()) refuse(result_, "no such instruction", "a result");
  for (std::size_t i = 0; i < instructions_.size(); ++i) {
    const Instr& instr = instructions_[i];
    Type types[3] = {};
    int count = 0;
    for (Id operand : Operands(instr)) {
      if (operand >= i) refuse(i, text_of(instr), "operands that precede their use");
      types[count++] = instructions_[operand].type;
    }
    const Type type = expected_type(instr, std::span(types, static_cast<std::size_t>(count)));
    if (instr.type != type) refuse(i, text_of(instr), name_of(type));
    if (instr.op != Opcode::input) continue;
    if (instr.imm >= input_types_.size()) refuse(i, text_of(instr), "an input that exists");
    if (instr.type != input_types_[instr.imm]) refuse(i, text_of(instr), name_of(input_types_[instr.imm]));
  }
}

Program build(std::span<const Type> inputs, const std::function<Lane(Lanes)>& body) {
  Builder builder(inputs);
  return builder.finish(body(Lanes{&builder, static_cast<int>(inputs.size())}));
}

}  // namespace twofold::lanes
