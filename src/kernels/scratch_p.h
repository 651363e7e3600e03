// Scratch: a block of working memory for the length of a scope, from the tensors' own free lists.
#pragma once

#include <cstdint>

#include "base/memory.h"

namespace twofold::kernels {

class Scratch {
 public:
  explicit Scratch(std::int64_t bytes)
      : bytes_(static_cast<std::size_t>(bytes)), data_(bytes > 0 ? acquire(bytes_) : nullptr) {}
  ~Scratch() { release(data_, bytes_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  char* data() const { return static_cast<char*>(data_); }
  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }

 private:
  std::size_t bytes_;
  void* data_;
};

}  // namespace twofold::kernels
