// Graph, placeholder, scopes, effects: the public side of recording.
#include <algorithm>
#include <cstring>
#include <sstream>

#include "core/alias.h"
#include "core/apply.h"
#include "graph/builtin.h"
#include "graph/device.h"
#include "graph/state.h"
#include "twofold/ops.h"

namespace twofold {

using core::located;
using graph::GraphState;
using graph::Node;

struct ScopeState {
  std::shared_ptr<GraphState> graph;
  core::RecorderScope recorder;
  int before;

  explicit ScopeState(std::shared_ptr<GraphState> g)
      : graph(std::move(g)),
        recorder(graph.get()),
        before(std::exchange(graph->current_scope, graph->next_scope++)) {}
  ~ScopeState() { graph->current_scope = before; }
};

namespace {

GraphState& required_graph() {
  if (GraphState* g = graph::open_graph()) return *g;
  throw GraphError({.op = "",
                    .argument = "",
                    .got = "no open graph",
                    .expected = "a call inside Graph::build or Graph::Scope"});
}

Operation add_group(GraphState& g, std::vector<int> members, std::string_view name, const Location& at) {
  Node n;
  n.op = &graph::group_op;
  n.where = at;
  n.controls = std::move(members);
  const int id = g.append(std::move(n), name);
  return Operation(g.shared_from_this(), id);
}

}  // namespace

std::string Operation::name() const { return graph_ ? graph_->node(node_).name : ""; }

Graph::Graph() : state_(GraphState::make()) {}
Graph::Scope::Scope(const Graph& graph) : state_(std::make_unique<ScopeState>(graph.state())) {}
Graph::Scope::~Scope() = default;
void Graph::set_seed(std::uint64_t seed) { state_->set_seed(seed); }
int Graph::size() const { return static_cast<int>(state_->nodes().size()); }
void Graph::finalize() { state_->finalize(); }

std::string Graph::to_string() const {
  std::ostringstream out;
  for (const Node& n : state_->nodes()) {
    out << n.name << " = " << n.op->name << "(";
    for (std::size_t i = 0; i < n.inputs.size(); ++i) {
      const graph::Output from = n.inputs[i].from;
      out << (i ? ", " : "") << (from.node < 0 ? "none" : state_->node(from.node).name);
      if (from.index > 0) out << ":" << from.index;
    }
    for (int i = 0; i < n.attrs.size(); ++i)
      out << (i || !n.inputs.empty() ? ", " : "") << core::to_string(n.attrs[i]);
    out << ")";
    for (const core::Meta& m : n.outputs)
      out << " " << twofold::name_of(m.dtype) << twofold::to_string(m.shape);
    for (int c : n.controls) out << " ^" << state_->node(c).name;
    if (n.where) out << "  # " << twofold::to_string(n.where);
    out << "\n";
  }
  return out.str();
}

Tensor placeholder(Dtype dtype, const Shape& shape, std::string_view name, std::source_location at) {
  return located("placeholder", at, [&] {
    GraphState& g = required_graph();
    Node n;
    n.op = &graph::placeholder_op;
    n.where = core::inherited_location(at);
    n.outputs = {{dtype, shape}};
    const int id = g.append(std::move(n), name.empty() ? "placeholder" : name);
    return g.tensor({id, 0});
  });
}

Tensor declare(Dtype dtype, const Shape& shape) {
  if (!shape.known())
    throw ShapeError(
        {.op = "declare", .argument = "shape", .got = to_string(shape), .expected = "known dimensions"});
  Ref<core::Impl> impl = core::allocate_scalar(dtype);  // one zero, seen everywhere
  std::memset(impl->array.data, 0, size_of(dtype));
  impl->array.shape = shape;
  impl->array.strides.resize(shape.rank());
  impl->array.contiguous = is_contiguous(shape, impl->array.strides);
  impl->dense = impl->array.contiguous;
  impl->state = true;
  impl->declared = true;
  return core::handle(std::move(impl));
}

Tensor named(const Arg& x, std::string_view name) {
  return located("named", x.where(), [&] {
    GraphState* g = graph::open_graph();
    if (!g && !x.tensor().symbolic()) return x.tensor();
    if (!g) g = static_cast<GraphState*>(x.impl()->symbol->graph.get());
    const Tensor y = core::apply_one(core::find_op("identity"), {x.impl()}, {}, x.where());
    g->rename(y.impl()->symbol->node, name);
    return y;
  });
}

std::string name_of(const Tensor& tensor) {
  if (!tensor.symbolic()) return "";
  const core::Symbol& s = *tensor.impl()->symbol;
  return static_cast<const GraphState&>(*s.graph).node(s.node).name;
}

Operation collect(const std::function<void()>& effects, std::string_view name, std::source_location at) {
  return located("collect", at, [&] {
    GraphState* g = graph::open_graph();
    if (!g) return effects(), Operation();
    std::vector<int> members;
    std::vector<int>* outer = std::exchange(g->collector, &members);
    try {
      effects();
    } catch (...) {
      g->collector = outer;
      throw;
    }
    g->collector = outer;
    g->forget_values_written(members);
    const Operation done = add_group(*g, members, name, core::inherited_location(at));
    if (outer) outer->insert(outer->end(), members.begin(), members.end());
    return done;
  });
}

namespace {

// A declared variable may have no value yet: nothing reads it.
Operation assign_declared(GraphState& g, const Tensor& variable, const Arg& value) {
  return located("assign", value.where(), [&] {
    Tensor v = value.tensor().to(variable.dtype());
    if (!(v.shape() == variable.shape())) v = expand(v, variable.shape().dims());
    const Tensor in_graph = v.symbolic() ? v : g.capture(*v.impl(), core::inherited_location(value.where()));
    const int id = g.append_assign(*variable.impl(), in_graph, core::inherited_location(value.where()));
    g.forget_values_written({id});
    return Operation(g.shared_from_this(), id);
  });
}

}  // namespace

Operation assign(const Tensor& variable, const Arg& value) {
  core::LocationScope where(value.where());
  GraphState* g = graph::open_graph();
  if (g && variable.defined() && variable.impl()->declared) return assign_declared(*g, variable, value);
  return collect(
      [&] {
        NoGrad off;
        Tensor target = variable;
        target.copy_(value);
      },
      "assign");
}

Operation group(const std::vector<Operation>& operations, std::string_view name, std::source_location at) {
  return located("group", at, [&] {
    GraphState* g = graph::open_graph();
    if (!g) return Operation();
    std::vector<int> members;
    for (const Operation& o : operations)
      if (o.graph().get() == g)
        members.push_back(o.node());
      else
        throw GraphError({.op = "",
                          .argument = "operations",
                          .got = "an operation of another graph",
                          .expected = "operations of the open graph"});
    return add_group(*g, members, name, at);
  });
}

NameScope::NameScope(std::string_view name) {
  GraphState* g = graph::open_graph();
  if (!g) return;
  graph_ = g->shared_from_this();
  before_ = g->name_scope;
  g->name_scope = g->unique(name) + "/";
}
NameScope::~NameScope() {
  if (graph_) graph_->name_scope = before_;
}

DeviceScope::DeviceScope(std::string_view device, std::source_location at) {
  located("device", at, [&] {
    graph::check_device_name(device);
    GraphState* g = graph::open_graph();
    if (!g && !graph::device_is_present(device))
      throw StateError({.op = "device",
                        .argument = "name",
                        .got = "'" + std::string(device) + "'",
                        .expected = "a device of this machine: 'cpu:0'"});
    if (!g) return;
    graph_ = g->shared_from_this();
    before_ = std::exchange(g->device, std::string(device));
  });
}
DeviceScope::~DeviceScope() {
  if (graph_) graph_->device = before_;
}

std::string device_of(const Tensor& tensor) {
  if (!tensor.symbolic()) return "";
  const core::Symbol& s = *tensor.impl()->symbol;
  return static_cast<const GraphState&>(*s.graph).node(s.node).device;
}

ControlDependencies::ControlDependencies(const std::vector<Operation>& operations) {
  GraphState* g = graph::open_graph();
  if (!g) return;
  graph_ = g->shared_from_this();
  before_ = g->controls.size();
  for (const Operation& o : operations)
    if (o.graph().get() == g) g->controls.push_back(o.node());
}
ControlDependencies::~ControlDependencies() {
  if (graph_)
    graph_->controls.resize(std::min(before_, graph_->controls.size()));  // other threads have theirs
}

}  // namespace twofold
