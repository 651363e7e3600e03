// Private to the builder: the bit-exact simplifications.
#pragma once

#include "lanes/builder.h"

namespace twofold::lanes {

// What `instr` equals without being computed: an operand, or a constant with these bits.
struct Simplified {
  enum class Kind : std::uint8_t { none, operand, constant } kind = Kind::none;
  Id operand = 0;
  std::uint64_t bits = 0;
};
Simplified simplify(const Builder& builder, const Instr& instr);

}  // namespace twofold::lanes
