#include "lanes/builder.h"

#include <algorithm>
#include <utility>

#include "lanes/simplify_p.h"
#include "twofold/error.h"

namespace twofold::lanes {
namespace {

[[noreturn]] void refuse(const char* what, std::string got, std::string expected) {
  throw InternalError({"lanes::Builder", what, std::move(got), std::move(expected)});
}

constexpr Id unnumbered = 0xffff;

std::uint64_t mix(std::uint64_t h, std::uint64_t part) {
  return (h ^ (h >> 29) ^ part) * 0xbf58476d1ce4e5b9u;
}

}  // namespace

std::size_t Builder::Hash::operator()(const Instr& i) const {
  std::uint64_t h = mix(i.imm, static_cast<std::uint64_t>(i.op) << 8 | static_cast<std::uint64_t>(i.type));
  h = mix(h, std::uint64_t{i.a} << 32 | std::uint64_t{i.b} << 16 | i.c);
  return h ^ (h >> 32);
}

Builder::Key Builder::key_of(const Instr& instr) const {
  Key key{0, instr.op, instr.type, instr.imm, mix(instr.imm, static_cast<std::uint64_t>(instr.op))};
  for (Id operand : Operands(instr)) {
    const Key& below = keys_[operand];
    key.depth = std::max(key.depth, below.depth + 1);
    key.hash = mix(mix(key.hash, below.hash), static_cast<std::uint64_t>(below.type));
  }
  return key;
}

Builder::Builder(std::span<const Type> inputs) { program_.input_types_.assign(inputs.begin(), inputs.end()); }

Lane Builder::input(int i) {
  const int count = program_.inputs();
  if (i < 0 || i >= count) refuse("input", std::to_string(i), "an index below " + std::to_string(count));
  return add({Opcode::input, program_.input_types_[i], 0, 0, 0, static_cast<std::uint64_t>(i)});
}

Lane Builder::uniform(int i, Type type) {
  if (i < 0) refuse("uniform", std::to_string(i), "an index of at least 0");
  return add({Opcode::uniform, type, 0, 0, 0, static_cast<std::uint64_t>(i)});
}

Lane Builder::constant(double value, Type type) { return constant_bits(bits_of(value, type), type); }
Lane Builder::constant_bits(std::uint64_t bits, Type type) {
  return add({Opcode::constant, type, 0, 0, 0, bits});
}
Lane Builder::index() { return add({Opcode::index, Type::i64}); }

Lane Builder::append(Opcode op, std::span<const Lane> operands, std::uint64_t imm) {
  Type types[3] = {};
  if (operands.size() > 3) refuse(name_of(op), std::to_string(operands.size()) + " operands", "at most 3");
  Instr instr{.op = op, .type = Type::b8, .imm = imm};
  Id* ids[3] = {&instr.a, &instr.b, &instr.c};
  for (std::size_t k = 0; k < operands.size(); ++k) {
    if (operands[k].builder != this) refuse(name_of(op), "a lane of another program", "one of this program");
    types[k] = operands[k].type(), *ids[k] = operands[k].id;
  }
  instr.type = result_type(op, std::span(types, operands.size()));
  if (is_commutative(op) && keys_[instr.b] < keys_[instr.a]) std::swap(instr.a, instr.b);
  return add(instr);
}

Lane Builder::cast(Opcode op, Lane a, Type to) {
  if (a.builder != this) refuse(name_of(op), "a lane of another program", "one of this program");
  check_cast(op, a.type(), to);
  return add({op, to, a.id});
}

Lane Builder::copy(const Instr& instr, std::span<const Lane> operands) {
  if (is_leaf(instr.op)) return add(instr);
  if (instr.op == Opcode::bitcast || instr.op == Opcode::convert)
    return cast(instr.op, operands[0], instr.type);
  return append(instr.op, operands, instr.imm);
}

Lane Builder::add(Instr instr) {
  const Simplified simple = simplify(*this, instr);
  if (simple.kind == Simplified::Kind::operand) return {this, simple.operand};
  if (simple.kind == Simplified::Kind::constant) instr = {Opcode::constant, instr.type, 0, 0, 0, simple.bits};
  auto& instructions = program_.instructions_;
  const auto [found, fresh] = known_.try_emplace(instr, static_cast<Id>(instructions.size()));
  if (!fresh) return {this, found->second};
  if (instructions.size() >= unnumbered) refuse("program", "more than 65535 instructions", "fewer");
  keys_.push_back(key_of(instr));
  instructions.push_back(instr);
  return {this, found->second};
}

// Appends `id` to `out` if its operands are there; else returns the first one that is missing.
Id Builder::emit(Id id, Program& out, std::vector<Id>& numbers) const {
  Instr instr = at(id);
  Id* ids[3] = {&instr.a, &instr.b, &instr.c};
  for (int k = 0; k < arity_of(instr.op); ++k) {
    if (numbers[*ids[k]] == unnumbered) return *ids[k];
    *ids[k] = numbers[*ids[k]];
  }
  numbers[id] = static_cast<Id>(out.instructions_.size());
  out.instructions_.push_back(instr);
  return id;
}

Program Builder::finish(Lane result) {
  if (result.builder != this) refuse("result", "a lane of another program", "one of this program");
  Program out;
  out.input_types_ = program_.input_types_;
  std::vector<Id> numbers(program_.instructions_.size(), unnumbered);
  std::vector<Id> path{result.id};
  while (!path.empty()) {
    const Id missing = emit(path.back(), out, numbers);
    if (missing == path.back())
      path.pop_back();
    else
      path.push_back(missing);
  }
  out.result_ = numbers[result.id];
  return out;
}

}  // namespace twofold::lanes
