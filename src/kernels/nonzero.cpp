#include <atomic>
#include <numeric>

#include "base/threads.h"
#include "kernels/convert_p.h"
#include "kernels/index.h"
#include "kernels/walk_p.h"

namespace twofold {
namespace {

using namespace kernels;

constexpr std::int64_t block = 4096;

// Calls body(first, flags, n) for blocks of elements [begin, end): flags[i] is 1 where element first + i is
// not zero.
template <class Body>
void flag_blocks(const Array& x, const Walk& walk, std::int64_t begin, std::int64_t end, Body body) {
  const lanes::Executable& test = nonzero_test(x.dtype, bool_);
  std::uint8_t flags[block];
  for (std::int64_t first = begin; first < end; first += block) {
    const std::int64_t n = std::min(block, end - first);
    std::uint8_t* to = flags;
    walk.runs(first, n, [&](std::int64_t offset, std::int64_t run) {
      move_elements(test, {x.as<char>() + offset, walk.step()}, {to, 1}, run);
      to += run;
    });
    body(first, flags, n);
  }
}

void write_coordinates(const Shape& shape, std::int64_t position, std::int64_t* out) {
  for (int d = shape.rank() - 1; d >= 0; --d) {
    out[d] = position % shape[d];
    position /= shape[d];
  }
}

}  // namespace

std::int64_t count_nonzero(const Array& x) {
  const Walk walk = walk_of(x);
  std::atomic<std::int64_t> total{0};
  parallel_for(x.numel(), 65536, [&](std::int64_t begin, std::int64_t end) {
    flag_blocks(x, walk, begin, end, [&](std::int64_t, const std::uint8_t* flags, std::int64_t n) {
      total += std::accumulate(flags, flags + n, std::int64_t{0});
    });
  });
  return total;
}

void nonzero(const Array& x, const Array& out) {
  std::int64_t* row = out.as<std::int64_t>();
  flag_blocks(x, walk_of(x), 0, x.numel(),
              [&](std::int64_t first, const std::uint8_t* flags, std::int64_t n) {
                for (std::int64_t i = 0; i < n; ++i) {
                  if (!flags[i]) continue;
                  write_coordinates(x.shape, first + i, row);
                  row += x.rank();
                }
              });
}

}  // namespace twofold
