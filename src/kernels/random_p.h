// The driver of every draw: words in tiles, whatever is made of them.
#pragma once

#include <algorithm>

#include "base/threads.h"
#include "kernels/loops_p.h"
#include "kernels/random.h"

namespace twofold::kernels {

inline constexpr std::int64_t tile_blocks = 256, tile_words = 4 * tile_blocks;

// Calls body(words, first, n) for tiles of the elements [0, count): the words of elements first..first + n -
// 1, `per_block` elements to a block.
template <class Body>
void draw_tiles(const Philox& source, std::int64_t count, int per_block, Body body) {
  const std::int64_t blocks = (count + per_block - 1) / per_block;
  parallel_for(blocks, 4096, [&](std::int64_t begin, std::int64_t end) {
    alignas(64) std::uint32_t words[tile_words];
    for (std::int64_t b = begin; b < end; b += tile_blocks) {
      Philox at = source;
      at.skip(static_cast<std::uint64_t>(b));
      const std::int64_t taken = std::min(tile_blocks, end - b), first = b * per_block;
      loops().philox(at.key.data(), at.counter.data(), taken, words);
      body(words, first, std::min(taken * per_block, count - first));
    }
  });
}

// Uniform values in [1, 2) less 1: random bits as the mantissa, as TensorFlow makes them.
inline float unit_float(std::uint32_t word) {
  return std::bit_cast<float>((word & 0x7fffffu) | 0x3f800000u) - 1.0f;
}
inline double unit_double(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t mantissa = std::uint64_t{high & 0xfffffu} << 32 | low;
  return std::bit_cast<double>(std::uint64_t{1023} << 52 | mantissa) - 1.0;
}

}  // namespace twofold::kernels
