// Custom functions: a step of the tape whose derivative the user wrote.
#pragma once

#include "core/apply.h"

namespace twofold::core {

class Custom {
 public:
  virtual ~Custom() = default;
  // One gradient per input, undefined for none, from one per output (undefined where none arrived). Written
  // with operations, it can itself be differentiated.
  virtual Tensors backward(const Tensors& gradients) = 0;
};

// Gives `outputs`, computed without history, one: they came from `inputs` through a function of the user's.
void record_custom(std::span<Impl* const> inputs, std::span<const Tensor> outputs,
                   std::shared_ptr<Custom> function, const Location& where);

}  // namespace twofold::core
