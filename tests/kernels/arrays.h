// Arrays for kernel tests: owned memory in any layout, filled with values whose sums depend on their order.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "base/array.h"
#include "base/threads.h"
#include "kernels/visit_p.h"
#include "lanes/execute.h"

namespace twofold::test {

// An array and its memory. Copies share nothing.
struct Owned {
  std::vector<char> memory;
  Array array;
  const Array& operator*() const { return array; }
};

inline std::int64_t bytes_of(Dtype d) { return static_cast<std::int64_t>(size_of(d)); }

inline Owned packed(Dtype dtype, const Shape& shape) {
  Owned o{std::vector<char>(static_cast<std::size_t>(shape.numel() * bytes_of(dtype) + 64)), {}};
  o.array = contiguous_array(o.memory.data(), dtype, shape);
  return o;
}

// Where element `position` (row-major) lies.
inline char* element(const Array& a, std::int64_t position) {
  std::int64_t offset = 0;
  for (int d = a.rank() - 1; d >= 0; --d) {
    offset += position % a.shape[d] * a.strides[d];
    position /= a.shape[d];
  }
  return a.as<char>() + offset * bytes_of(a.dtype);
}

// Conversions of any element type, the halves by way of float.
template <class To, class From>
To to(From value) {
  if constexpr (std::is_same_v<From, Half> || std::is_same_v<From, BFloat16>)
    return static_cast<To>(static_cast<float>(value));
  else if constexpr (std::is_same_v<To, Half> || std::is_same_v<To, BFloat16>)
    return To(static_cast<float>(value));
  else
    return static_cast<To>(value);
}

template <class T>
T get(const Array& a, std::int64_t position) {
  return kernels::visit_dtype(a.dtype, [&](auto tag) {
    typename decltype(tag)::type value;
    std::memcpy(&value, element(a, position), sizeof value);
    return to<T>(value);
  });
}

template <class T>
void set(const Array& a, std::int64_t position, T value) {
  kernels::visit_dtype(a.dtype, [&](auto tag) {
    const auto stored = to<typename decltype(tag)::type>(value);
    std::memcpy(element(a, position), &stored, sizeof stored);
  });
}

// Floats of mixed magnitude and sign, integers of mixed sign that wrap, bools.
inline Owned random(Dtype dtype, const Shape& shape, unsigned seed = 1) {
  Owned o = packed(dtype, shape);
  std::mt19937 engine(seed);
  for (std::int64_t i = 0; i < shape.numel(); ++i) {
    const auto word = static_cast<std::int32_t>(engine());
    const float number = std::ldexp(static_cast<float>(word), -31 + static_cast<int>(engine() % 8));
    if (is_floating(dtype))
      set(*o, i, number);
    else if (dtype == bool_)
      set(*o, i, word % 2 != 0);
    else
      set(*o, i, static_cast<std::int64_t>(word));
  }
  return o;
}

enum class Layout { packed, reversed_dims, spaced, backwards };
inline constexpr Layout layouts[] = {Layout::packed, Layout::reversed_dims, Layout::spaced,
                                     Layout::backwards};

// The same values in another layout.
inline Owned laid_out(const Array& a, Layout layout) {
  const int rank = a.rank();
  Dims strides = contiguous_strides(a.shape);
  std::int64_t first = 0, room = a.numel();
  if (layout == Layout::reversed_dims) {
    std::int64_t step = 1;
    for (int d = 0; d < rank; step *= std::max<std::int64_t>(a.shape[d], 1), ++d) strides[d] = step;
  }
  if (layout == Layout::spaced || layout == Layout::backwards) room *= 3;
  for (int d = 0; d < rank && layout == Layout::spaced; ++d) strides[d] *= 3;
  for (int d = 0; d < rank && layout == Layout::backwards; ++d) {
    first += strides[d] * 2 * std::max<std::int64_t>(a.shape[d] - 1, 0);
    strides[d] *= -2;
  }
  Owned o{std::vector<char>(static_cast<std::size_t>(room * bytes_of(a.dtype) + 64)), {}};
  o.array = {o.memory.data() + first * bytes_of(a.dtype), a.dtype, is_contiguous(a.shape, strides), a.shape,
             strides};
  for (std::int64_t i = 0; i < a.numel(); ++i)
    std::memcpy(element(*o, i), element(a, i), static_cast<std::size_t>(bytes_of(a.dtype)));
  return o;
}

// Equal bits, any NaN being any NaN.
inline bool same_element(const Array& a, const Array& b, std::int64_t i) {
  const auto size = static_cast<std::size_t>(bytes_of(a.dtype));
  if (std::memcmp(element(a, i), element(b, i), size) == 0) return true;
  return is_floating(a.dtype) && std::isnan(get<double>(a, i)) && std::isnan(get<double>(b, i));
}

inline ::testing::AssertionResult same_bits(const Array& a, const Array& b) {
  if (a.dtype != b.dtype || a.shape != b.shape) return ::testing::AssertionFailure() << "dtype or shape";
  for (std::int64_t i = 0; i < a.numel(); ++i)
    if (!same_element(a, b, i))
      return ::testing::AssertionFailure()
             << "element " << i << ": " << get<double>(a, i) << " is not " << get<double>(b, i);
  return ::testing::AssertionSuccess();
}

// Runs `body` on every instruction set of this machine, at 1, 2 and 4 threads that split whatever they can.
template <class Body>
void every_way(Body body) {
  const lanes::Isa before = lanes::isa();
  const int threads_before = thread_count();
  for (lanes::Isa isa : {lanes::Isa::portable, lanes::Isa::avx2, lanes::Isa::avx512}) {
    if (!lanes::has_isa(isa)) continue;
    for (int threads : {1, 2, 4}) {
      SCOPED_TRACE(std::string(lanes::name_of(isa)) + ", threads " + std::to_string(threads));
      lanes::set_isa(isa);
      set_thread_count(threads);
      set_test_grain(1);
      body();
    }
  }
  set_test_grain(0);
  set_thread_count(threads_before);
  lanes::set_isa(before);
}

}  // namespace twofold::test
