// Elements in order. One total order serves all: by value, then by position; NaN is larger than anything, and
// the zeros are equal. So equal elements stay in order and results depend on nothing else.
//
// Inputs have any strides; outputs are contiguous, positions i64.
#pragma once

#include <vector>

#include "base/array.h"

namespace twofold {

// The first out.shape[axis] elements of every line along `axis`, smallest (descending: largest) first.
void order_lines(const Array& x, int axis, bool descending, const Array& values, const Array& positions);

// The distinct elements of x, flattened: where each first stands, how often it comes, and which of them each
// element is. In order of value, or of first appearance. Every NaN is distinct.
struct Distinct {
  std::vector<std::int64_t> first, counts, number;
};
Distinct distinct(const Array& x, bool in_order_of_value);

// How many elements of a line come before a value: those less than it (right: or equal). `sequence`: one
// sorted line for all values, or lines [..., n] for values [..., m]. Dtypes equal.
void search_sorted(const Array& sequence, const Array& values, bool right, const Array& out);

}  // namespace twofold
