#include "lanes/horner_p.h"

#include "lanes/builder.h"

namespace twofold::lanes {
namespace {

std::vector<int> count_uses(const Program& program) {
  std::vector<int> uses(program.instructions().size());
  for (const Instr& i : program.instructions())
    for (Id operand : Operands(i)) ++uses[operand];
  ++uses[program.result()];
  return uses;
}

}  // namespace

HornerChains find_horner_chains(const Program& program) {
  const auto& instructions = program.instructions();
  const std::vector<int> uses = count_uses(program);
  HornerChains chains;
  chains.absorbed.resize(instructions.size());
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    const Instr& instr = instructions[i];
    if (instr.op != Opcode::fma || instructions[instr.c].op != Opcode::constant) continue;
    HornerChain chain{instr.a, instr.b, {}};
    const auto before = chains.ending_at.find(instr.a);
    const bool continues = before != chains.ending_at.end() && before->second.x == instr.b &&
                           uses[instr.a] == 1 && before->second.coefficients.size() < longest_horner;
    if (continues) {
      chain = std::move(before->second);
      chains.ending_at.erase(before);
      chains.absorbed[instr.a] = true;
    }
    chain.coefficients.push_back(instructions[instr.c].imm);
    chains.ending_at.emplace(static_cast<Id>(i), std::move(chain));
  }
  return chains;
}

}  // namespace twofold::lanes
