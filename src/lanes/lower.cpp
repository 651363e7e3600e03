#include "lanes/builder.h"
#include "lanes/functions/functions_p.h"

namespace twofold::lanes {
namespace {

Lane expand(const Instr& instr, std::span<const Lane> x) {
  switch (instr.op) {
    case Opcode::exp:
      return functions::expand_exp(x[0]);
    case Opcode::expm1:
      return functions::expand_expm1(x[0]);
    case Opcode::log:
      return functions::expand_log(x[0]);
    case Opcode::log1p:
      return functions::expand_log1p(x[0]);
    case Opcode::sin:
      return functions::expand_sin(x[0]);
    case Opcode::cos:
      return functions::expand_cos(x[0]);
    case Opcode::tanh:
      return functions::expand_tanh(x[0]);
    case Opcode::sigmoid:
      return functions::expand_sigmoid(x[0]);
    case Opcode::erf:
      return functions::expand_erf(x[0]);
    case Opcode::erfc:
      return functions::expand_erfc(x[0]);
    case Opcode::rsqrt:
      return functions::expand_rsqrt(x[0]);
    case Opcode::pow:
      return functions::expand_pow(x[0], x[1]);
    case Opcode::tan:
      return functions::expand_tan(x[0]);
    case Opcode::asin:
      return functions::expand_asin(x[0]);
    case Opcode::acos:
      return functions::expand_acos(x[0]);
    case Opcode::atan:
      return functions::expand_atan(x[0]);
    case Opcode::atan2:
      return functions::expand_atan2(x[0], x[1]);
    case Opcode::sinh:
      return functions::expand_sinh(x[0]);
    case Opcode::cosh:
      return functions::expand_cosh(x[0]);
    case Opcode::asinh:
      return functions::expand_asinh(x[0]);
    case Opcode::acosh:
      return functions::expand_acosh(x[0]);
    case Opcode::atanh:
      return functions::expand_atanh(x[0]);
    case Opcode::exp2:
      return functions::expand_exp2(x[0]);
    case Opcode::log2:
      return functions::expand_log2(x[0]);
    case Opcode::log10:
      return functions::expand_log10(x[0]);
    case Opcode::lgamma:
      return functions::expand_lgamma(x[0]);
    default:
      return functions::expand_polygamma(x[0], static_cast<int>(instr.imm));
  }
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
