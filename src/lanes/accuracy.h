// Measures how far a named function is from the true value, in units in the last place.
//
//   Accuracy a = measure_accuracy(Opcode::exp, Type::f32, all_floats);   // every one of the 2^32 inputs
//   a.max_ulp;   // 0.86: the largest |result - true| / (distance between floats there)
//   a.worst[0];  // the input where it is
//
// The true value is the C library's in the next wider type. A NaN, an infinity, or the sign of a zero where
// C99 says otherwise makes max_ulp infinite. The errors of lgamma and digamma, of doubles only above 0, are
// in units of 1/2 where the result is smaller: near their roots.
#pragma once

#include <cstdint>

#include "lanes/program.h"

namespace twofold::lanes {

struct Accuracy {
  Opcode function;
  Type type;
  double max_ulp = 0;
  double worst[2] = {0, 0};  // the operands; pow has two
  std::int64_t samples = 0;
};

inline constexpr std::int64_t all_floats = std::int64_t{1} << 32;

// Floats: one bit pattern from each of `samples` equal parts of all patterns. Doubles, and the operands of
// pow: half of them any bit patterns, half spread over the range where the function is interesting.
// The samples are the same in every run. Multi-threaded.
Accuracy measure_accuracy(Opcode function, Type type, std::int64_t samples);

}  // namespace twofold::lanes
