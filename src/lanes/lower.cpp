#include <algorithm>

#include "lanes/builder.h"
#include "lanes/functions/functions_p.h"

namespace twofold::lanes {
namespace {

struct Expansion {
  Opcode op;
  Lane (*of)(Lane);
};
constexpr Expansion unary[] = {
    {Opcode::exp, functions::expand_exp},     {Opcode::expm1, functions::expand_expm1},
    {Opcode::exp2, functions::expand_exp2},   {Opcode::log, functions::expand_log},
    {Opcode::log1p, functions::expand_log1p}, {Opcode::log2, functions::expand_log2},
    {Opcode::log10, functions::expand_log10}, {Opcode::sin, functions::expand_sin},
    {Opcode::cos, functions::expand_cos},     {Opcode::tan, functions::expand_tan},
    {Opcode::asin, functions::expand_asin},   {Opcode::acos, functions::expand_acos},
    {Opcode::atan, functions::expand_atan},   {Opcode::sinh, functions::expand_sinh},
    {Opcode::cosh, functions::expand_cosh},   {Opcode::tanh, functions::expand_tanh},
    {Opcode::asinh, functions::expand_asinh}, {Opcode::acosh, functions::expand_acosh},
    {Opcode::atanh, functions::expand_atanh}, {Opcode::sigmoid, functions::expand_sigmoid},
    {Opcode::erf, functions::expand_erf},     {Opcode::erfc, functions::expand_erfc},
    {Opcode::rsqrt, functions::expand_rsqrt}, {Opcode::lgamma, functions::expand_lgamma},
};

Lane expand(const Instr& instr, std::span<const Lane> x) {
  if (instr.op == Opcode::pow) return functions::expand_pow(x[0], x[1]);
  if (instr.op == Opcode::atan2) return functions::expand_atan2(x[0], x[1]);
  if (instr.op == Opcode::polygamma) return functions::expand_polygamma(x[0], static_cast<int>(instr.imm));
  return std::ranges::find(unary, instr.op, &Expansion::op)->of(x[0]);
}

}  // namespace

Program lower(const Program& program) {
  Builder builder(program.input_types());
  std::vector<Lane> lanes;
  for (const Instr& instr : program.instructions()) {
    std::vector<Lane> operands;
    for (Id operand : Operands(instr)) operands.push_back(lanes[operand]);
    lanes.push_back(is_named(instr.op) ? expand(instr, operands) : builder.copy(instr, operands));
  }
  return builder.finish(lanes[program.result()]);
}

}  // namespace twofold::lanes
