// Elements moved, repeated and surrounded: copies of whole windows of an array.
//
// Inputs have any strides; outputs are contiguous and of the same dtype.
#pragma once

#include <vector>

#include "base/array.h"

namespace twofold {

enum class Border { constant, reflect, symmetric, replicate, circular };

// Refuses a border that `size` elements cannot give: reflect leaves the edge out, symmetric repeats it.
void check_border(const char* op, Border border, std::int64_t size, std::int64_t low, std::int64_t high);

// out = x with low[d] elements before and high[d] after it along every axis, all `value`; negative ones crop.
void pad(const Array& x, const Dims& low, double value, const Array& out);
// Which element of x, counted row-major, each element of a padded result is, for any border but a constant.
std::vector<std::int64_t> border_places(Border border, const Shape& x, const Dims& low, const Shape& out);

// x read backwards along `axes`: a view.
Array flipped(const Array& x, const Dims& axes);
// out[i + shifts[d]] = x[i] along every axis d, around the end; 0 <= shifts[d] < size.
void roll(const Array& x, const Dims& shifts, const Array& out);
// out = copies of x side by side; out's dimensions are multiples of x's, which may be fewer.
void tile(const Array& x, const Array& out);
// out = the elements x[..., i, j] with first <= j - i <= last, zeros elsewhere.
void band(const Array& x, std::int64_t first, std::int64_t last, const Array& out);
// out = the sum of the counts[d] copies along every axis d of x, first axis first; halves add up in f32.
void untile(const Array& x, const Dims& counts, const Array& out);

}  // namespace twofold
