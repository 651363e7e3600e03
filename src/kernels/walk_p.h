// Walk: some dimensions of a strided array in row-major order, as runs of evenly spaced elements.
//
//   Walk w;
//   for (int d : kept) w.add(x.shape[d], x.strides[d] * element);      // neighbours merge where they can
//   w.runs(100, 50, [&](std::int64_t offset, std::int64_t n) { ... }); // elements 100..149: n of them,
//   w.step() apart
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/array.h"

namespace twofold::kernels {

inline std::int64_t element_bytes(const Array& a) { return static_cast<std::int64_t>(size_of(a.dtype)); }

class Walk {
 public:
  Walk() {}  // leaves the unused entries unset: zeroing them would cost as much as a small kernel
  // Appends an inner dimension; steps are in bytes.
  void add(std::int64_t size, std::int64_t step) {
    if (size == 1) return;
    count_ *= size;
    if (rank_ > 0 && step_[rank_ - 1] == size * step) {
      size_[rank_ - 1] *= size;
      step_[rank_ - 1] = step;
    } else {
      size_[rank_] = size;
      step_[rank_++] = step;
    }
  }

  std::int64_t count() const { return count_; }
  std::int64_t inner() const { return rank_ > 0 ? size_[rank_ - 1] : 1; }
  std::int64_t step() const { return rank_ > 0 ? step_[rank_ - 1] : 0; }
  bool single_run() const { return rank_ <= 1; }

  // Where element `i` lies, in bytes from the first.
  std::int64_t offset(std::int64_t i) const {
    std::int64_t at = 0;
    for (int d = rank_ - 1; d > 0; --d) {
      at += i % size_[d] * step_[d];
      i /= size_[d];
    }
    return rank_ > 0 ? at + i * step_[0] : 0;
  }

  template <class Body>
  void runs(std::int64_t begin, std::int64_t n, Body&& body) const {
    while (n > 0) {
      const std::int64_t run = std::min(n, inner() - begin % inner());
      body(offset(begin), run);
      begin += run;
      n -= run;
    }
  }

 private:
  int rank_ = 0;
  std::int64_t count_ = 1;
  std::int64_t size_[max_rank];
  std::int64_t step_[max_rank];  // bytes
};

// All of an array.
inline Walk walk_of(const Array& a) {
  Walk w;
  if (a.contiguous)
    w.add(a.numel(), element_bytes(a));
  else
    for (int d = 0; d < a.rank(); ++d) w.add(a.shape[d], a.strides[d] * element_bytes(a));
  return w;
}

}  // namespace twofold::kernels
