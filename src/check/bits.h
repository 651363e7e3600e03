// Bits: a tensor's dtype, shape and elements, to compare and to hash. Any NaN equals any NaN.
//
//   if (std::string d = difference(bits_of(a), bits_of(b)); !d.empty()) ...   // "element 3: 1.5,
//   expected 1.25"
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "twofold/tensor.h"

namespace twofold::check {

struct Bits {
  bool defined = false;  // an undefined tensor: no gradient flows there
  Dtype dtype = f32;
  Shape shape;
  std::vector<std::uint64_t> words;  // one per element, row-major
  bool operator==(const Bits&) const = default;
};
Bits bits_of(const Tensor& tensor);

// "f32[2,3]", or "none".
std::string describe(const Bits& bits);
// What tells `got` from `expected`, in words; empty when they are equal.
std::string difference(const Bits& got, const Bits& expected);

// FNV-1a over 64-bit words.
class Hash {
 public:
  void add(std::uint64_t word);
  void add(const Bits& bits);
  std::uint64_t value() const { return state_; }
  std::string text() const;  // 16 hexadecimal digits

 private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

}  // namespace twofold::check
