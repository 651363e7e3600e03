// Functions of the user's: a step of the tape whose derivative the user wrote, and calls out of a graph.
#pragma once

#include "core/apply.h"
#include "core/recorder.h"

namespace twofold::core {

class Custom {
 public:
  virtual ~Custom() = default;
  // One gradient per input, undefined for none, from one per output (undefined where none arrived) and what
  // was kept, with its history: written with operations, the derivative can itself be differentiated.
  virtual Tensors backward(const Tensors& gradients, const Tensors& kept) = 0;
};

class Host {
 public:
  virtual ~Host() = default;
  // Called whenever the graph runs, with copies of the inputs; one tensor for each promised dtype, of any
  // shape.
  virtual Tensors call(const Tensors& inputs) = 0;
};

// The operation of such a node.
const Op& host_op();

// A node that calls `function` when it runs; it has no derivative. Errors of the call become errors of the
// run.
Tensors record_host(Recorder& graph, std::span<Impl* const> inputs, std::shared_ptr<Host> function,
                    std::span<const Dtype> outputs, const Location& where);

// The outputs anew, as results of one operation on the inputs; they were computed without history. `kept`,
// for the derivative, may be inputs, outputs or others. Where no gradient is wanted, the outputs as they are.
Tensors record_custom(const Tensors& inputs, const Tensors& outputs, std::shared_ptr<Custom> function,
                      const Tensors& kept, const Location& where);

}  // namespace twofold::core
