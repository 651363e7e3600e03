// What the indexing kernels share: indices read and checked once, and views with dimensions taken out.
#pragma once

#include "base/array.h"
#include "kernels/scratch_p.h"

namespace twofold::kernels {

// All indices as i64 in row-major order, none negative, all below `bound`. They are checked before anything
// is written, first to last: what a kernel refuses, and how it words it, does not depend on threads.
class Indices {
 public:
  Indices(const char* op, const Array& index, std::int64_t bound);
  std::int64_t count() const { return count_; }
  std::int64_t operator[](std::int64_t i) const { return values_.as<std::int64_t>()[i]; }

 private:
  std::int64_t count_;
  Scratch values_;
};

// `x` without dimensions [first, first + count), starting `offset` bytes further on.
Array without(const Array& x, int first, int count, std::int64_t offset);

// Products of the dimensions before and after `axis`.
std::int64_t outer_of(const Array& x, int axis);
std::int64_t inner_of(const Array& x, int axis);

}  // namespace twofold::kernels
