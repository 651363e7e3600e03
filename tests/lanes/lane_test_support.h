// Helpers of the lane tests: run a program on vectors, values that break things, bit-exact comparison.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "lanes/builder.h"
#include "lanes/execute.h"

namespace twofold::lanes {

template <class T>
using BitsOf =
    std::conditional_t<sizeof(T) == 1, std::uint8_t,
                       std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                          std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

// One bit pattern stands for every NaN; all other values keep theirs.
template <class T>
BitsOf<T> canonical_bits(T value) {
  if constexpr (std::is_floating_point_v<T>)
    if (std::isnan(value)) value = std::numeric_limits<T>::quiet_NaN();
  return std::bit_cast<BitsOf<T>>(value);
}

template <class T>
void expect_same_bits(const std::vector<T>& got, const std::vector<T>& want, const std::string& what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_EQ(canonical_bits(got[i]), canonical_bits(want[i]))
        << what << " [" << i << "]: " << +got[i] << " instead of " << +want[i];
}

// The program applied to packed vectors of equal length.
template <class Out, class... In>
std::vector<Out> evaluate(const Program& program, const std::vector<In>&... in) {
  const std::size_t n = std::max({in.size()...});
  std::vector<Out> out(n);
  const Executable executable(program, {dtype_of<In>...}, dtype_of<Out>);
  const Operand operands[] = {{const_cast<In*>(in.data()), sizeof(In)}...};
  run(executable, operands, {}, {out.data(), sizeof(Out)}, static_cast<std::int64_t>(n));
  return out;
}

// Restores the instruction set that was in use.
struct IsaScope {
  Isa before = isa();
  ~IsaScope() { set_isa(before); }
};

inline std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t x = state;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace twofold::lanes
