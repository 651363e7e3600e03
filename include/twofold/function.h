// Functions whose derivative the user writes, the same in both modes: a trick for the gradient (reverse it,
// clip it, let it through a step), or one that is shorter or steadier than what the chain rule gives.
//
//   Tensor step = custom_function({x}, [](const Tensors& in) { return Tensors{cast(in[0] > 0, f32)}; },
//                                 [](const CustomCall& c) { return Tensors{c.gradients[0]}; })[0];
#pragma once

#include <functional>

#include "twofold/tensor.h"

namespace twofold {

// What a derivative is given. What it reads of the function's tensors it must read from here, not from a
// capture: these carry their history, so that the derivative can itself be differentiated, and a captured
// output would keep itself alive.
struct CustomCall {
  const Tensors& gradients;  // one per output; undefined where none arrived
  const Tensors& inputs;
  const Tensors& outputs;
};

// forward(inputs), computed without history, as one operation: its derivative calls `backward`, which gives
// one gradient per input, undefined for none, of the input's shape or one that broadcasts from it. Inputs and
// outputs must stay unedited until then (StateError). In a graph forward is called once, to build its nodes,
// and backward by gradients(). Errors: ValueError for another number of gradients, ShapeError.
Tensors custom_function(const Tensors& inputs, const std::function<Tensors(const Tensors& inputs)>& forward,
                        std::function<Tensors(const CustomCall&)> backward,
                        std::source_location at = std::source_location::current());

}  // namespace twofold
