// The one thread pool. The caller takes part; work is split into contiguous ranges.
//
//   parallel_for(rows, 64, [&](std::int64_t begin, std::int64_t end) { ... });
//
// The result of a kernel may not depend on how the range is split: kernels split outputs, or whole blocks
// of a fixed reduction tree, never a sum.
#pragma once

#include <cstdint>
#include <type_traits>

namespace twofold {

// How many threads kernels may use, this one included. Default: TWOFOLD_THREADS, else the hardware's.
int thread_count();
void set_thread_count(int count);

// Tests set the grain to 1 so that even tiny tensors are split; 0 restores each kernel's own.
void set_test_grain(std::int64_t grain);

namespace detail {
using RangeFn = void (*)(void* context, std::int64_t begin, std::int64_t end);
void parallel_ranges(std::int64_t n, std::int64_t grain, RangeFn fn, void* context);
}  // namespace detail

// Calls body(begin, end) for ranges that cover [0, n). Runs inline when n is at most `grain`, inside
// another parallel_for, or with one thread. An exception in one range is rethrown here once all have ended.
template <class Body>
void parallel_for(std::int64_t n, std::int64_t grain, Body&& body) {
  using B = std::remove_reference_t<Body>;
  detail::parallel_ranges(
      n, grain,
      [](void* context, std::int64_t begin, std::int64_t end) { (*static_cast<B*>(context))(begin, end); },
      const_cast<void*>(static_cast<const void*>(&body)));
}

}  // namespace twofold
