#include <algorithm>

#include "check/checks.h"
#include "check/element.h"
#include "core/impl.h"
#include "twofold/graph.h"
#include "twofold/ops.h"

namespace twofold::check {
namespace {

constexpr double written = 1;

// The source and its view, after a write through the view.
Tensors write_through(const Trial& trial, const Tensors& inputs) {
  Tensors operands = inputs;
  operands[0] = identity(inputs[0]);
  Tensor view = call(trial.op(), operands, trial.attrs())[0];
  view.fill_(written);
  return {operands[0], view};
}

Outcome eager_write(const Trial& trial) {
  return caught([&](Outcome& out) {
    for (const Tensor& t : write_through(trial, trial.inputs())) out.values.push_back(bits_of(t));
  });
}

Outcome graph_write(const Trial& trial) {
  return caught([&](Outcome& out) {
    Graph graph;
    std::vector<Feed> feeds;
    const Tensors nodes = graph.build([&] {
      Tensors operands;
      for (const Tensor& x : trial.inputs()) {
        operands.push_back(placeholder(x.dtype(), x.shape()));
        feeds.push_back({operands.back(), x});
      }
      return write_through(trial, operands);
    });
    Session session(graph);
    for (const Tensor& t : session.run({nodes[0], nodes[1]}, feeds)) out.values.push_back(bits_of(t));
  });
}

std::string unseen(const Tensor& source, const Tensor& view) {
  if (view.impl()->storage != source.impl()->storage) return "storage of its own, expected the source's";
  return "";
}

}  // namespace

void check_alias(const Trial& trial, Report& report) {
  if (!trial.op().view || !trial.expected().error.empty()) return;
  Tensors operands = trial.inputs();
  operands[0] = identity(operands[0]);
  report.check(trial, "shared storage", unseen(operands[0], call(trial.op(), operands, trial.attrs())[0]));
  const Outcome eager = eager_write(trial);
  report.check(trial, "a write through the view, in a graph", difference(graph_write(trial), eager));
  if (!eager.error.empty()) return;
  // Every element that the view shows is written, so the view reads back what was written.
  const Bits ones = bits_of(full(eager.values[1].shape.dims(), written, eager.values[1].dtype));
  report.check(trial, "a write through the view", difference(eager.values[1], ones));
  if (eager.values[1].shape.numel() == 0) return;
  const auto& source = eager.values[0].words;
  const bool seen = std::find(source.begin(), source.end(), ones.words[0]) != source.end();
  report.check(trial, "a write seen by the source",
               seen ? "" : "the old elements, expected the written ones");
}

}  // namespace twofold::check
