// Control flow on tensors: one operation each, differentiable, the same in both modes.
//
//   auto [i, x] = ... while_loop([](const Tensors& v) { return v[0] < 10; },
//                                [](const Tensors& v) -> Tensors { return {v[0] + 1, v[1] * 2}; }, {zero,
//                                one});
//
// The callables are traced once, with tensors of a sub-graph, in both modes; the tensors that they use from
// outside become inputs. For control flow that looks at values, use C++'s own if and while in eager code.
#pragma once

#include <functional>

#include "twofold/tensor.h"

namespace twofold {

// then() if `condition` (a bool scalar) holds, else otherwise(); both must give the same dtypes and shapes.
Tensors cond(const Arg& condition, const std::function<Tensors()>& then,
             const std::function<Tensors()>& otherwise);

// While condition(variables) holds (a bool scalar), variables = body(variables); dtypes and shapes stay what
// they are. At most `maximum_iterations` times unless that is negative. The gradient of a tensor captured by
// the body accumulates inside, last iteration first, and joins once.
Tensors while_loop(const std::function<Tensor(const Tensors&)>& condition,
                   const std::function<Tensors(const Tensors&)>& body, const Tensors& variables,
                   std::int64_t maximum_iterations = -1,
                   std::source_location at = std::source_location::current());

}  // namespace twofold
