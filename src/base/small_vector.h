// SmallVector<T, N>: the first N elements in place, more on the heap. For the few lists that live on a hot
// path.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace twofold {

template <class T, std::size_t N>
class SmallVector {
 public:
  SmallVector() = default;
  explicit SmallVector(std::size_t n) { resize(n); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return more_.empty() ? few_ : more_.data(); }
  const T* data() const { return more_.empty() ? few_ : more_.data(); }
  T& operator[](std::size_t i) { return data()[i]; }
  const T& operator[](std::size_t i) const { return data()[i]; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }

  void resize(std::size_t n) {
    if (n > N && more_.empty()) {
      more_.reserve(n);
      for (std::size_t i = 0; i < size_ && i < N; ++i) more_.push_back(std::move(few_[i]));
    }
    if (n > N || !more_.empty())
      more_.resize(n);
    else
      for (std::size_t i = n; i < size_ && i < N; ++i) few_[i] = T{};
    size_ = n;
  }
  void push_back(T value) {
    resize(size_ + 1);
    data()[size_ - 1] = std::move(value);
  }
  void clear() { resize(0), more_.clear(); }

 private:
  T few_[N] = {};
  std::vector<T> more_;
  std::size_t size_ = 0;
};

}  // namespace twofold
