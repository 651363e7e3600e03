#include "base/memory.h"

#include <unistd.h>

#include <atomic>
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

using namespace memory;

#ifdef TWOFOLD_SANITIZED
constexpr bool caching = false;
#else
constexpr bool caching = true;
#endif

constexpr std::size_t alignment = 64;
constexpr std::int64_t large_cache_limit = std::int64_t{2} << 30;

constexpr int all_classes = 240;

std::atomic<std::int64_t> large_cached{0};
std::atomic<std::int64_t> large_in_use{0};

// A system that promises any amount would end the process when it cannot keep its word.
std::size_t machine_bytes() {
  static const auto bytes =
      static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

void* from_system(std::size_t bytes) {
  void* p = bytes > machine_bytes()
                ? nullptr
                : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (!p)
    throw MemoryError({.op = "",
                       .argument = "",
                       .got = "a request for " + std::to_string(bytes) + " bytes",
                       .expected = "no more than the machine has free"});
  return p;
}

thread_local constinit bool closed = false;  // the thread is ending

// The first small request of a thread opens its cache.
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

namespace memory {

thread_local constinit SmallCache* small_cache = nullptr;

// A burst of freed blocks does not stay forever: up to 8 MiB of each class.
SmallCache::SmallCache() {
  for (int c = 0; c < small_classes; ++c)
    room[c] = static_cast<std::int32_t>(std::size_t{8 << 20} / class_bytes(c)) + 16;
}

SmallCache::~SmallCache() {
  closed = true;
  small_cache = nullptr;
  for (Block*& list : head)
    while (Block* b = list) {
      list = b->next;
      std::free(b);
    }
}

void* acquire_slowly(std::size_t bytes) {
  if (bytes > small_limit) return acquire_large(bytes);
  if (!small_cache && open_cache()) return acquire(bytes);
  if (!small_cache) return from_system(bytes);
  return from_system(class_bytes(size_class(bytes)));
}

void release_slowly(void* block, std::size_t bytes) noexcept {
  if (!block) return;
  if (bytes > small_limit) return release_large(block, bytes);
  if (!small_cache && open_cache()) return release(block, bytes);
  std::free(block);
}

}  // namespace memory

MemoryStats memory_stats() { return {large_in_use.load(), large_cached.load()}; }

}  // namespace twofold
