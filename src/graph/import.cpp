// From the graph to a program: what is needed, and the shapes it will have.
#include <algorithm>

#include "core/custom.h"
#include "graph/builtin.h"
#include "graph/program.h"

namespace twofold::graph {
namespace {

// Nodes that must run, found from the newest to the oldest: what the fetches reach, and the in-place
// statements that stand before something needed in their scope.
std::vector<bool> needed_nodes(const GraphState& graph, const Request& request) {
  std::vector<bool> needed(graph.nodes().size());
  std::vector<bool> live_scope(static_cast<std::size_t>(graph.next_scope));
  auto need = [&](int id) {
    if (id >= 0) needed[static_cast<std::size_t>(id)] = true;
  };
  std::vector<bool> fed(graph.nodes().size());
  for (const Output& o : request.feeds) fed[static_cast<std::size_t>(o.node)] = true;
  for (const Output& o : request.fetches) need(o.node);
  for (int id : request.operations) need(id);
  for (int id = static_cast<int>(needed.size()) - 1; id >= 0; --id) {
    const Node& n = graph.node(id);
    const auto scope = static_cast<std::size_t>(n.scope);
    if (n.automatic && live_scope[scope]) need(id);
    if (!needed[static_cast<std::size_t>(id)]) continue;
    live_scope[scope] = true;
    if (fed[static_cast<std::size_t>(id)] && n.outputs.size() == 1) continue;  // its inputs are replaced
    for (const Read& r : n.inputs) need(r.from.node);
    for (int c : n.controls) need(c);
  }
  return needed;
}

class Importer {
 public:
  Importer(const GraphState& graph, const Request& request, std::span<const Shape> fed)
      : graph_(graph),
        request_(request),
        fed_(fed),
        first_value_(graph.nodes().size(), -1),
        step_of_(graph.nodes().size(), -1) {}

  Program run() {
    program_.graph = &graph_;
    program_.stats.nodes = static_cast<std::int64_t>(graph_.nodes().size());
    const std::vector<bool> needed = needed_nodes(graph_, request_);
    for (int id = 0; id < static_cast<int>(needed.size()); ++id)
      if (needed[static_cast<std::size_t>(id)])
        add(id);
      else
        ++program_.stats.pruned;
    for (const Output& o : request_.fetches) program_.fetches.push_back(o.node < 0 ? -1 : value_of(o));
    for (int id : request_.operations) program_.targets.push_back(step_of_[static_cast<std::size_t>(id)]);
    for (const Output& o : request_.feeds)
      program_.feeds.push_back(first_value_[static_cast<std::size_t>(o.node)] < 0 ? -1 : value_of(o));
    return std::move(program_);
  }

 private:
  ValueId value_of(const Output& o) const {
    return o.node < 0 ? -1 : first_value_[static_cast<std::size_t>(o.node)] + o.index;
  }

  int feed_of(int node, int output) const {
    for (std::size_t i = 0; i < request_.feeds.size(); ++i)
      if (request_.feeds[i] == Output{node, output}) return static_cast<int>(i);
    return -1;
  }

  void add(int id) {
    const Node& n = graph_.node(id);
    Step step;
    step.op = n.op;
    step.attrs = n.attrs;
    step.where = n.where;
    step.node = id;
    step.value = n.value;
    const bool fed = n.outputs.size() == 1 && feed_of(id, 0) >= 0;
    if (fed) step.op = &placeholder_op;
    for (const Read& r : n.inputs)
      if (!fed) step.inputs.push_back(value_of(r.from));
    for (int c : n.controls)
      if (!fed) step.after.push_back(step_of_[static_cast<std::size_t>(c)]);
    core::Metas metas = metas_of(n, step);
    first_value_[static_cast<std::size_t>(id)] = static_cast<ValueId>(program_.values.size());
    for (std::size_t i = 0; i < metas.size(); ++i) {
      if (const int f = feed_of(id, static_cast<int>(i)); f >= 0)
        metas[i].shape = fed_[static_cast<std::size_t>(f)];
      step.outputs.push_back(static_cast<ValueId>(program_.values.size()));
      program_.values.push_back({metas[i], static_cast<int>(program_.steps.size()), static_cast<int>(i)});
    }
    step_of_[static_cast<std::size_t>(id)] = static_cast<int>(program_.steps.size());
    program_.steps.push_back(std::move(step));
  }

  // Now that feeds have shapes, infer again: what is refused here names the node's line.
  core::Metas metas_of(const Node& n, const Step& step) {
    if (step.op == &variable_op) return {{n.value->array.dtype, n.value->array.shape}};
    if (step.op == &assign_op) check_assigned(n, program_.meta(step.inputs[0]).shape);
    if (step.op == &placeholder_op || step.op == &constant_op || step.op == &assign_op ||
        step.op == &group_op)
      return n.outputs;
    std::vector<Meta> in;
    for (ValueId v : step.inputs) in.push_back(v < 0 ? Meta{bool_, {}, true} : program_.meta(v));
    try {
      core::Metas out = core::infer(*step.op, in, step.attrs);
      if (step.op == &core::host_op()) take_promised_ranks(n, out);
      return out;
    } catch (Error& e) {
      e.locate(n.op->name, n.where);
      throw;
    }
  }

  // Of what a call of the user's gives only the program knows how many dimensions it has; the plan checks
  // that.
  static void take_promised_ranks(const Node& n, core::Metas& out) {
    for (std::size_t k = 0; k < out.size(); ++k) {
      Dims dims;
      if (!n.outputs[k].shape.has_rank()) continue;
      for (int d = 0; d < n.outputs[k].shape.rank(); ++d) dims.push_back(unknown);
      out[k].shape = Shape(dims);
    }
  }

  // A variable keeps its shape: what an in-place statement with unknown dimensions could not check when it
  // was made.
  static void check_assigned(const Node& n, const Shape& value) {
    const Shape& cell = n.value->array.shape;
    if (!value.known() || value == cell) return;
    ShapeError e({.op = "assign",
                  .argument = "value",
                  .got = to_string(value),
                  .expected = "the variable's shape " + to_string(cell)});
    e.locate("assign", n.where);
    throw e;
  }

  const GraphState& graph_;
  const Request& request_;
  std::span<const Shape> fed_;
  std::vector<ValueId> first_value_;
  std::vector<int> step_of_;
  Program program_;
};

}  // namespace

void Program::redirect(ValueId from, ValueId to) {
  for (Step& s : steps) std::replace(s.inputs.begin(), s.inputs.end(), from, to);
  std::replace(fetches.begin(), fetches.end(), from, to);
}

Program import(const GraphState& graph, const Request& request, std::span<const Shape> fed) {
  return Importer(graph, request, fed).run();
}

}  // namespace twofold::graph
