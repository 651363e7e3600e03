// Private to the executor: a program whose values live in numbered slots.
//
// A slot is a pointer to a packed tile: a constant filled once per Executable, a uniform or a broadcast
// input filled once per run, an input used where it lies, or a register in the executor's scratch memory.
// Slots are ordered: constants, uniforms, inputs, index, registers. Every slot but a constant's also owns a
// tile of scratch memory, so that an operand that does not lie packed can be copied there.
#pragma once

#include <cstddef>
#include <vector>

#include "lanes/execute.h"
#include "lanes/loops_p.h"
#include "lanes/types.h"

namespace twofold::lanes {

inline constexpr int largest_tile = 384;  // elements
inline constexpr int smallest_tile = 16;
inline constexpr int scratch_bytes = 32 * 1024;  // of one run, on its stack: what a first-level cache holds
inline constexpr int slot_limit = 2048;
struct alignas(64) CacheLine {
  std::byte bytes[64];
};

struct Executable::Plan {
  using Slot = std::uint16_t;
  struct Step {
    std::uint16_t loop;  // index into Loops::compute
    Slot out, a, b, c;   // absent operands are slot 0
  };
  struct Input {
    Dtype dtype;
    std::int64_t size;
    bool used = false;
  };
  struct UniformValue {
    int index;
    Type type;
    Dtype dtype;  // whose memory looks like the type
  };

  Plan(const Program& lowered, std::span<const Dtype> input_dtypes, Dtype output_dtype);

  std::vector<Step> steps;
  std::vector<Input> inputs;
  std::vector<UniformValue> uniforms;
  std::vector<CacheLine> constant_tiles;  // one behind the other
  Dtype output;
  int constants = 0, registers = 0;
  bool uses_index = false;
  // Where the result is; `in_place` when the last step makes it and may write it straight to the output.
  Slot result = 0;
  bool in_place = false;
  // One step on inputs alone runs over whole operands, without tiles, if a, b, c and the output have these
  // steps. Its absent operands are its first one again, so that all three can be looked at.
  bool direct = false;
  std::int64_t direct_steps[4] = {};
  int tile = largest_tile;
  int tile_bytes = 0;  // of one slot, padded so that slots do not fall into the same cache sets

  std::byte* constant_tile(int i) const {
    auto* bytes = reinterpret_cast<const std::byte*>(constant_tiles.data());
    return const_cast<std::byte*>(bytes) + static_cast<std::ptrdiff_t>(i) * tile_bytes;
  }
  Slot uniform_slot(int i) const { return static_cast<Slot>(constants + i); }
  Slot input_slot(int i) const {
    return static_cast<Slot>(uniform_slot(static_cast<int>(uniforms.size())) + i);
  }
  Slot index_slot() const { return input_slot(static_cast<int>(inputs.size())); }
  Slot register_slot(int i) const { return static_cast<Slot>(index_slot() + 1 + i); }
  int slots() const { return register_slot(registers); }
};

}  // namespace twofold::lanes
