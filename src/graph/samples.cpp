// Sample values: the nodes of a graph run one by one, in order of creation, and every value kept.
#include "twofold/samples.h"

#include <algorithm>
#include <unordered_map>

#include "core/apply.h"
#include "core/body.h"
#include "graph/builtin.h"
#include "graph/runner.h"
#include "twofold/ops.h"

namespace twofold::graph {
namespace {

// What is drawn while it lives is drawn again by the next one.
class Rewound {
 public:
  explicit Rewound(const Attrs& attrs) {
    core::find_generators(attrs, generators_);
    for (const Generator& g : generators_) before_.push_back(g.state());
  }
  ~Rewound() {
    for (std::size_t i = 0; i < generators_.size(); ++i) generators_[i].state() = before_[i];
  }
  Rewound(const Rewound&) = delete;
  Rewound& operator=(const Rewound&) = delete;

 private:
  std::vector<Generator> generators_;
  std::vector<Generator::State> before_;
};

}  // namespace

class Samples {
 public:
  Samples(std::shared_ptr<GraphState> graph, SampleValues::VariableValue variable)
      : graph_(std::move(graph)),
        variable_(std::move(variable)),
        next_(static_cast<int>(graph_->nodes().size())) {}

  void set(Output o, const Tensor& value) {
    Tensors& outputs = done_[o.node];
    outputs.resize(graph_->node(o.node).outputs.size());
    outputs[static_cast<std::size_t>(o.index)] = value;
  }

  Tensor value(Output o) {
    compute(o.node);
    const Tensors& outputs = done_[o.node];
    return outputs.empty() ? Tensor() : outputs[static_cast<std::size_t>(o.index)];
  }

  void compute_new() {
    for (; next_ < static_cast<int>(graph_->nodes().size()); ++next_) compute(next_);
  }

  const GraphState& graph() const { return *graph_; }

 private:
  // The node and what it needs, oldest first: inputs are older than who reads them.
  void compute(int id) {
    std::vector<int> order, pending{id};
    while (!pending.empty()) {
      const int at = pending.back();
      pending.pop_back();
      if (at < 0 || done_.contains(at) || std::ranges::find(order, at) != order.end()) continue;
      order.push_back(at);
      const Node& n = graph_->node(at);
      for (const Read& r : n.inputs) pending.push_back(r.from.node);
      pending.insert(pending.end(), n.controls.begin(), n.controls.end());
    }
    std::ranges::sort(order);
    for (int at : order) done_[at] = outputs_of(graph_->node(at), at);
  }

  Tensors outputs_of(const Node& n, int id) {
    if (n.op == &placeholder_op || n.op == &group_op) return {};
    if (n.op == &constant_op) return {Tensor(n.value)};
    if (n.op == &variable_op) return variable(n);
    Tensors in;
    for (const Read& r : n.inputs) {
      in.push_back(r.from.node < 0 ? Tensor() : value(r.from));
      if (r.from.node >= 0 && !in.back().defined()) return {};
    }
    if (n.op == &assign_op) return assigned_[id] = in[0], Tensors{};
    return run(n, in);
  }

  static Tensors run(const Node& n, const Tensors& in) {
    core::RecorderScope closed(nullptr);
    NoGrad off;
    const Rewound rewound(n.attrs);
    const core::Handles handles(in);
    try {
      return core::execute(*n.op, handles.span(), n.attrs);
    } catch (Error& e) {
      e.locate(n.op->name, n.where);
      throw;
    }
  }

  // As assigned by what this read waits for, else as it is now.
  Tensors variable(const Node& n) {
    if (const Tensor value = assigned_before(n, *n.value); value.defined()) return {value};
    auto [at, fresh] = cells_.try_emplace(n.value.get());
    if (fresh) at->second = current(*n.value);
    return at->second.defined() ? Tensors{at->second} : Tensors{};
  }

  Tensor current(core::Impl& cell) const {
    const Tensor found = !cell.declared ? Tensor(Ref<core::Impl>(&cell))
                         : variable_    ? variable_(Tensor(Ref<core::Impl>(&cell)))
                                        : Tensor();
    core::RecorderScope closed(nullptr);
    NoGrad off;
    return found.defined() ? identity(found) : found;  // training goes on; the samples stay
  }

  Tensor assigned_before(const Node& n, const core::Impl& cell) const {
    Tensor latest;
    for (int c : n.controls) {
      const Node& before = graph_->node(c);
      if (before.op == &group_op) {
        if (const Tensor t = assigned_before(before, cell); t.defined()) latest = t;
      } else if (const auto at = assigned_.find(c); at != assigned_.end() && before.value.get() == &cell) {
        latest = at->second;
      }
    }
    return latest;
  }

  std::shared_ptr<GraphState> graph_;
  SampleValues::VariableValue variable_;
  std::unordered_map<int, Tensors> done_;  // by node; empty: no value
  std::unordered_map<int, Tensor> assigned_;
  std::unordered_map<const core::Impl*, Tensor> cells_;
  int next_;  // the first node that compute_new() has not seen
};

}  // namespace twofold::graph

namespace twofold {

namespace {

graph::Output output_in(const graph::GraphState& graph, const Tensor& t, const char* argument) {
  if (!t.symbolic() || t.impl()->symbol->graph.get() != &graph)
    throw GraphError({.op = "SampleValues",
                      .argument = argument,
                      .got = t.symbolic() ? "a tensor of another graph" : "a tensor that is of no graph",
                      .expected = "a tensor of the graph"});
  return {t.impl()->symbol->node, t.impl()->symbol->output};
}

}  // namespace

SampleValues::SampleValues(const Graph& graph, const std::vector<Feed>& samples, VariableValue variable,
                           std::source_location at)
    : samples_(std::make_shared<graph::Samples>(graph.state(), std::move(variable))) {
  core::located("SampleValues", at, [&] {
    for (const Feed& f : samples) {
      const graph::Output o = output_in(*graph.state(), f.tensor, "samples");
      if (!f.value.defined())
        throw ValueError(
            {.op = "", .argument = "samples", .got = "an undefined value", .expected = "a tensor"});
      graph::check_feed(graph.state()->node(o.node), o.index, *f.value.impl());
      samples_->set(o, identity(f.value));
    }
  });
}

Tensor SampleValues::operator()(const Tensor& tensor) const {
  return samples_->value(output_in(samples_->graph(), tensor, "tensor"));
}

void SampleValues::compute_new() const { samples_->compute_new(); }

}  // namespace twofold
