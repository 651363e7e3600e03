// Checks of an optimiser's numbers.
#pragma once

#include "twofold/error.h"

namespace twofold::optim {

// ValueError unless low <= value < high (NaN included).
inline void check_range(const char* call, const char* argument, double value, double low, double high,
                        const Location& at) {
  if (value >= low && value < high) return;
  ValueError e({.op = call,
                .argument = argument,
                .got = std::to_string(value),
                .expected = "at least " + std::to_string(low) + " and less than " + std::to_string(high)});
  e.locate(call, at);
  throw e;
}

}  // namespace twofold::optim
