// Hooks: what a user wants to see, or change, of a gradient on its way.
#pragma once

#include <functional>
#include <vector>

#include "twofold/tensor.h"

namespace twofold::core {

struct Hook {
  std::uint64_t id = 0;
  std::int32_t output = 0;  // which output of the record it watches; 0 for a leaf
  GradientHook call;
};
using Hooks = std::vector<Hook>;

// The gradient after the hooks on this output, in the order in which they were registered; an undefined
// result of a hook leaves it as it was.
Tensor through_hooks(const Hooks& hooks, std::int32_t output, Tensor gradient);

}  // namespace twofold::core
