#include "graph/state.h"

#include <cctype>

#include "core/apply.h"
#include "core/body.h"
#include "graph/builtin.h"
#include "kernels/index.h"

namespace twofold::graph {
namespace {

std::string lower(std::string s) {
  for (char& c : s) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return s;
}

Meta meta_of(const Impl& impl) { return {impl.array.dtype, impl.array.shape}; }

// The same elements in the same layout: what a strided tensor may or may not be viewed as must not change.
Ref<Impl> snapshot(const Impl& from) {
  const Array& a = from.array;
  if (a.contiguous) {
    Ref<Impl> copy_of = core::allocate(a.dtype, a.shape);
    copy(a, copy_of->array);
    return copy_of;
  }
  std::int64_t low = 0, high = 0;
  for (int d = 0; d < a.rank(); ++d)
    if (const std::int64_t reach = (a.shape[d] - 1) * a.strides[d]; a.shape[d] > 0)
      (reach < 0 ? low : high) += reach;
  Ref<Impl> out = core::allocate(a.dtype, Shape{high - low + 1});
  const auto size = static_cast<std::int64_t>(size_of(a.dtype));
  copy(contiguous_array(static_cast<char*>(a.data) + low * size, a.dtype, out->array.shape), out->array);
  void* first = static_cast<char*>(out->array.data) - low * size;
  out->array = a;
  out->array.data = first;
  out->dense = from.dense;
  return out;
}

[[noreturn]] void refuse_history(const Impl& impl) {
  (void)impl;
  throw GraphError({.op = "",
                    .argument = "",
                    .got = "a computed tensor that carries eager history",
                    .expected = "a leaf, a detached tensor or a tensor of the graph"});
}

}  // namespace

std::shared_ptr<GraphState> GraphState::make() {
  // The user's handles and the tensors own the graph separately: tensors keep its nodes alive, but what the
  // graph holds of tensors goes with the last handle, or the two would keep each other alive.
  auto* state = new GraphState;
  core::retain(static_cast<core::Recorder*>(state));
  return {state, [](GraphState* s) {
            s->drop_captures();
            core::drop(static_cast<core::Recorder*>(s));
          }};
}

GraphState::~GraphState() = default;

// TensorFlow's rule: the second "x" is "x_1", whatever the letters' case.
std::string GraphState::unique(std::string_view name) {
  const std::string full = name_scope + std::string(name);
  int number = names_[lower(full)]++;
  if (number == 0) return full;
  for (;; ++number) {
    const std::string next = full + "_" + std::to_string(number);
    if (names_.try_emplace(lower(next), 1).second) return next;
  }
}

int GraphState::append(Node node, std::string_view name) {
  if (final_)
    throw GraphError({.op = "",
                      .argument = "",
                      .got = "a new operation on a finalized graph",
                      .expected = "an open graph"});
  node.name = unique(name);
  node.controls.insert(node.controls.end(), controls.begin(), controls.end());
  node.scope = current_scope;
  node.gradient = grad_enabled();
  node.device = device;
  const int id = static_cast<int>(nodes_.size());
  for (std::size_t i = node.roots.size(); i < node.outputs.size(); ++i) {
    node.roots.push_back(static_cast<std::uint32_t>(roots_.size()));
    roots_.emplace_back();
  }
  for (std::uint32_t r : node.roots) node.versions.push_back(roots_[r].version);
  nodes_.push_back(std::move(node));
  return id;
}

Tensor GraphState::tensor(Output from) {
  const Node& n = node(from.node);
  const Meta& meta = n.outputs[static_cast<std::size_t>(from.index)];
  Ref<Impl> impl = core::new_impl();
  impl->array.dtype = meta.dtype;
  impl->array.shape = meta.shape;
  impl->symbol = std::make_unique<core::Symbol>();
  impl->symbol->graph = Ref<core::Recorder>(this);
  impl->symbol->node = from.node;
  impl->symbol->output = from.index;
  impl->symbol->root = n.roots[static_cast<std::size_t>(from.index)];
  return core::handle(std::move(impl));
}

Output GraphState::output_of(Impl& impl, const char* what) const {
  if (impl.symbol && impl.symbol->graph.get() == this) return {impl.symbol->node, impl.symbol->output};
  throw GraphError({.op = "",
                    .argument = what,
                    .got = impl.symbol ? "a tensor of another graph" : "a concrete tensor",
                    .expected = "a tensor of this graph"});
}

Read GraphState::read(Impl* impl, const Location& where) {
  if (!impl) return {};
  Tensor held;
  if (!impl->symbol || impl->symbol->graph.get() != this) {
    held = capture(*impl, where);
    impl = held.impl();
  }
  const core::Symbol& s = *impl->symbol;
  return {{s.node, s.output}, s.root, roots_[s.root].version};
}

Attrs GraphState::with_generators(const Op& op, const Attrs& attrs, const std::string& name) const {
  std::vector<core::Attr> values;
  bool changed = false;
  for (int i = 0; i < attrs.size(); ++i) {
    values.push_back(attrs[i]);
    if (op.sig.attr(i).kind != core::Kind::generator || attrs.generator(i).defined()) continue;
    values.back() = Generator(seed_, std::string_view(name));
    changed = true;
  }
  return changed ? Attrs(std::move(values)) : attrs;
}

Tensors GraphState::record(const Op& op, std::span<Impl* const> in, const Attrs& attrs,
                           const Location& where) {
  Node n;
  n.op = &op;
  n.where = where;
  std::vector<Meta> metas;
  for (Impl* impl : in) {
    n.inputs.push_back(read(impl, where));
    const Output from = n.inputs.back().from;
    metas.push_back(impl ? node(from.node).outputs[static_cast<std::size_t>(from.index)]
                         : Meta{bool_, {}, true});
  }
  n.outputs = core::infer(op, metas, attrs);
  if (op.view) n.roots.push_back(n.inputs[0].root);
  n.attrs = attrs;
  const std::string name = next_name.empty() ? op.name : std::exchange(next_name, {});
  const int id = append(std::move(n), name);
  if (op.effect == core::Effect::random) node(id).attrs = with_generators(op, attrs, node(id).name);
  Tensors out;
  for (int i = 0; i < static_cast<int>(node(id).outputs.size()); ++i) out.push_back(tensor({id, i}));
  return out;
}

// --- capturing
// ------------------------------------------------------------------------------------------------

Tensor GraphState::capture(Impl& impl, const Location& where) {
  const bool variable = impl.state || (impl.requires_grad && !impl.record);
  if (impl.symbol || (captures_outer() && !impl.literal)) return capture_outer(impl, where);
  if (variable) return capture_variable(impl, where);
  if (impl.record && grad_enabled()) refuse_history(impl);
  return capture_constant(impl, where);
}

Tensor GraphState::capture_outer(Impl&, const Location&) {
  throw GraphError(
      {.op = "", .argument = "", .got = "a tensor of another graph", .expected = "tensors of one graph"});
}

int GraphState::append_read(Impl& cell, const Location& where) {
  Node n;
  n.op = &variable_op;
  n.where = where;
  n.outputs = {meta_of(cell)};
  n.value = Ref<Impl>(&cell);
  return append(std::move(n), "variable");
}

Tensor GraphState::capture_variable(Impl& cell, const Location& where) {
  auto [at, fresh] = captured_.try_emplace(&cell);
  Captured& c = at->second;
  if (fresh || c.stale) {
    const int id = append_read(cell, where);
    c.reads.push_back(id);
    c.stale = false;
    if (fresh) {
      c.original = Ref<Impl>(&cell);
      c.root = Ref<Impl>(tensor({id, 0}).impl());
      c.root->symbol->cell = c.original;
      c.root->dense = cell.dense || cell.declared;
    } else {
      c.root->symbol->node = id;
      c.root->symbol->output = 0;
      ++c.root->epoch;
    }
  }
  return Tensor(c.root);
}

Tensor GraphState::capture_constant(Impl& value, const Location& where) {
  auto [at, fresh] = captured_.try_emplace(&value);
  Captured& c = at->second;
  if (fresh || c.version != value.storage->version) {
    Node n;
    n.op = &constant_op;
    n.where = where;
    n.outputs = {meta_of(value)};
    n.value = snapshot(value);
    const int id = append(std::move(n), "constant");
    c.original = Ref<Impl>(&value);
    c.root = Ref<Impl>(tensor({id, 0}).impl());
    c.root->dense = value.dense;
    c.version = value.storage->version;
  }
  return Tensor(c.root);
}

const std::vector<int>* GraphState::reads_of(const Impl& cell) const {
  const auto at = captured_.find(&cell);
  return at == captured_.end() ? nullptr : &at->second.reads;
}

// --- effects
// --------------------------------------------------------------------------------------------------

int GraphState::append_assign(Impl& cell, const Tensor& value, const Location& where) {
  Node n;
  n.op = &assign_op;
  n.where = where;
  n.inputs = {{output_of(*value.impl(), "value"), value.impl()->symbol->root, 0}};
  n.value = Ref<Impl>(&cell);
  return append(std::move(n), "assign");
}

void GraphState::wrote(Impl& root, const Tensor& value, const Location& where) {
  core::Symbol& s = *root.symbol;
  (void)output_of(root, "target");
  const Output written = output_of(*value.impl(), "value");
  if (s.cell) {
    const int id = append_assign(*s.cell, value, where);
    node(id).automatic = collector == nullptr;
    if (collector) collector->push_back(id);
  }
  s.node = written.node;
  s.output = written.index;
  ++root.epoch;
  ++roots_[s.root].version;
  roots_[s.root].last_edit = where;
}

// A read that waits for something is nobody else's.
Tensor GraphState::read_now(Impl& cell, const Location& where) {
  if (!controls.empty()) forget_value(cell);
  const int id = capture(cell, where).impl()->symbol->node;
  if (!controls.empty()) forget_value(cell);
  return tensor({id, 0});
}

Tensors GraphState::assign_before(const Tensors& results, const Tensors& variables, const Tensors& values,
                                  const Location& where) {
  const std::size_t before = controls.size();
  for (std::size_t i = 0; i < variables.size(); ++i) {
    controls.push_back(append_assign(*variables[i].impl(), values[i], where));
    forget_value(*variables[i].impl());
  }
  Tensors out;
  for (const Tensor& t : results)
    out.push_back(core::apply_one(core::find_op("identity"), {t.impl()}, {}, where));
  controls.resize(before);
  return out;
}

void GraphState::forget_values_written(const std::vector<int>& assignments) {
  for (int id : assignments) forget_value(*node(id).value);
}

void GraphState::forget_value(const Impl& cell) {
  if (const auto at = captured_.find(&cell); at != captured_.end()) at->second.stale = true;
}

void GraphState::drop_captures() {
  captured_.clear(), hooks_.clear(), collections.clear();
  let_go_of_functions();
}

void GraphState::let_go_of_functions() {
  for (Node& n : nodes_) {
    std::vector<core::Attr> left;
    for (int i = 0; i < n.attrs.size(); ++i) {
      left.push_back(n.attrs[i]);
      if (auto* function = std::get_if<std::shared_ptr<core::Custom>>(&left.back())) function->reset();
      if (const auto* body = std::get_if<std::shared_ptr<core::Body>>(&left.back()))
        (*body)->let_go_of_functions();
    }
    if (n.op->name == std::string_view("custom")) n.attrs = Attrs(std::move(left));
  }
}

Output GraphState::origin(Output o) const {
  static const Op &substitute = core::find_op("substitute"), &replace = core::find_op("replace");
  for (;;) {
    const Node& n = node(o.node);
    if (n.op == &substitute)
      o = n.inputs[0].from;
    else if (n.op == &replace && n.gradient && std::get<bool>(n.attrs[0]))
      o = n.inputs[1].from;
    else
      return o;
  }
}

std::shared_ptr<core::Hooks>& GraphState::hooks(std::int32_t id) {
  const int made = origin({id, 0}).node;
  const Node& n = node(made);
  return n.op == &variable_op ? n.value->hooks : hooks_[made];
}

Tensor GraphState::through_hooks(Output o, Tensor gradient) const {
  const Node& n = node(o.node);
  if (n.op == &variable_op)
    return n.value->hooks ? core::through_hooks(*n.value->hooks, 0, gradient) : gradient;
  const auto at = hooks_.find(o.node);
  return at == hooks_.end() || !at->second ? gradient : core::through_hooks(*at->second, o.index, gradient);
}

void GraphState::copy_nodes(const GraphState& from) {
  nodes_ = from.nodes_;
  roots_ = from.roots_;
  names_ = from.names_;
  hooks_ = from.hooks_;
}

GraphState* open_graph() { return static_cast<GraphState*>(core::open_recorder()); }

}  // namespace twofold::graph
