// Counter-based random numbers: Philox-4x32-10 (Salmon et al., SC'11) with TensorFlow's transformations.
//
// Element i of a draw comes from counter block `counter + i / 4` (f64: i / 2), so threads and vector widths do not matter.
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

// [0, 1): TensorFlow's UniformDistribution (23 bits for f32, 52 for f64 from two words, 10 for f16, 7 for bf16).
void fill_uniform(const Philox& source, const Array& out);
// N(0, 1): TensorFlow's NormalDistribution, i.e. Box-Muller on pairs of words; log, sin, cos, sqrt are the lane programs'.
void fill_normal(const Philox& source, const Array& out);
// low + word % (high - low), as TensorFlow's UniformDistribution on i32 (one word) and i64 (two words); low < high.
void fill_integers(const Philox& source, std::int64_t low, std::int64_t high, const Array& out);

}  // namespace twofold
