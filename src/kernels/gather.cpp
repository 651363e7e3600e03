#include "base/threads.h"
#include "kernels/index.h"
#include "kernels/index_p.h"
#include "kernels/visit_p.h"
#include "kernels/walk_p.h"

namespace twofold {
namespace {

using namespace kernels;

constexpr std::int64_t grain = 16384;

// Positions of index's shape inside `x`, the axis left out: the index says where along it.
Walk beside_axis(const Array& x, int axis, const Shape& index) {
  Walk w;
  for (int d = 0; d < index.rank(); ++d) w.add(index[d], d == axis ? 0 : x.strides[d] * element_bytes(x));
  return w;
}

template <class T>
void gather_range(const char* x, const Walk& walk, std::int64_t axis_step, const Indices& index, T* out,
                  std::int64_t begin, std::int64_t end) {
  std::int64_t i = begin;
  walk.runs(begin, end - begin, [&](std::int64_t offset, std::int64_t n) {
    const char* p = x + offset;
    for (std::int64_t k = 0; k < n; ++k, ++i, p += walk.step())
      out[i] = *reinterpret_cast<const T*>(p + index[i] * axis_step);
  });
}

// clang-format off
template <class T> T sum(T a, T b) {
  using U = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
  return static_cast<T>(static_cast<U>(a) + static_cast<U>(b));
}
bool sum(bool a, bool b) { return a || b; }
float sum(float a, float b) { return a + b; }
double sum(double a, double b) { return a + b; }
Half sum(Half a, Half b) { return Half(static_cast<float>(a) + static_cast<float>(b)); }
BFloat16 sum(BFloat16 a, BFloat16 b) { return BFloat16(static_cast<float>(a) + static_cast<float>(b)); }
// clang-format on

// `src` is packed.
template <class T>
void scatter_all(char* out, const Walk& walk, std::int64_t axis_step, const Indices& index, const T* src) {
  std::int64_t i = 0;
  walk.runs(0, index.count(), [&](std::int64_t offset, std::int64_t n) {
    char* p = out + offset;
    for (std::int64_t k = 0; k < n; ++k, ++i, p += walk.step()) {
      T& target = *reinterpret_cast<T*>(p + index[i] * axis_step);
      target = sum(target, src[i]);
    }
  });
}

}  // namespace

void gather(const Array& x, int axis, const Array& index, const Array& out) {
  const Indices indices("gather", index, x.shape[axis]);
  const Walk walk = beside_axis(x, axis, index.shape);
  const std::int64_t axis_step = x.strides[axis] * element_bytes(x);
  parallel_for(indices.count(), grain, [&](std::int64_t begin, std::int64_t end) {
    visit_size(x.dtype, [&](auto tag) {
      using T = typename decltype(tag)::type;
      gather_range(x.as<char>(), walk, axis_step, indices, out.as<T>(), begin, end);
    });
  });
}

void scatter_add(const Array& out, int axis, const Array& index, const Array& src) {
  if (!src.contiguous) {
    const Scratch packed(static_cast<std::int64_t>(src.bytes()));
    const Array copied = contiguous_array(packed.data(), src.dtype, src.shape);
    copy(src, copied);
    return scatter_add(out, axis, index, copied);
  }
  const Indices indices("scatter_add", index, out.shape[axis]);
  const Walk walk = beside_axis(out, axis, index.shape);
  const std::int64_t axis_step = out.strides[axis] * element_bytes(out);
  visit_dtype(out.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    scatter_all<T>(out.as<char>(), walk, axis_step, indices, src.as<T>());
  });
}

}  // namespace twofold
