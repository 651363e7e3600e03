// Ref<T>: an intrusive counted pointer. Counts are atomic, so handles may be copied on any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace twofold {

struct Counted {
  mutable std::atomic<std::uint32_t> references{0};
};

// How a Ref counts; a type that is incomplete to its users declares its own pair of these.
// `void destroy(T*) noexcept`, found by argument-dependent lookup, ends an object with its last reference.
template <class T>
void retain(T* p) noexcept {
  p->references.fetch_add(1, std::memory_order_relaxed);
}
template <class T>
void drop(T* p) noexcept {
  if (p->references.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(p);
}

template <class T>
class Ref {
 public:
  constexpr Ref() = default;
  constexpr Ref(std::nullptr_t) {}  // NOLINT
  explicit Ref(T* p) : p_(p) {
    if (p_) retain(p_);
  }
  Ref(const Ref& o) : p_(o.p_) {
    if (p_) retain(p_);
  }
  Ref(Ref&& o) noexcept : p_(std::exchange(o.p_, nullptr)) {}
  Ref& operator=(Ref o) noexcept {
    std::swap(p_, o.p_);
    return *this;
  }
  ~Ref() {
    if (p_) drop(p_);
  }

  T* get() const { return p_; }
  T* operator->() const { return p_; }
  T& operator*() const { return *p_; }
  explicit operator bool() const { return p_ != nullptr; }
  bool operator==(const Ref&) const = default;

 private:
  T* p_ = nullptr;
};

}  // namespace twofold
