// Rows of indices into several axes at once: what gather_nd, scatter_nd and sparse tensors have.
//
// `indices` has shape [..., K]: each row names one place in a space of K `sizes`. All rows are checked, first
// to last (IndexError naming the row).
#pragma once

#include <vector>

#include "base/array.h"

namespace twofold {

// All elements as i64, row-major.
std::vector<std::int64_t> rows_of(const Array& indices);
// The row-major position of every row.
std::vector<std::int64_t> flat_indices(const char* op, const Array& indices, const Dims& sizes);
// Refuses rows that are not strictly increasing in row-major order.
void check_increasing(const char* op, const Array& indices, const Dims& sizes);

}  // namespace twofold
