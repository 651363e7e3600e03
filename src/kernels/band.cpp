#include <algorithm>
#include <cstring>

#include "base/threads.h"
#include "kernels/rearrange.h"
#include "kernels/visit_p.h"
#include "kernels/walk_p.h"

namespace twofold {
namespace {

using namespace kernels;

constexpr std::int64_t grain = 16384;

template <class T>
void copy_stretch(const char* from, std::int64_t step, std::int64_t begin, std::int64_t end, T* to) {
  for (std::int64_t j = begin; j < end; ++j) to[j] = *reinterpret_cast<const T*>(from + j * step);
}

}  // namespace

void band(const Array& x, std::int64_t first, std::int64_t last, const Array& out) {
  const int rank = x.rank();
  const std::int64_t rows = x.shape[rank - 2], columns = x.shape[rank - 1], size = element_bytes(x);
  if (out.numel() == 0) return;
  first = std::clamp(first, -rows, columns), last = std::clamp(last, -rows - 1, columns);
  Walk lines;  // all rows of all matrices
  for (int d = 0; d + 1 < rank; ++d) lines.add(x.shape[d], x.strides[d] * size);
  parallel_for(lines.count(), std::max<std::int64_t>(1, grain / columns),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t l = begin; l < end; ++l) {
                   const std::int64_t i = l % rows, from = std::clamp<std::int64_t>(i + first, 0, columns);
                   const std::int64_t to = std::clamp<std::int64_t>(i + last + 1, from, columns);
                   char* row = out.as<char>() + l * columns * size;
                   std::memset(row, 0, static_cast<std::size_t>(columns * size));
                   visit_size(x.dtype, [&](auto tag) {
                     using T = typename decltype(tag)::type;
                     copy_stretch(x.as<char>() + lines.offset(l), x.strides[rank - 1] * size, from, to,
                                  reinterpret_cast<T*>(row));
                   });
                 }
               });
}

}  // namespace twofold
