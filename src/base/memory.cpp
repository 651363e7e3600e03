#include "base/memory.h"

#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#include "twofold/error.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TWOFOLD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TWOFOLD_SANITIZED 1
#endif
#endif

namespace twofold {
namespace {

#ifdef TWOFOLD_SANITIZED
constexpr bool caching = false;
#else
constexpr bool caching = true;
#endif

constexpr std::size_t alignment = 64;
constexpr std::size_t small_limit = std::size_t{1} << 20;
constexpr std::int64_t large_cache_limit = std::int64_t{2} << 30;

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
constexpr int small_classes = 57;  // up to 1 MiB
constexpr int all_classes = 240;

struct Block {
  Block* next;
};

std::atomic<std::int64_t> large_cached{0};
std::atomic<std::int64_t> large_in_use{0};

void* from_system(std::size_t bytes) {
  void* p = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (!p)
    throw MemoryError({.op = "",
                       .argument = "",
                       .got = "a request for " + std::to_string(bytes) + " bytes",
                       .expected = "no more than the machine has free"});
  return p;
}

// One thread's small blocks. A block freed on another thread joins that thread's lists. Each class keeps
// a bounded number of bytes, so that a burst does not stay forever.
struct SmallCache {
  Block* head[small_classes] = {};
  std::int32_t count[small_classes] = {};

  ~SmallCache();
};

// How many blocks of each class a thread keeps: up to 8 MiB of each.
constexpr auto block_limits = [] {
  std::array<std::int32_t, small_classes> limits{};
  for (int c = 0; c < small_classes; ++c)
    limits[static_cast<std::size_t>(c)] =
        static_cast<std::int32_t>(std::size_t{8 << 20} / class_bytes(c)) + 16;
  return limits;
}();

// Plain thread-local data has no constructor guard on the hot path; `closed` says the thread is ending.
thread_local constinit SmallCache* small_cache = nullptr;
thread_local constinit bool closed = false;

SmallCache::~SmallCache() {
  closed = true;
  small_cache = nullptr;
  for (Block*& list : head)
    while (Block* b = list) {
      list = b->next;
      std::free(b);
    }
}

SmallCache* open_cache() {
  if (closed || !caching) return nullptr;
  thread_local SmallCache cache;
  return small_cache = &cache;
}

struct LargeCache {
  std::mutex mutex;
  std::vector<void*> blocks[all_classes];
};
LargeCache& large_cache() {
  static LargeCache* cache = new LargeCache;  // outlives every tensor
  return *cache;
}

void* acquire_large(std::size_t bytes) {
  const int c = size_class(bytes);
  const std::size_t size = class_bytes(c);
  large_in_use += static_cast<std::int64_t>(size);
  if (caching) {
    LargeCache& cache = large_cache();
    std::lock_guard lock(cache.mutex);
    if (auto& list = cache.blocks[c]; !list.empty()) {
      void* p = list.back();
      list.pop_back();
      large_cached -= static_cast<std::int64_t>(size);
      return p;
    }
  }
  try {
    return from_system(size);
  } catch (...) {
    large_in_use -= static_cast<std::int64_t>(size);
    throw;
  }
}

void release_large(void* block, std::size_t bytes) noexcept {
  const int c = size_class(bytes);
  const auto size = static_cast<std::int64_t>(class_bytes(c));
  large_in_use -= size;
  if (caching && large_cached.load() + size <= large_cache_limit) {
    LargeCache& cache = large_cache();
    std::lock_guard lock(cache.mutex);
    try {
      cache.blocks[c].push_back(block);
      large_cached += size;
      return;
    } catch (...) {  // no memory for the list: give the block back instead
    }
  }
  std::free(block);
}

}  // namespace

void* acquire(std::size_t bytes) {
  if (bytes > small_limit) return acquire_large(bytes);
  const int c = size_class(bytes);
  SmallCache* cache = small_cache ? small_cache : open_cache();
  if (cache)
    if (Block* b = cache->head[c]) {
      cache->head[c] = b->next;
      --cache->count[c];
      return b;
    }
  return from_system(caching ? class_bytes(c) : bytes);
}

void release(void* block, std::size_t bytes) noexcept {
  if (!block) return;
  if (bytes > small_limit) return release_large(block, bytes);
  const int c = size_class(bytes);
  SmallCache* cache = small_cache ? small_cache : open_cache();
  if (!cache || cache->count[c] >= block_limits[static_cast<std::size_t>(c)]) return std::free(block);
  auto* b = static_cast<Block*>(block);
  b->next = cache->head[c];
  cache->head[c] = b;
  ++cache->count[c];
}

MemoryStats memory_stats() { return {large_in_use.load(), large_cached.load()}; }

}  // namespace twofold
