#include "core/alias.h"

#include <algorithm>

#include "core/apply.h"
#include "core/record.h"
#include "core/recorder.h"
#include "kernels/index.h"

namespace twofold::core {
namespace {

[[noreturn]] void refuse_cut_off() {
  throw StateError({.op = "",
                    .argument = "",
                    .got = "a view of a tensor that was given other data (set_data) since",
                    .expected = "a view made anew"});
}

// The views from the one nearest to the root to the target itself.
std::vector<Impl*> views_to(Impl& target) {
  std::vector<Impl*> views;
  Impl* i = &target;
  for (; i->view; i = i->view->source.get()) views.push_back(i);
  if (i != &target.root()) refuse_cut_off();
  std::reverse(views.begin(), views.end());
  return views;
}

std::vector<ViewStep> steps_to(Impl& target) {
  std::vector<ViewStep> steps;
  for (Impl* view : views_to(target)) steps.push_back({view->view->op, view->view->attrs});
  return steps;
}

Attrs chain_attr(std::vector<ViewStep> steps) {
  return Attrs{Attr(std::shared_ptr<const Opaque>(std::make_shared<Opaque>(Opaque{std::move(steps)})))};
}

// Rows that repeat elements, by what they are and not by what they did: both modes refuse to write through
// them.
bool repeats(const Impl& target) {
  for (const Impl* i = &target; i->view; i = i->view->source.get())
    if (i->view->like || std::string_view(i->view->op->name) == "expand") return true;
  return false;
}
bool overlaps_itself(const Array& a) {
  for (int d = 0; d < a.rank(); ++d)
    if (a.strides[d] == 0 && a.shape[d] > 1) return true;
  return false;
}

const Op& overwrite_row() {
  static const Op& row = find_op("overwrite");
  return row;
}
const Op& identity_row() {
  static const Op& row = find_op("identity");
  return row;
}

[[noreturn]] void refuse(const char* op, const char* got, const char* expected) {
  throw StateError({.op = op, .argument = "", .got = got, .expected = expected});
}

void check_writable(Impl& target, const char* op) {
  const Impl& root = target.root();
  if (grad_enabled() && root.requires_grad && !root.record)
    refuse(op, target.view ? "a view of a leaf that requires a gradient" : "a leaf that requires a gradient",
           "a tensor that is not a leaf, or NoGrad, for an in-place operation");
  if (target.storage->read_only)
    refuse(op, "memory that is read-only", "memory that may be written to; clone() makes a copy");
  if (repeats(target) || (overlaps_itself(target.array) && !target.declared))
    refuse(op, "an expanded view", "elements with memory of their own for an in-place operation");
}

void bump(Storage& storage, const Location& where) {
  ++storage.version;
  storage.last_edit = where;
}

void copy_into(const Impl& value, Impl& target) {
  if (value.storage != target.storage) return copy(value.array, target.array);
  const Ref<Impl> apart = allocate(value.array.dtype, value.array.shape);  // source and target overlap
  copy(value.array, apart->array);
  copy(apart->array, target.array);
}

// The root's history becomes overwrite(root, value) through the views, or value's own where there are none.
// Without gradients the numbers change and the history does not, as PyTorch has it.
void rewrite_history(Impl& root, Impl& target, const Tensor& value, const Location& where, bool fresh) {
  if (!grad_enabled() || (!root.needs_grad() && !value.impl()->needs_grad())) return;
  const Tensor stand_in = handle(shallow_copy(root));
  if (target.view) {
    Impl* in[] = {&root, value.impl()};
    record_history(overwrite_row(), in, chain_attr(steps_to(target)), where, {&stand_in, 1});
  } else if (fresh && value.impl()->record) {
    stand_in.impl()->record = value.impl()->record;
    stand_in.impl()->output = value.impl()->output;
  } else if (value.impl()->needs_grad()) {
    Impl* in[] = {value.impl()};
    record_history(identity_row(), in, {}, where, {&stand_in, 1});
  }
  root.record = stand_in.impl()->record;
  root.output = stand_in.impl()->output;
  ++root.epoch;
}

void write_now(Impl& target, const Tensor& value, const char* op, const Location& where, bool fresh) {
  if (target.declared)
    refuse(op, "a variable that only sessions keep", "Session::tensor(), or an assignment in a graph");
  check_writable(target, op);
  copy_into(*value.impl(), target);
  bump(*target.storage, where);
  rewrite_history(target.root(), target, value, where, fresh);
}

// --- recording
// ----------------------------------------------------------------------------------------------

// The concrete target's stand-in in the graph, or the symbolic target itself.
Ref<Impl> symbolic_target(Recorder& graph, Impl& target, const char* op, const Location& where) {
  if (target.symbol) return Ref<Impl>(&target);
  if (target.view || !(target.state || target.requires_grad))
    throw GraphError({.op = op,
                      .argument = "",
                      .got = "an in-place edit of a concrete tensor while a graph is open",
                      .expected = "a parameter, a buffer or a tensor of the graph"});
  return Ref<Impl>(graph.capture(target, where).impl());
}

void check_recorded_target(Impl& target, Impl& root, const char* op) {
  if (root.symbol->cell) check_writable(*root.symbol->cell, op);
  if (repeats(target))
    refuse(op, "an expanded view", "elements with memory of their own for an in-place operation");
}

void write_recorded(Recorder& graph, Impl& target, const Tensor& value, const char* op, const Location& where,
                    bool fresh) {
  const Ref<Impl> held = symbolic_target(graph, target, op, where);
  Impl& root = held->root();
  check_recorded_target(*held, root, op);
  Impl* in[] = {&root, value.impl()};
  Tensor next = held->view ? apply_one(overwrite_row(), in, chain_attr(steps_to(*held)), where)
                           : apply_one(find_op("replace"), in, Attrs{Attr(fresh)}, where);
  if (!grad_enabled()) {  // new numbers, old history
    NoGrad on(false);
    next = apply_one(find_op("substitute"), {&root, next.impl()}, {}, where);
  }
  graph.wrote(root, next, where);
  if (grad_enabled()) ++root.lineage;
}

}  // namespace

namespace {

// A symbolic tensor's node as it was recorded, without being a view.
Ref<Impl> same_node(const Impl& impl) {
  Ref<Impl> copy = new_impl();
  copy->array = impl.array;
  copy->symbol = std::make_unique<Symbol>(*impl.symbol);
  return copy;
}

// Of a view whose source is up to date.
void derive_anew(Impl& impl) {
  const Impl& root = impl.root();
  NoGrad on(false);
  // Where the view itself lives, which need not be what is open: a body of control flow captures outer views.
  RecorderScope scope(impl.symbol ? impl.symbol->graph.get() : nullptr);
  const ViewLink& link = *impl.view;
  Impl* in[] = {link.source.get(), link.like.get()};
  Tensor fresh = apply_one(*link.op, {in, link.like ? 2u : 1u}, link.attrs, {});
  if (!impl.symbol && !(fresh.shape() == impl.array.shape && fresh.dtype() == impl.array.dtype))
    refuse_cut_off();
  if (impl.symbol &&
      impl.lineage == root.lineage) {  // only numbers were written: the history stays the view's own
    const Ref<Impl> before = same_node(impl);
    fresh = apply_one(find_op("substitute"), {before.get(), fresh.impl()}, {}, {});
  }
  if (impl.symbol) {
    impl.symbol->node = fresh.impl()->symbol->node;
    impl.symbol->output = fresh.impl()->symbol->output;
  }
  impl.record = fresh.impl()->record;
  impl.output = fresh.impl()->output;
  impl.epoch = root.epoch;
  impl.lineage = root.lineage;
}

}  // namespace

void refresh(Impl& impl) {
  for (Impl* view : views_to(impl))
    if (is_stale(*view)) derive_anew(*view);
}

Array follow(const Array& root, const std::vector<ViewStep>& steps) {
  Array a = root;
  for (const ViewStep& step : steps) {
    const Meta in[] = {{a.dtype, a.shape}};
    Array next;
    next.dtype = a.dtype;
    next.shape = infer(*step.op, in, step.attrs)[0].shape;
    step.op->view(a, next, step.attrs);
    next.contiguous = is_contiguous(next.shape, next.strides);
    a = next;
  }
  return a;
}

Tensor overwrite_view(const Tensor& base, const Tensor& value, const Op& view, const Attrs& attrs) {
  return apply_one(overwrite_row(), {base.impl(), value.impl()}, chain_attr({{&view, attrs}}), {});
}

void check_target(Impl& target, const char* op) {
  Impl& root = target.root();
  root.symbol ? check_recorded_target(target, root, op) : check_writable(target, op);
}

void write(Impl& target, const Tensor& value, const char* op, const Location& where, bool fresh) {
  refresh_if_stale(target);
  refresh_if_stale(*value.impl());
  Impl* in[] = {&target, value.impl()};
  if (Recorder* graph = recorder_for(in)) return write_recorded(*graph, target, value, op, where, fresh);
  write_now(target, value, op, where, fresh);
}

}  // namespace twofold::core
