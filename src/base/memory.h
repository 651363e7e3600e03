// Memory for tensors: free lists per thread for small blocks, one cache for large ones.
//
// A block is never zeroed and, once taken from the system, is kept for the next tensor of its size class
// (fresh pages cost four times the add that fills them). Free lists are off under the sanitizers, which
// could not see a use after free through them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace twofold {

// At least `bytes` bytes aligned to 64; throws MemoryError. `release` wants the same `bytes` again.
void* acquire(std::size_t bytes);
void release(void* block, std::size_t bytes) noexcept;

struct MemoryStats {
  std::int64_t in_use = 0;  // bytes handed out and not given back, whole process
  std::int64_t cached = 0;  // bytes of large blocks waiting for reuse
};
MemoryStats memory_stats();

}  // namespace twofold
