// The machine's baseline. fma is exact everywhere; without the instruction it is a slow library call.
#include "kernels/loops_p.h"

namespace twofold::kernels::portable {
namespace {

constexpr int vector_bytes = 16;
constexpr int packed_rows = 4, strided_rows = 4;

template <class V>
V fused(V a, V b, V c) {
  for (unsigned i = 0; i < sizeof(V) / sizeof(a[0]); ++i) {
    if constexpr (sizeof(a[0]) == sizeof(float))
      c[i] = __builtin_fmaf(a[i], b[i], c[i]);
    else
      c[i] = __builtin_fma(a[i], b[i], c[i]);
  }
  return c;
}

template <class V, class T>
V broadcast(T value) {
  V v;
  for (unsigned i = 0; i < sizeof(V) / sizeof(T); ++i) v[i] = value;
  return v;
}

// The first n elements from memory (0 < n < all), the others from `rest`.
template <class V, class T>
V load_first(const T* p, std::int64_t n, V rest) {
  for (std::int64_t i = 0; i < n; ++i) rest[i] = p[i];
  return rest;
}

template <class V>
V wide_product(V a, V b) {
  return (a & 0xffffffffu) * (b & 0xffffffffu);
}

}  // namespace
}  // namespace twofold::kernels::portable

#define TWOFOLD_ISA_NAMESPACE portable
#include "kernels/isa/loops.inc"
