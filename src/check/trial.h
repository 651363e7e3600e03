// Trial: one row on one sample, and the ways of running it. Every way gives an Outcome, and all must be
// equal.
//
//   Trial t(op, sample);
//   Outcome eager = run_eager(t, t.inputs()), graph = run_graph(t, t.inputs(), {});
//   difference(graph, eager);    // "" or what differs
#pragma once

#include <functional>
#include <memory>

#include "check/bits.h"
#include "check/samples.h"

namespace twofold::check {

// What came out: values and the gradients of their weighted sum, or the kind of the error.
struct Outcome {
  std::vector<Bits> values;
  std::vector<Bits> gradients;  // one per input; undefined where none flows
  std::string error, message;
};
std::string difference(const Outcome& got, const Outcome& expected);
// What `run` fills, or the error that it ends with.
Outcome caught(const std::function<void(Outcome&)>& run);

class Trial {
 public:
  Trial(const core::Op& op, const Sample& sample);
  // The same with floating operands in f64, for finite differences.
  static Trial in_f64(const core::Op& op, const Sample& sample);

  const core::Op& op() const { return *op_; }
  const Sample& sample() const { return *sample_; }
  const Tensors& inputs() const { return inputs_; }
  // With a clone of the sample's generator, so that every run draws the same.
  core::Attrs attrs() const;
  // The weight of output i in the sum that is differentiated.
  Tensor weights(int output, Dtype dtype, const Shape& shape) const;
  // The weight of the gradient of input i in the sum that is differentiated once more.
  Tensor second_weights(int input, Dtype dtype, const Shape& shape) const;
  // Which inputs may have a gradient.
  bool differentiable(int input) const;
  // Eagerly, once: what every other run must equal.
  const Outcome& expected() const;

 private:
  Trial(const core::Op& op, const Sample& sample, bool wide);

  const core::Op* op_;
  const Sample* sample_;
  Tensors inputs_;
  mutable std::unique_ptr<Outcome> expected_;
};

Tensors call(const core::Op& op, const Tensors& inputs, const core::Attrs& attrs);

Outcome run_eager(const Trial& trial, const Tensors& inputs);

// Second derivatives: `values` are the first gradients, `gradients` those of their weighted sum.
Outcome run_eager_twice(const Trial& trial);
Outcome run_graph_twice(const Trial& trial);

// How a graph gets its operands, and what it knows of them when it is built.
enum class Operands { known, unknown_dimensions, unknown_rank, constants, parameters };
struct GraphRun {
  Operands operands = Operands::known;
  bool passes = true;
};
Outcome run_graph(const Trial& trial, const Tensors& inputs, const GraphRun& how);

}  // namespace twofold::check
