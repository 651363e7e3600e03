// AVX2 and FMA: 16 registers of 32 bytes; 12 accumulators, two of B and one of A fill 15.
#include <immintrin.h>

#include "kernels/loops_p.h"

namespace twofold::kernels::avx2 {
namespace {

constexpr int vector_bytes = 32;
constexpr int packed_rows = 6, strided_rows = 6;

inline __m256 fused(__m256 a, __m256 b, __m256 c) { return _mm256_fmadd_ps(a, b, c); }
inline __m256d fused(__m256d a, __m256d b, __m256d c) { return _mm256_fmadd_pd(a, b, c); }
// The first n elements from memory (0 < n < all), the others from `rest`.
template <class V, class T>
V load_first(const T* p, std::int64_t n, V rest) {
  if constexpr (sizeof(T) == 4) {
    const __m256i taken =
        _mm256_cmpgt_epi32(_mm256_set1_epi32(int(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    const __m256i loaded = _mm256_maskload_epi32(reinterpret_cast<const int*>(p), taken);
    return (V)_mm256_blendv_epi8((__m256i)rest, loaded, taken);
  } else {
    const __m256i taken = _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), _mm256_setr_epi64x(0, 1, 2, 3));
    const __m256i loaded = _mm256_maskload_epi64(reinterpret_cast<const long long*>(p), taken);
    return (V)_mm256_blendv_epi8((__m256i)rest, loaded, taken);
  }
}

template <class V>
V wide_product(V a, V b) {
  return (V)_mm256_mul_epu32((__m256i)a, (__m256i)b);
}
template <class V>
V broadcast(float value) {
  return _mm256_set1_ps(value);
}
template <class V>
V broadcast(double value) {
  return _mm256_set1_pd(value);
}

}  // namespace
}  // namespace twofold::kernels::avx2

#define TWOFOLD_ISA_NAMESPACE avx2
#include "kernels/isa/loops.inc"
