// The table of compiled loops that each instruction set provides: one loop per opcode and type.
// isa/*.cpp make it from tile_loops.inc; the plan names loops by index, so a plan serves every table.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lanes/program.h"

namespace twofold::lanes {

// out[i] = opcode(a[i], b[i], c[i]) on packed tiles. `out` may be an operand of the same type.
using Loop = void (*)(void* out, const void* a, const void* b, const void* c, std::int64_t n);
// Copies elements `step` bytes apart between memory and a tile, converting halves.
using MoveLoop = void (*)(void* out, std::int64_t out_step, const void* in, std::int64_t in_step,
                          std::int64_t n);
using IndexLoop = void (*)(void* out, std::int64_t first, std::int64_t n);

constexpr int lane_types = 8;
constexpr std::size_t longest_horner = 12;
constexpr int loop_count = opcode_count * lane_types + lane_types * lane_types + 2 * longest_horner;
// By the type of the operands (of the arms, for select).
constexpr int loop_of(Opcode op, Type t) { return static_cast<int>(op) * lane_types + static_cast<int>(t); }
constexpr int convert_loop_of(Type from, Type to) {
  return opcode_count * lane_types + static_cast<int>(from) * lane_types + static_cast<int>(to);
}
// c is no tile here, but the `length` coefficients: out = (((a x + c0) x + c1) x + ...), all in fma, x = b.
constexpr int horner_loop_of(Type t, std::size_t length) {
  return loop_count - 1 - static_cast<int>(length - 1) -
         (t == Type::f64 ? static_cast<int>(longest_horner) : 0);
}

struct Loops {
  Loop compute[loop_count];  // null where an opcode does not take the type, and for named functions
  MoveLoop load[dtype_count], store[dtype_count];
  IndexLoop index;
};

namespace portable {
const Loops& loops();
}
namespace avx2 {
const Loops& loops();
}
namespace avx512 {
const Loops& loops();
}

}  // namespace twofold::lanes
