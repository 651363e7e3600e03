// Shapes: up to eight dimensions, every one checked, none allocated.
//
//   Shape s{2, 3};           s.rank() == 2, s.numel() == 6
//   Shape p{unknown, 3};     a graph's shape: the first dimension is known when it runs
//   Shape::unknown_rank();   nothing is known
//
// A `Shape` cannot hold a negative dimension (other than `unknown`) or more elements than fit in
// memory: the one constructor refuses them with a ShapeError. Plain `Dims` hold any integers (strides,
// axes, attribute lists).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "twofold/error.h"

namespace twofold {

inline constexpr int max_rank = 8;
inline constexpr std::int64_t unknown = -1;

// A short list of integers in place: strides, axes, sizes before they are checked.
class Dims {
 public:
  constexpr Dims() = default;
  Dims(std::initializer_list<std::int64_t> values) : Dims(std::span(values.begin(), values.size())) {}
  explicit Dims(std::span<const std::int64_t> values);

  constexpr int size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::int64_t operator[](int i) const { return values_[i]; }
  constexpr std::int64_t& operator[](int i) { return values_[i]; }
  constexpr const std::int64_t* begin() const { return values_; }
  constexpr const std::int64_t* end() const { return values_ + size_; }
  void push_back(std::int64_t value);
  void resize(int size) { size_ = static_cast<std::uint8_t>(size); }
  bool contains(std::int64_t value) const;
  constexpr bool operator==(const Dims& other) const {
    if (size_ != other.size_) return false;
    for (int i = 0; i < size_; ++i)
      if (values_[i] != other.values_[i]) return false;
    return true;
  }

 private:
  std::int64_t values_[max_rank] = {};
  std::uint8_t size_ = 0;
};

class Shape {
 public:
  Shape() = default;  // a scalar
  Shape(std::initializer_list<std::int64_t> dims) : Shape(Dims(dims)) {}
  explicit Shape(const Dims& dims);  // the one constructor that checks
  static Shape unknown_rank();

  bool has_rank() const { return has_rank_; }
  bool known() const { return numel_ >= 0; }  // rank and every dimension
  int rank() const { return dims_.size(); }
  // Number of elements; -1 unless known().
  std::int64_t numel() const { return numel_; }
  std::int64_t operator[](int i) const { return dims_[i]; }
  const std::int64_t* begin() const { return dims_.begin(); }
  const std::int64_t* end() const { return dims_.end(); }
  const Dims& dims() const { return dims_; }
  bool operator==(const Shape& o) const { return has_rank_ == o.has_rank_ && dims_ == o.dims_; }
  // Could a tensor of shape `concrete` be what this shape promises?
  bool accepts(const Shape& concrete) const;
  // Could one tensor have both shapes?
  bool compatible(const Shape& other) const;

 private:
  Dims dims_;
  bool has_rank_ = true;
  std::int64_t numel_ = 1;
};

// "[2,3]", "[?,3]", "[...]" for an unknown rank.
std::string to_string(const Shape& shape);
std::string to_string(const Dims& dims);

// NumPy's rule, unknown dimensions included; throws ShapeError.
Shape broadcast(const Shape& a, const Shape& b);
// Row-major strides, in elements.
Dims contiguous_strides(const Shape& shape);
// An axis counted from either end, as 0..rank-1; throws IndexError.
int normal_axis(std::int64_t axis, int rank, const char* argument = "axis");
// Several axes, sorted, none twice; an empty list means all of them.
Dims normal_axes(const Dims& axes, int rank);

// Products and sums of sizes that must not overflow; throw ShapeError.
std::int64_t checked_mul(std::int64_t a, std::int64_t b);
std::int64_t checked_add(std::int64_t a, std::int64_t b);

}  // namespace twofold
