#include "kernels/matmul.h"

#include <cstring>

#include "base/threads.h"
#include "kernels/index.h"
#include "kernels/matmul_p.h"
#include "kernels/scratch_p.h"
#include "kernels/visit_p.h"
#include "kernels/walk_p.h"
#include "twofold/error.h"

namespace twofold {
namespace kernels {

template <>
const Tiles& tiles_of<float>() {
  return loops().f32;
}
template <>
const Tiles& tiles_of<double>() {
  return loops().f64;
}

}  // namespace kernels

namespace {

using namespace kernels;

// Below these, packing costs more than it brings: the whole product in multiplications, or an operand that is
// read only a few times.
constexpr double small_work = 64 * 64 * 64;
constexpr std::int64_t few_rows = 24, few_columns = 64;
constexpr double parallel_work = 128 * 128 * 64;  // multiplications worth a second thread

template <class T>
double work(const Product<T>& p) {
  return static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(p.k);
}

// The matrices of a stack: `a` and `b` broadcast along the leading dimensions of `out`.
struct Stack {
  Stack(const Array& a, const Array& b, const Array& out) {
    for (int d = 0; d + 2 < out.rank(); ++d) {
      a_walk.add(out.shape[d], stride(a, d, out.rank()));
      b_walk.add(out.shape[d], stride(b, d, out.rank()));
    }
  }
  static std::int64_t stride(const Array& x, int d, int rank) {
    const int own = d - (rank - x.rank());
    return own < 0 || x.shape[own] == 1 ? 0 : x.strides[own];
  }
  Walk a_walk, b_walk;  // in elements
};

template <class T>
Product<T> matrices(const Array& a, const Array& b, const Array& out) {
  const int ra = a.rank(), rb = b.rank(), ro = out.rank();
  return {out.shape[ro - 2], out.shape[ro - 1], a.shape[ra - 1],  a.as<T>(),
          a.strides[ra - 2], a.strides[ra - 1], b.as<T>(),        b.strides[rb - 2],
          b.strides[rb - 1], out.as<T>(),       out.shape[ro - 1]};
}

template <class T>
void multiply(const Product<T>& p) {
  const bool small = p.m <= few_rows || p.n <= few_columns || work(p) <= small_work;
  small ? multiply_small(p) : multiply_packed(p);
}

// Wrapping products and sums, in an unsigned type no narrower than int.
template <class T>
void multiply_integers(const Product<T>& p) {
  using U = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
  for (std::int64_t i = 0; i < p.m; ++i) {
    T* c = p.c + i * p.c_row;
    std::fill(c, c + p.n, T(0));
    for (std::int64_t k = 0; k < p.k; ++k) {
      const U s = static_cast<U>(p.a[i * p.a_row + k * p.a_col]);
      const T* b = p.b + k * p.b_row;
      for (std::int64_t j = 0; j < p.n; ++j)
        c[j] = static_cast<T>(static_cast<U>(c[j]) + s * static_cast<U>(b[j * p.b_col]));
    }
  }
}

// Splits one product by whole tiles, along its longer side; never along k.
template <class T, class Kernel>
void split_product(const Product<T>& p, Kernel kernel) {
  constexpr std::int64_t unit = 32;
  if (work(p) <= small_work) return kernel(p);
  const bool by_rows = p.m >= p.n;
  const std::int64_t length = by_rows ? p.m : p.n, units = (length + unit - 1) / unit;
  const auto grain = static_cast<std::int64_t>(parallel_work / (work(p) / static_cast<double>(units)));
  parallel_for(units, grain, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t first = begin * unit, count = std::min(end * unit, length) - first;
    kernel(by_rows ? p.part(first, 0, count, p.n) : p.part(0, first, p.m, count));
  });
}

template <class T, class Kernel>
void multiply_stack(const Array& a, const Array& b, const Array& out, Kernel kernel) {
  const Product<T> p = matrices<T>(a, b, out);
  const std::int64_t area = p.m * p.n;
  if (area == out.numel()) return split_product(p, kernel);
  const Stack stack(a, b, out);
  parallel_for(out.numel() / area, static_cast<std::int64_t>(parallel_work / work(p)),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t s = begin; s < end; ++s) {
                   Product<T> one = p;
                   one.a += stack.a_walk.offset(s), one.b += stack.b_walk.offset(s), one.c += s * area;
                   kernel(one);
                 }
               });
}

// Halves: widened to f32, multiplied there, rounded once.
void multiply_halves(const Array& a, const Array& b, const Array& out) {
  const Scratch sa(a.numel() * 4), sb(b.numel() * 4), so(out.numel() * 4);
  const Array wa = contiguous_array(sa.data(), f32, a.shape), wb = contiguous_array(sb.data(), f32, b.shape),
              wo = contiguous_array(so.data(), f32, out.shape);
  copy(a, wa);
  copy(b, wb);
  matmul(wa, wb, wo);
  copy(wo, out);
}

}  // namespace

void matmul(const Array& a, const Array& b, const Array& out) {
  if (out.numel() == 0) return;
  if (a.shape[a.rank() - 1] == 0) return static_cast<void>(std::memset(out.data, 0, out.bytes()));
  if (is_half(out.dtype)) return multiply_halves(a, b, out);
  visit_dtype(out.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    if constexpr (std::is_floating_point_v<T>)
      multiply_stack<T>(a, b, out, multiply<T>);
    else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
      multiply_stack<T>(a, b, out, multiply_integers<T>);
    else
      throw InternalError({.op = "matmul", .argument = "", .got = "bool", .expected = "a number dtype"});
  });
}

}  // namespace twofold
