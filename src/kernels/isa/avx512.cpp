// AVX-512: 32 registers of 64 bytes; 28 accumulators, two of B, and A broadcast from memory.
#include <immintrin.h>

#include "kernels/loops_p.h"

namespace twofold::kernels::avx512 {
namespace {

constexpr int vector_bytes = 64;
constexpr int packed_rows = 14, strided_rows = 6;

inline __m512 fused(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }
inline __m512d fused(__m512d a, __m512d b, __m512d c) { return _mm512_fmadd_pd(a, b, c); }
// The first n elements from memory (0 < n < all), the others from `rest`.
template <class V, class T>
V load_first(const T* p, std::int64_t n, V rest) {
  const unsigned taken = (1u << n) - 1;
  if constexpr (sizeof(T) == 4)
    return (V)_mm512_mask_loadu_epi32((__m512i)rest, __mmask16(taken), p);
  else
    return (V)_mm512_mask_loadu_epi64((__m512i)rest, __mmask8(taken), p);
}

// The masked form: g++ 12 warns about its own header's unmasked one.
template <class V>
V wide_product(V a, V b) {
  return (V)_mm512_maskz_mul_epu32(0xff, (__m512i)a, (__m512i)b);
}
template <class V>
V broadcast(float value) {
  return _mm512_set1_ps(value);
}
template <class V>
V broadcast(double value) {
  return _mm512_set1_pd(value);
}

}  // namespace
}  // namespace twofold::kernels::avx512

#define TWOFOLD_ISA_NAMESPACE avx512
#include "kernels/isa/loops.inc"
