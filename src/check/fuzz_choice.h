// Choice: the fuzzer's random decisions, a fixed function of a key and a count, so that a program is the same
// everywhere.
//
//   Choice c(seed, number);
//   c.below(6), c.chance(0.1), c.of(list)
#pragma once

#include <span>

#include "check/operands.h"

namespace twofold::check {

class Choice {
 public:
  Choice(std::uint64_t seed, std::int64_t number)
      : key_(seed * 0x9e3779b97f4a7c15 + static_cast<std::uint64_t>(number)) {}
  double unit() { return hashed(key_, count_++); }
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(unit() * static_cast<double>(n)); }
  std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
  bool chance(double p) { return unit() < p; }
  template <class List>
  auto of(const List& list) {
    return *(std::begin(list) + below(static_cast<std::int64_t>(std::size(list))));
  }

 private:
  std::uint64_t key_;
  std::int64_t count_ = 0;
};

}  // namespace twofold::check
