// Bodies of control flow: callables traced into graphs of their own, and the derivative of such a graph.
#include "core/body.h"

#include <algorithm>

#include "core/apply.h"
#include "graph/builtin.h"
#include "graph/device.h"
#include "graph/runner.h"
#include "twofold/ops.h"

namespace twofold::graph {
namespace {

class BodyGraph final : public GraphState {
 public:
  static std::shared_ptr<BodyGraph> make() {
    auto* g = new BodyGraph;
    core::retain(static_cast<core::Recorder*>(g));
    return {g, [](BodyGraph* b) {
              b->take_captures();
              core::drop(static_cast<core::Recorder*>(b));
            }};
  }

  Tensor add_input(const Meta& meta, std::string_view name) {
    Node n;
    n.op = &placeholder_op;
    n.outputs = {meta};
    const int id = append(std::move(n), name);
    inputs.push_back({id, 0});
    return tensor({id, 0});
  }

  void wrote(Impl& root, const Tensor& value, const Location& where) override {
    bool outer = root.symbol->graph.get() != this;
    for (const auto& [key, c] : captured_) outer |= c.root.get() == &root;
    if (outer)
      throw StateError({.op = "",
                        .argument = "",
                        .got = "an in-place edit of a tensor from outside a control-flow body",
                        .expected = "edits of the body's own tensors"});
    GraphState::wrote(root, value, where);
  }

  // The body gives the new value as a result; the node stands for the assignment in control dependencies.
  int append_assign(Impl& cell, const Tensor& value, const Location& where) override {
    const Tensor kept = core::apply_one(core::find_op("identity"), {value.impl()}, {}, where);
    assignments_.push_back({kept.impl()->symbol->node, Tensor(Ref<Impl>(&cell))});
    return assignments_.back().node;
  }

  // Only assignments that the open control dependencies wait for have been made for sure.
  Tensor read_now(Impl& cell, const Location& where) override {
    const Assignment* last = last_assignment(cell, needed_for(controls));
    return last ? tensor({last->node, 0}) : capture(cell, where);
  }

  // The variables that are assigned to on the way to these outputs, and their values then.
  Tensors assigned_for(const std::vector<Output>& outputs) const {
    const std::vector<bool> needed = needed_for_outputs(outputs);
    Tensors out;
    for (const Assignment& a : assignments_)
      if (needed[static_cast<std::size_t>(a.node)] &&
          std::ranges::none_of(out, [&](const Tensor& t) { return t.same_as(a.variable); }))
        out.push_back(a.variable);
    return out;
  }
  Output value_for(const Tensor& variable, const std::vector<Output>& outputs, Output unchanged) const {
    const Assignment* last = last_assignment(*variable.impl(), needed_for_outputs(outputs));
    return last ? Output{last->node, 0} : unchanged;
  }

  // The input that stands for an outer tensor is a parameter from now on.
  Output promote(const Tensor& variable) {
    for (std::size_t i = 0; i < captures.size(); ++i) {
      if (!same(*captures[i].impl(), *variable.impl())) continue;
      const std::size_t at = inputs.size() - captures.size() + i;
      const Output input = inputs[at];
      inputs.erase(inputs.begin() + static_cast<std::ptrdiff_t>(at));
      captures.erase(captures.begin() + static_cast<std::ptrdiff_t>(i));
      roots_of_captures_.erase(roots_of_captures_.begin() + static_cast<std::ptrdiff_t>(i));
      inputs.insert(inputs.end() - static_cast<std::ptrdiff_t>(captures.size()), input);
      return input;
    }
    add_input({variable.dtype(), variable.shape()}, "unused");
    const Output input = inputs.back();
    inputs.pop_back();
    inputs.insert(inputs.end() - static_cast<std::ptrdiff_t>(captures.size()), input);
    return input;
  }

  // The outer tensors, in order of first use. Once traced the graph lets go of them: they may belong to a
  // graph whose node holds this one.
  Tensors take_captures() {
    captured_.clear();
    roots_of_captures_.clear();
    assignments_.clear();
    return std::exchange(captures, {});
  }

  std::vector<Output> inputs;
  Tensors captures;  // outer tensors, in order of first use

 protected:
  bool captures_outer() const override { return true; }

  Tensor capture_outer(Impl& impl, const Location&) override {
    // The same edge of an outer graph may come through several handles.
    for (std::size_t i = 0; i < captures.size(); ++i)
      if (same(*captures[i].impl(), impl)) return Tensor(roots_of_captures_[i]);
    const Tensor root = add_input({impl.array.dtype, impl.array.shape}, "capture");
    root.impl()->dense = impl.dense;
    captures.push_back(Tensor(Ref<Impl>(&impl)));
    roots_of_captures_.push_back(Ref<Impl>(root.impl()));
    captured_[&impl] = {Ref<Impl>(&impl), Ref<Impl>(root.impl()), 0, false, {}};
    return root;
  }

 private:
  static bool same(const Impl& a, const Impl& b) {
    if (&a == &b) return true;
    return a.symbol && b.symbol && a.symbol->graph == b.symbol->graph && a.symbol->node == b.symbol->node &&
           a.symbol->output == b.symbol->output;
  }

  struct Assignment {
    int node;
    Tensor variable;
  };

  std::vector<bool> needed_for(const std::vector<int>& ids) const {
    std::vector<bool> needed(nodes().size());
    for (int id : ids) needed[static_cast<std::size_t>(id)] = true;
    for (int id = static_cast<int>(needed.size()) - 1; id >= 0; --id) {
      if (!needed[static_cast<std::size_t>(id)]) continue;
      for (const Read& r : node(id).inputs)
        if (r.from.node >= 0) needed[static_cast<std::size_t>(r.from.node)] = true;
      for (int c : node(id).controls) needed[static_cast<std::size_t>(c)] = true;
    }
    return needed;
  }
  std::vector<bool> needed_for_outputs(const std::vector<Output>& outputs) const {
    std::vector<int> ids;
    for (const Output& o : outputs) ids.push_back(o.node);
    return needed_for(ids);
  }
  const Assignment* last_assignment(const Impl& variable, const std::vector<bool>& needed) const {
    const Assignment* last = nullptr;
    for (const Assignment& a : assignments_)
      if (a.variable.impl() == &variable && needed[static_cast<std::size_t>(a.node)]) last = &a;
    return last;
  }

  std::vector<Ref<Impl>> roots_of_captures_;
  std::vector<Assignment> assignments_;  // in the order of the callable
};

bool draws(const Node& n) {
  if (n.op->effect == core::Effect::random) return true;
  for (int i = 0; i < n.attrs.size(); ++i)
    if (auto* b = std::get_if<std::shared_ptr<core::Body>>(&n.attrs[i]); b && (*b)->random()) return true;
  return false;
}

class TracedBody final : public core::Body {
 public:
  TracedBody(std::shared_ptr<BodyGraph> graph, std::vector<Output> results, bool derivative)
      : graph_(std::move(graph)), results_(std::move(results)), derivative_(derivative) {
    for (const Output& o : graph_->inputs) inputs_.push_back(meta(o));
    for (const Output& o : results_) outputs_.push_back(meta(o));
    for (int id = 0; id < static_cast<int>(graph_->nodes().size()); ++id)
      if (draws(graph_->node(id)))
        for (int k = 0; k < static_cast<int>(graph_->node(id).outputs.size()); ++k) keep({id, k});
    Request request;
    request.feeds = graph_->inputs;
    request.fetches = results_;
    request.fetches.insert(request.fetches.end(), kept_.begin(), kept_.end());
    runner_ = std::make_unique<Runner>(*graph_, std::move(request), SessionOptions{.soft_placement = true});
  }

  const std::vector<Meta>& inputs() const override { return inputs_; }
  const std::vector<Meta>& outputs() const override { return outputs_; }
  int results() const override { return static_cast<int>(results_.size()); }
  bool random() const override { return !kept_.empty(); }

  void find_generators(std::vector<Generator>& found) const override {
    for (const Node& n : graph_->nodes()) core::find_generators(n.attrs, found);
  }

  void let_go_of_functions() override { graph_->let_go_of_functions(); }

  void check_devices() const override {
    for (const Node& n : graph_->nodes()) check_device(n);
  }

  Tensors run(std::span<const Tensor> in) const override {
    std::vector<Impl*> values;
    for (const Tensor& t : in) values.push_back(t.impl());
    Tensors out;
    runner_->run(values, out);
    return out;
  }

  void check(std::span<const Tensor> in) const override {
    if (derivative_) return;  // its forward branch was checked, and the draws of one not taken are empty
    bool known = true;        // then tracing has checked them
    for (const Meta& m : inputs_) known &= m.shape.known();
    std::vector<Impl*> values;
    for (const Tensor& t : in) values.push_back(t.impl());
    if (!known) runner_->make_ready(values);
  }

  std::shared_ptr<core::Body> widened(std::span<const Meta> all,
                                      std::span<const int> position) const override {
    auto g = BodyGraph::make();
    g->copy_nodes(*graph_);
    std::vector<Output> wide(all.size());
    for (std::size_t i = 0; i < position.size(); ++i)
      wide[static_cast<std::size_t>(position[i])] = graph_->inputs[i];
    for (std::size_t i = 0; i < all.size(); ++i)
      if (wide[i].node < 0) g->add_input(all[i], "unused"), wide[i] = g->inputs.back();
    g->inputs = std::move(wide);
    return std::make_shared<TracedBody>(g, results_, derivative_);
  }

  std::shared_ptr<core::Body> vjp() const override {
    std::call_once(vjp_made_, [this] { vjp_ = make_vjp(); });
    return vjp_;
  }

 private:
  Meta meta(const Output& o) const { return graph_->node(o.node).outputs[static_cast<std::size_t>(o.index)]; }
  void keep(Output o) {
    kept_.push_back(o);
    outputs_.push_back(meta(o));
  }

  // The same nodes, the draws among them fed instead of drawn, and the gradient's nodes after them.
  std::shared_ptr<core::Body> make_vjp() const {
    auto g = BodyGraph::make();
    g->copy_nodes(*graph_);
    g->inputs = graph_->inputs;
    for (const Output& o : kept_) {
      g->inputs.push_back(o);
      if (o.index == 0 && g->node(o.node).outputs.size() == 1)
        g->node(o.node).op = &placeholder_op, g->node(o.node).inputs.clear();
    }
    core::RecorderScope open(g.get());
    NoGrad on(false);
    Tensors ys, gs, xs;
    for (const Output& o : results_) {
      if (!is_floating(meta(o).dtype)) continue;
      ys.push_back(g->tensor(o));
      gs.push_back(g->add_input(meta(o), "gradient"));
    }
    for (const Output& o : graph_->inputs)
      if (is_floating(meta(o).dtype)) xs.push_back(g->tensor(o));
    Tensors grads = ys.empty() ? Tensors(xs.size()) : gradients(ys, xs, gs);
    std::vector<Output> results;
    for (std::size_t i = 0; i < xs.size(); ++i) {
      if (!grads[i].defined()) grads[i] = zeros_like(xs[i]);
      results.push_back(g->output_of(*grads[i].impl(), "gradient"));
    }
    return std::make_shared<TracedBody>(g, std::move(results), true);
  }

  std::shared_ptr<BodyGraph> graph_;
  std::vector<Output> results_, kept_;
  bool derivative_;
  std::vector<Meta> inputs_, outputs_;
  std::unique_ptr<Runner> runner_;
  mutable std::once_flag vjp_made_;
  mutable std::shared_ptr<core::Body> vjp_;
};

}  // namespace
}  // namespace twofold::graph

namespace twofold::core {

namespace {

class BodyTracing final : public Tracing {
 public:
  BodyTracing(const BodyFn& fn, std::span<const Meta> parameters, const char* what, const Location& where)
      : graph_(graph::BodyGraph::make()), where_(where) {
    if (const graph::GraphState* outer = graph::open_graph()) graph_->name_scope = outer->name_scope;
    const RecorderScope open(graph_.get());
    Tensors in;
    for (const Meta& m : parameters) in.push_back(graph_->add_input(m, "parameter"));
    for (const Tensor& t : fn(in)) {
      if (!t.defined())
        throw ValueError({.op = what, .argument = "", .got = "an undefined result", .expected = "tensors"});
      results_.push_back(own(t));
    }
    assigned_ = graph_->assigned_for(results_);
  }

  const Tensors& assigned() const override { return assigned_; }

  Traced close(const Tensors& variables, bool with_values) override {
    const RecorderScope open(graph_.get());
    std::vector<graph::Output> outputs = results_;
    for (const Tensor& v : variables) {
      const graph::Output input = graph_->promote(v);
      const graph::Output value = graph_->value_for(v, results_, input);
      if (with_values) outputs.push_back(own(graph_->tensor(value)));
    }
    const Tensors captures = graph_->take_captures();
    return {std::make_shared<graph::TracedBody>(std::move(graph_), std::move(outputs), false), captures};
  }

 private:
  graph::Output own(const Tensor& t) {
    const Tensor copy_of = apply_one(find_op("identity"), {t.impl()}, {}, where_);
    return graph_->output_of(*copy_of.impl(), "result");
  }

  std::shared_ptr<graph::BodyGraph> graph_;
  Location where_;
  std::vector<graph::Output> results_;
  Tensors assigned_;
};

}  // namespace

std::unique_ptr<Tracing> begin_trace(const BodyFn& fn, std::span<const Meta> parameters, const char* what,
                                     const Location& where) {
  return std::make_unique<BodyTracing>(fn, parameters, what, where);
}

Traced trace(const BodyFn& fn, std::span<const Meta> parameters, const char* what, const Location& where) {
  const auto tracing = begin_trace(fn, parameters, what, where);
  if (!tracing->assigned().empty())
    throw StateError({.op = what,
                      .argument = "",
                      .got = "an assignment to a variable from outside",
                      .expected = "none here"});
  return tracing->close({}, false);
}

}  // namespace twofold::core
