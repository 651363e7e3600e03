// Private to the plan: polynomials found in a program, to run as one loop that stays in registers.
//
//   %5 = fma %4 %x c5 ; %6 = fma %5 %x c6 ; %7 = fma %6 %x c7      // %5 and %6 used nowhere else
//   -> at %7: out = horner(first = %4, x, {c5, c6, c7}), the same operations in the same order
#pragma once

#include <unordered_map>

#include "lanes/loops_p.h"

namespace twofold::lanes {

struct HornerChain {
  Id first, x;
  std::vector<std::uint64_t> coefficients;
};

struct HornerChains {
  std::unordered_map<Id, HornerChain> ending_at;
  std::vector<bool> absorbed;  // instructions that a chain computes on its way
};

HornerChains find_horner_chains(const Program& program);

}  // namespace twofold::lanes
