#include <cstring>

#include "base/threads.h"
#include "kernels/convert_p.h"
#include "kernels/copy_p.h"
#include "kernels/index.h"
#include "kernels/pointwise.h"
#include "kernels/walk_p.h"

namespace twofold {
namespace {

constexpr std::int64_t grain_bytes = 128 * 1024;

void copy_flat(const Array& x, const Array& out) {
  parallel_for(
      static_cast<std::int64_t>(out.bytes()), grain_bytes, [&](std::int64_t begin, std::int64_t end) {
        std::memcpy(out.as<char>() + begin, x.as<char>() + begin, static_cast<std::size_t>(end - begin));
      });
}

}  // namespace

void copy(const Array& x, const Array& out) {
  if (out.numel() == 0) return;
  if (x.dtype == out.dtype && x.contiguous && out.contiguous && x.numel() == out.numel())
    return copy_flat(x, out);
  if (kernels::copy_transposed(x, out)) return;
  const Array* in[] = {&x};
  pointwise(kernels::conversion(x.dtype, out.dtype), in, 1, {}, out);
}

}  // namespace twofold
