// SampleValues: a graph debugged like eager code. Given sample values for its placeholders, every node has a
// value that a print or a debugger can show at the line that makes it.
//
//   Graph g;
//   const Tensor x = g.build([] { return placeholder(f32, {unknown, 64}, "x"); });
//   SampleValues samples(g, {{x, batch}});
//   const Tensor y = g.build([&] { return softmax(x); });
//   samples(y);  // a concrete tensor, the bits that a session would give
//
// Nothing that happens here is seen by a session: draws leave their generators as they were, assignments give
// only the value that the variable would have.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "twofold/graph.h"

namespace twofold {

namespace graph {
class Samples;
}  // namespace graph

class SampleValues {
 public:
  // The value of a declared variable; undefined if it has none. Parameters and buffers have their own.
  using VariableValue = std::function<Tensor(const Tensor&)>;

  // Feeds as for Session::run: checked against dtype and static shape.
  SampleValues(const Graph& graph, const std::vector<Feed>& samples, VariableValue variable = {},
               std::source_location at = std::source_location::current());
  // The value of a tensor of the graph; undefined where it depends on a placeholder without a sample. Errors
  // name the line of the node.
  Tensor operator()(const Tensor& tensor) const;
  // Computes the nodes made since the last call, or the construction: a mistake shows at the line that made
  // it.
  void compute_new() const;

 private:
  std::shared_ptr<graph::Samples> samples_;
};

}  // namespace twofold
