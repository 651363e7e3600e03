// Counter-based random numbers: Philox-4x32-10 (Salmon et al., SC'11) with TensorFlow's transformations.
//
// Element i of a draw comes from counter block `counter + i / 4` (f64: i / 2), so threads and vector widths
// do not matter.
#pragma once

#include <array>
#include <cstdint>

#include "base/array.h"

namespace twofold {

struct Philox {
  std::array<std::uint32_t, 2> key{};
  std::array<std::uint32_t, 4> counter{};

  // The 128-bit block at `counter + offset`.
  std::array<std::uint32_t, 4> block(std::uint64_t offset) const;
  void skip(std::uint64_t blocks);
};

// All outputs are contiguous.

// [0, 1): TensorFlow's UniformDistribution (23 bits for f32, 52 for f64 from two words, 10 for f16, 7 for
// bf16).
void fill_uniform(const Philox& source, const Array& out);
// N(0, 1): TensorFlow's NormalDistribution, i.e. Box-Muller on pairs of uniform numbers u, v:
//   r = sqrt(-2 log(max(u, 1e-7))),  sin(2 pi v) r  and  cos(2 pi v) r,  with 2 pi v rounded once, from f64.
// log, sin and cos are the lane programs', so f32 draws lie within a few ULP of TensorFlow's. Halves round
// f32 draws.
void fill_normal(const Philox& source, const Array& out);
// N(0, 1) without what lies two or more from 0: TensorFlow's TruncatedNormalDistribution. Elements 4 g .. 4 g
// + 3 (f64: 2 g, 2 g + 1) come from the blocks at `counter + 256 g` (f64: 128 g), as many as it takes.
void fill_truncated_normal(const Philox& source, const Array& out);
// low + word % (high - low), as TensorFlow's UniformDistribution on i32 (one word; u8, i8, i16 alike) and i64
// (two). Throws ValueError unless low < high; both fit in the dtype (high may be one more).
void fill_integers(const Philox& source, std::int64_t low, std::int64_t high, const Array& out);

}  // namespace twofold
