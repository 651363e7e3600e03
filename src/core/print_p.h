// What the printed forms share.
#pragma once

#include <vector>

#include "base/array.h"
#include "twofold/print.h"

namespace twofold::core {

using PrintNumber = long double;  // holds every i64 and every f64

// All elements in row-major order.
std::vector<PrintNumber> print_numbers(const Array& array);

}  // namespace twofold::core
