// Builder: appends instructions to a lane program, each distinct one once (value numbering).
//
//   Builder b(types);                                  // types of the inputs
//   Lane x = b.input(0);
//   Program p = b.finish(x * x + 1.0);                 // instructions the result does not need are dropped
//
// A finished program does not depend on the order in which its expressions were evaluated, which C++ leaves
// to the compiler: operands of commutative instructions are sorted by what they compute, and instructions
// are numbered depth first from the result. (The order matters: gradients are summed in it.)
//
// It simplifies only what cannot change a bit of a result: x * 1, x - 0, select with equal arms, double
// negation, a conversion to the same type; constants fold for integers, never for floats.
#pragma once

#include <compare>
#include <unordered_map>

#include "lanes/program.h"
#include "lanes/types.h"

namespace twofold::lanes {

class Builder {
 public:
  explicit Builder(std::span<const Type> inputs);
  Builder(const Builder&) = delete;  // lanes point to it
  Builder& operator=(const Builder&) = delete;

  Lane input(int i);
  Lane uniform(int i, Type type);
  Lane constant(double value, Type type);
  Lane constant_bits(std::uint64_t bits, Type type);
  Lane index();
  // An instruction whose operands decide its type; only polygamma has an `imm`.
  Lane append(Opcode op, std::span<const Lane> operands, std::uint64_t imm = 0);
  Lane append(Opcode op, std::initializer_list<Lane> operands) {
    return append(op, std::span(operands.begin(), operands.size()));
  }
  Lane cast(Opcode op, Lane a, Type to);  // bitcast, convert
  // `instr` of another program, its operands replaced by these.
  Lane copy(const Instr& instr, std::span<const Lane> operands);

  Program finish(Lane result);
  const Instr& at(Id id) const { return program_.instructions_[id]; }

 private:
  struct Hash {
    std::size_t operator()(const Instr& i) const;
  };
  // What a value computes, whatever its number: leaves come first, then shallow values.
  struct Key {
    int depth;
    Opcode op;
    Type type;
    std::uint64_t imm, hash;
    auto operator<=>(const Key&) const = default;
  };
  Key key_of(const Instr& instr) const;
  Lane add(Instr instr);
  Id emit(Id id, Program& out, std::vector<Id>& numbers) const;

  Program program_;
  std::vector<Key> keys_;
  std::unordered_map<Instr, Id, Hash> known_;
};

// The arity and operand ids of an instruction as a list.
struct Operands {
  explicit Operands(const Instr& i) : ids{i.a, i.b, i.c}, count(arity_of(i.op)) {}
  const Id* begin() const { return ids; }
  const Id* end() const { return ids + count; }
  Id ids[3];
  int count;
};

}  // namespace twofold::lanes
