// Memory for tensors: free lists per thread for small blocks, one cache for large ones.
//
// A block is never zeroed and, once taken from the system, is kept for the next tensor of its size class
// (fresh pages cost four times the add that fills them). Free lists are off under the sanitizers, which
// could not see a use after free through them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace twofold {

namespace memory {

inline constexpr std::size_t small_limit = std::size_t{1} << 20;
inline constexpr int small_classes = 57;  // up to small_limit

// Four size classes per power of two: at most a quarter of a block is wasted. Class 0 is 64 bytes.
constexpr int size_class(std::size_t bytes) {
  if (bytes <= 64) return 0;
  const std::size_t n = bytes - 1;
  const int log = std::bit_width(n) - 1;  // 2^log <= n < 2^(log+1), log >= 6
  return (log - 6) * 4 + static_cast<int>((n >> (log - 2)) & 3) + 1;
}
constexpr std::size_t class_bytes(int c) {
  if (c == 0) return 64;
  const int log = (c - 1) / 4 + 6, quarter = (c - 1) % 4;
  return (std::size_t{1} << log) + (static_cast<std::size_t>(quarter + 1) << (log - 2));
}

struct Block {
  Block* next;
};
// One thread's small blocks, and how many more of each class it will keep. A block freed on another thread
// joins that thread's lists.
struct SmallCache {
  Block* head[small_classes] = {};
  std::int32_t room[small_classes];

  SmallCache();
  ~SmallCache();
};
// Null before the thread's first request, after its end, and under the sanitizers.
extern thread_local constinit SmallCache* small_cache;

void* acquire_slowly(std::size_t bytes);
void release_slowly(void* block, std::size_t bytes) noexcept;

}  // namespace memory

// At least `bytes` bytes aligned to 64; throws MemoryError. `release` wants the same `bytes` again.
inline void* acquire(std::size_t bytes) {
  memory::SmallCache* cache = memory::small_cache;
  if (!cache || bytes > memory::small_limit) return memory::acquire_slowly(bytes);
  const int c = memory::size_class(bytes);
  memory::Block* b = cache->head[c];
  if (!b) return memory::acquire_slowly(bytes);
  cache->head[c] = b->next;
  ++cache->room[c];
  return b;
}

inline void release(void* block, std::size_t bytes) noexcept {
  memory::SmallCache* cache = memory::small_cache;
  if (!cache || bytes > memory::small_limit) return memory::release_slowly(block, bytes);
  const int c = memory::size_class(bytes);
  if (!block || cache->room[c] <= 0) return memory::release_slowly(block, bytes);
  auto* b = static_cast<memory::Block*>(block);
  b->next = cache->head[c];
  cache->head[c] = b;
  --cache->room[c];
}

struct MemoryStats {
  std::int64_t in_use = 0;  // bytes handed out and not given back, whole process
  std::int64_t cached = 0;  // bytes of large blocks waiting for reuse
};
MemoryStats memory_stats();

}  // namespace twofold
