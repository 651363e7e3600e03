// gradients(): the same derivative rules and the same order of accumulation as backward(), on nodes.
#include <algorithm>
#include <map>

#include "core/alias.h"
#include "core/apply.h"
#include "core/derive.h"
#include "core/record.h"
#include "graph/builtin.h"
#include "graph/state.h"
#include "twofold/ops.h"

namespace twofold::graph {
namespace {

using Key = std::pair<int, int>;

// A node seen through the eyes of a derivative rule.
class NodeVjp final : public core::Vjp {
 public:
  NodeVjp(GraphState& graph, int node, const Tensors& gradients, const std::vector<bool>& needed)
      : graph_(graph), node_(node), gradients_(gradients), needed_(needed) {}

  Tensor x(int i) override {
    const Read r = node().inputs[static_cast<std::size_t>(i)];
    check_unedited(r.root, r.version);
    return r.from.node < 0 ? Tensor() : graph_.tensor(r.from);
  }
  Tensor y(int i) override {
    const auto k = static_cast<std::size_t>(i);
    check_unedited(node().roots[k], node().versions[k]);
    return graph_.tensor({node_, i});
  }
  Tensor like(int i) override { return graph_.tensor(node().inputs[static_cast<std::size_t>(i)].from); }
  Tensor g(int i) override {
    const auto k = static_cast<std::size_t>(i);
    return k < gradients_.size() ? gradients_[k] : Tensor();
  }
  bool needs(int i) const override { return needed_[static_cast<std::size_t>(i)]; }
  int inputs() const override { return static_cast<int>(needed_.size()); }
  const Attrs& attrs() const override { return attrs_; }

 private:
  const Node& node() const { return graph_.node(node_); }
  // What backward() finds out from storage versions is known here from the statements between.
  void check_unedited(std::uint32_t root, std::uint32_t version) const {
    const Root& r = graph_.root(root);
    if (r.version == version) return;
    throw StateError({.op = "backward",
                      .argument = "",
                      .got = "a value that '" + std::string(node().op->name) + "' (" +
                             to_string(node().where) + ") needs, edited in place since (" +
                             to_string(r.last_edit) + ")",
                      .expected = "the value unchanged until gradients()"});
  }

  GraphState& graph_;
  int node_;
  const Tensors& gradients_;
  const std::vector<bool>& needed_;
  Attrs attrs_ = graph_.node(node_).attrs;
};

class Walk {
 public:
  explicit Walk(GraphState& graph) : graph_(graph), size_(static_cast<int>(graph.nodes().size())) {}

  Tensors run(const Tensors& ys, const Tensors& xs, const Tensors& grad_ys) {
    for (const Tensor& x : xs) want(*x.impl());
    mark_dependent();
    start(ys, grad_ys);
    for (int id = size_ - 1; id >= 0; --id) visit(id);
    Tensors out;
    for (const Key& k : wanted_) out.push_back(k.first < 0 ? Tensor() : arrived_[k]);
    return out;
  }

 private:
  // All reads of a variable count as one: its gradient adds up in order of arrival, as a leaf's does.
  Key canonical(Output o) const {
    o = graph_.origin(o);
    const Node& n = graph_.node(o.node);
    if (n.op != &variable_op) return {o.node, o.index};
    const auto* reads = graph_.reads_of(*n.value);
    return {reads && !reads->empty() ? reads->front() : o.node, 0};
  }

  void want(Impl& x) {
    if (x.symbol) {
      wanted_.push_back(canonical(graph_.output_of(x, "xs")));
    } else {
      const auto* reads = graph_.reads_of(x);
      wanted_.push_back(reads && !reads->empty() ? Key{reads->front(), 0} : Key{-1, 0});
    }
  }

  bool is_wanted(Key k) const { return std::find(wanted_.begin(), wanted_.end(), k) != wanted_.end(); }

  bool flows(const Node& n) const { return n.gradient && core::differentiable(*n.op); }

  // Does a gradient flow through this operand to an x? Not where it is read for its shape alone.
  bool leads(const Node& n, int k) const {
    const int from = n.inputs[static_cast<std::size_t>(k)].from.node;
    return from >= 0 && !n.op->reads_shape_only(k) && dependent_[static_cast<std::size_t>(from)];
  }

  // Integers made from floats have no history, as in core/record.cpp.
  bool tracks(const Node& n, int k) const {
    const Output from = n.inputs[static_cast<std::size_t>(k)].from;
    const auto floating = [](const Meta& m) { return is_floating(m.dtype); };
    return std::ranges::any_of(n.outputs, floating) ||
           !floating(graph_.node(from.node).outputs[static_cast<std::size_t>(from.index)]);
  }

  void mark_dependent() {
    dependent_.assign(static_cast<std::size_t>(size_), false);
    for (int id = 0; id < size_; ++id) {
      const Node& n = graph_.node(id);
      bool depends = false;
      for (int i = 0; i < static_cast<int>(n.outputs.size()); ++i) depends |= is_wanted(canonical({id, i}));
      if (flows(n))
        for (int k = 0; k < static_cast<int>(n.inputs.size()); ++k) depends |= leads(n, k) && tracks(n, k);
      if (n.outputs.size() == 1 && n.outputs[0].dtype == bool_) depends = false;
      dependent_[static_cast<std::size_t>(id)] = depends;
    }
  }

  // A concrete gradient becomes a constant, for it may be the answer itself.
  Tensor captured(const Tensor& gradient) {
    return gradient.symbolic() ? gradient : graph_.capture(*gradient.impl(), core::inherited_location({}));
  }

  void start(const Tensors& ys, const Tensors& grad_ys) {
    Tensors begin;
    for (std::size_t i = 0; i < ys.size(); ++i) {
      const bool given = i < grad_ys.size() && grad_ys[i].defined();
      begin.push_back(given ? captured(grad_ys[i]) : ones_like(ys[i]));
    }
    for (std::size_t i = 0; i < ys.size(); ++i) {
      const Output o = graph_.output_of(*ys[i].impl(), "ys");
      if (dependent_[static_cast<std::size_t>(o.node)]) arrive(o, begin[i]);
    }
  }

  void arrive(Output to, const Tensor& gradient) {
    Tensor& slot = arrived_[canonical(to)];
    slot = core::accumulate(slot, gradient);
  }

  // The gradients of a node's outputs are complete when its turn comes.
  void visit(int id) {
    if (!dependent_[static_cast<std::size_t>(id)]) return;
    const std::size_t outputs = graph_.node(id).outputs.size();
    Tensors gradients;
    bool any = false;
    for (std::size_t i = 0; i < outputs; ++i) {
      const auto at = arrived_.find({id, static_cast<int>(i)});
      if (at != arrived_.end()) at->second = hooked({id, static_cast<int>(i)}, at->second);
      gradients.push_back(at == arrived_.end() ? Tensor() : at->second);
      any |= gradients.back().defined();
    }
    if (any && flows(graph_.node(id))) step(id, gradients);
  }

  Tensor hooked(Output o, const Tensor& gradient) {
    core::LocationScope where(graph_.node(o.node).where);
    return captured(graph_.through_hooks(o, gradient));
  }

  void step(int id, const Tensors& gradients) {
    const Node n = graph_.node(id);  // a copy: recording moves the nodes
    core::LocationScope where(n.where);
    std::vector<bool> needed;
    std::vector<Meta> metas;
    for (int k = 0; k < static_cast<int>(n.inputs.size()); ++k) {
      const Output from = n.inputs[static_cast<std::size_t>(k)].from;
      needed.push_back(leads(n, k));
      metas.push_back(from.node < 0 ? Meta{bool_, {}, true}
                                    : graph_.node(from.node).outputs[static_cast<std::size_t>(from.index)]);
    }
    if (std::find(needed.begin(), needed.end(), true) == needed.end())
      return;  // an x itself: nothing behind it counts
    NodeVjp vjp(graph_, id, gradients, needed);
    const Tensors out = core::derive(*n.op, vjp, metas);
    for (std::size_t i = 0; i < out.size(); ++i)
      if (out[i].defined() && needed[i]) arrive(n.inputs[i].from, captured(out[i]));
  }

  GraphState& graph_;
  int size_;
  std::vector<Key> wanted_;
  std::vector<bool> dependent_;
  std::map<Key, Tensor> arrived_;
};

GraphState& graph_of(const Tensors& ys) {
  for (const Tensor& y : ys)
    if (y.symbolic()) return static_cast<GraphState&>(*y.impl()->symbol->graph);
  throw GraphError({.op = "gradients",
                    .argument = "ys",
                    .got = "no tensor of a graph",
                    .expected = "at least one (backward() differentiates concrete tensors)"});
}

void check_starts(const Tensors& ys, const Tensors& grad_ys) {
  for (std::size_t i = 0; i < grad_ys.size() && i < ys.size(); ++i) {
    if (!grad_ys[i].defined()) continue;
    if (!ys[i].shape().compatible(grad_ys[i].shape()))
      throw ShapeError({.op = "",
                        .argument = "grad_ys",
                        .got = to_string(grad_ys[i].shape()),
                        .expected = to_string(ys[i].shape())});
    if (grad_ys[i].dtype() != ys[i].dtype())
      throw DtypeError({.op = "",
                        .argument = "grad_ys",
                        .got = std::string(name_of(grad_ys[i].dtype())),
                        .expected = std::string(name_of(ys[i].dtype()))});
  }
}

}  // namespace
}  // namespace twofold::graph

namespace twofold {

Tensors gradients(const Tensors& ys, const Tensors& xs, const Tensors& grad_ys, std::source_location at) {
  try {
    graph::GraphState& g = graph::graph_of(ys);
    core::RecorderScope open(&g);
    NoGrad on(false);
    for (const Tensors* list : {&ys, &xs})
      for (const Tensor& t : *list)
        if (t.symbolic()) core::refresh_if_stale(*t.impl());
    graph::check_starts(ys, grad_ys);
    return graph::Walk(g).run(ys, xs, grad_ys);
  } catch (Error& e) {
    e.locate("gradients", core::inherited_location(at));
    throw;
  }
}

}  // namespace twofold
