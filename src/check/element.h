// One element of an array, whatever its dtype: as a double, as canonical bits, and its distance from a value.
//
//   store(a, 3, 0.1);                            // rounded to a's dtype; 3 counts in row-major order
//   load(a, 3);                                  // 0.1f as a double, when a is f32
//   ulps(load(a, 3), 0.1, f32);                  // how many units in the last place they are apart
#pragma once

#include <cstdint>

#include "base/array.h"

namespace twofold::check {

double load(const Array& a, std::int64_t i);
// Integers wrap, bool is v != 0, floats round to nearest.
void store(const Array& a, std::int64_t i, double v);
// Bits in which any NaN equals any NaN.
std::uint64_t canonical_bits(const Array& a, std::int64_t i);
// v as a tensor of this dtype would hold it.
double rounded(double v, Dtype dtype);
// |got - expected| in units of the last place that `expected` has in a floating dtype. NaN and NaN: 0.
// An expected value beyond the dtype's range stands for infinity.
double ulps(double got, double expected, Dtype dtype);
// The value `n` units in the last place above v.
double raised(double v, std::int64_t n, Dtype dtype);

}  // namespace twofold::check
