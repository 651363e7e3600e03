// SmallVector<T, N>: the first N elements in place, more on the heap. For the few lists that live on a hot
// path.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <new>
#include <utility>

namespace twofold {

template <class T, std::size_t N>
class SmallVector {
 public:
  SmallVector() = default;
  explicit SmallVector(std::size_t n) { resize(n); }
  SmallVector(std::initializer_list<T> values) {
    for (const T& v : values) push_back(v);
  }
  SmallVector(const SmallVector& o) {
    reserve(o.size_);
    std::uninitialized_copy_n(o.data_, o.size_, data_);
    size_ = o.size_;
  }
  SmallVector(SmallVector&& o) noexcept { take(o); }
  SmallVector& operator=(SmallVector o) noexcept {
    free();
    take(o);
    return *this;
  }
  ~SmallVector() { free(); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

  void reserve(std::size_t n) {
    if (n > capacity_) grow(n);
  }
  void resize(std::size_t n) {
    reserve(n);
    if (n > size_) std::uninitialized_value_construct(data_ + size_, data_ + n);
    if (n < size_) std::destroy(data_ + n, data_ + size_);
    size_ = n;
  }
  void push_back(T value) {
    if (size_ == capacity_) grow(2 * size_ + 1);
    ::new (data_ + size_) T(std::move(value));
    ++size_;
  }
  void clear() { resize(0); }

 private:
  T* few() { return std::launder(reinterpret_cast<T*>(few_)); }
  bool on_heap() const { return capacity_ > N; }

  void grow(std::size_t n) {
    T* more = std::allocator<T>().allocate(n);
    std::uninitialized_move_n(data_, size_, more);
    const std::size_t size = size_;
    free();
    data_ = more, size_ = size, capacity_ = n;
  }
  void free() noexcept {
    std::destroy_n(data_, size_);
    if (on_heap()) std::allocator<T>().deallocate(data_, capacity_);
    data_ = few(), size_ = 0, capacity_ = N;
  }
  // From an object that owns nothing yet.
  void take(SmallVector& o) noexcept {
    if (o.on_heap()) {
      data_ = std::exchange(o.data_, o.few());
      size_ = std::exchange(o.size_, 0), capacity_ = std::exchange(o.capacity_, N);
      return;
    }
    std::uninitialized_move_n(o.data_, o.size_, data_);
    size_ = o.size_;
    o.free();
  }

  alignas(T) std::byte few_[N * sizeof(T)];
  T* data_ = few();
  std::size_t size_ = 0, capacity_ = N;
};

}  // namespace twofold
