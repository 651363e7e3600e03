// The graph's way of running a trial.
#include "check/trial.h"
#include "core/apply.h"
#include "twofold/graph.h"

namespace twofold::check {
namespace {

Shape promised(const Shape& shape, Operands operands) {
  if (operands == Operands::unknown_rank) return Shape::unknown_rank();
  if (operands != Operands::unknown_dimensions) return shape;
  Dims dims = shape.dims();
  for (int d = 0; d < dims.size(); ++d) dims[d] = unknown;
  return Shape(dims);
}

// A trial as nodes: what to feed, what to fetch.
struct Built {
  Tensors outputs, gradients;
  std::vector<Feed> feeds;
};

Tensor operand(const Trial& trial, int i, const Tensor& value, Operands how, Built& built) {
  if (how == Operands::constants) return value;
  if (how == Operands::parameters) return trial.differentiable(i) ? parameter(value) : buffer(value);
  Tensor p = placeholder(value.dtype(), promised(value.shape(), how));
  built.feeds.push_back({p, value});
  return p;
}

using Weights = Tensor (Trial::*)(int, Dtype, const Shape&) const;

// `real`: the bits that eager code gave for `outputs`, whose shapes the graph need not know.
Tensors gradients_of(const Trial& trial, const Tensors& outputs, const std::vector<Bits>& real,
                     const Tensors& operands, Weights weights) {
  Tensors from, grad_ys, to, out(operands.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].defined() || !real[i].defined || !is_floating(real[i].dtype)) continue;
    from.push_back(outputs[i]);
    grad_ys.push_back((trial.*weights)(static_cast<int>(i), real[i].dtype, real[i].shape));
  }
  for (std::size_t i = 0; i < operands.size(); ++i)
    if (trial.differentiable(static_cast<int>(i))) to.push_back(operands[i]);
  if (from.empty() || to.empty()) return out;
  const Tensors found = gradients(from, to, grad_ys);
  std::size_t next = 0;
  for (std::size_t i = 0; i < operands.size(); ++i)
    if (trial.differentiable(static_cast<int>(i))) out[i] = found[next++];
  return out;
}

Tensors operands_of(const Trial& trial, const Tensors& inputs, Operands how, Built& built) {
  Tensors operands;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    operands.push_back(operand(trial, static_cast<int>(i), inputs[i], how, built));
  return operands;
}

Built build(const Trial& trial, const Tensors& inputs, Operands how) {
  Built built;
  const Tensors operands = operands_of(trial, inputs, how, built);
  built.outputs = call(trial.op(), operands, trial.attrs());
  built.gradients.resize(inputs.size());
  // A constant is no variable: nothing to differentiate. A refused call has no shapes for weights.
  const Outcome& real = trial.expected();
  if (how != Operands::constants && real.error.empty())
    built.gradients = gradients_of(trial, built.outputs, real.values, operands, &Trial::weights);
  return built;
}

Built build_twice(const Trial& trial, const Outcome& real) {
  Built built;
  const Tensors operands = operands_of(trial, trial.inputs(), Operands::known, built);
  const Tensors outputs = call(trial.op(), operands, trial.attrs());
  built.outputs = gradients_of(trial, outputs, real.values, operands, &Trial::weights);
  built.gradients = gradients_of(trial, built.outputs, real.gradients, operands, &Trial::second_weights);
  return built;
}

// The graph may not have promised what did not come.
void check_promises(const Built& built, const std::vector<Bits>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Tensor& promise = built.outputs[i];
    if (!promise.defined()) continue;
    if (promise.dtype() == values[i].dtype && promise.shape().accepts(values[i].shape)) continue;
    throw InternalError({.op = "infer",
                         .argument = "",
                         .got = std::string(name_of(promise.dtype())) + to_string(promise.shape()),
                         .expected = describe(values[i])});
  }
}

std::vector<Bits> taken(const Tensors& nodes, const Tensors& results, std::size_t& next) {
  std::vector<Bits> out;
  for (const Tensor& t : nodes) out.push_back(t.defined() ? bits_of(results[next++]) : Bits{});
  return out;
}

void run(const Graph& graph, const Built& built, bool passes, Outcome& out) {
  std::vector<Fetch> fetches;
  for (const Tensors* nodes : {&built.outputs, &built.gradients})
    for (const Tensor& t : *nodes)
      if (t.defined()) fetches.emplace_back(t);
  Session session(graph, {.passes = passes});
  const Tensors results = session.run(fetches, built.feeds);
  std::size_t next = 0;
  out.values = taken(built.outputs, results, next);
  out.gradients = taken(built.gradients, results, next);
  check_promises(built, out.values);
}

}  // namespace

Outcome run_graph(const Trial& trial, const Tensors& inputs, const GraphRun& how) {
  return caught([&](Outcome& out) {
    Graph graph;
    const Built built = graph.build([&] { return build(trial, inputs, how.operands); });
    run(graph, built, how.passes, out);
    if (how.operands == Operands::constants) out.gradients = trial.expected().gradients;
  });
}

Outcome run_graph_twice(const Trial& trial) {
  return caught([&](Outcome& out) {
    Graph graph;
    const Built built = graph.build([&] { return build_twice(trial, trial.expected()); });
    run(graph, built, true, out);
  });
}

}  // namespace twofold::check
