// backward() and grad(): the tape walked backwards, on the calling thread.
//
// Records are visited in the reverse of their creation order, and each record's gradients reach its inputs in
// the order of its operands: that fixes the order in which gradients add up, and graph mode follows the same.

#include <algorithm>
#include <unordered_map>

#include "base/interrupt.h"
#include "core/alias.h"
#include "core/apply.h"
#include "core/derive.h"
#include "core/record.h"
#include "core/recorder.h"
#include "kernels/index.h"
#include "twofold/ops.h"

namespace twofold::eager {
namespace {

using core::Edge;
using core::Impl;
using core::Meta;
using core::Record;
using core::Saved;

[[noreturn]] void already_released(const Record& r) {
  throw StateError(
      {.op = "backward",
       .argument = "",
       .got = "a second walk through '" + std::string(r.op->name) + "' (" + to_string(r.where) + ")",
       .expected = "retain_graph = true the first time"});
}

// "f32[2], output 0 of 'exp', is at version 1, was at 0": `maker` is null for what the user made.
std::string versions(const Saved& saved, const Record* maker, int output) {
  const Impl& value = *saved.value;
  const std::string made =
      maker ? ", output " + std::to_string(output) + " of '" + maker->op->name + "'," : std::string();
  return std::string(name_of(value.array.dtype)) + to_string(value.array.shape) + made + " is at version " +
         std::to_string(value.storage->version) + ", was at " + std::to_string(saved.version);
}

[[noreturn]] void edited(const Record& r, const Saved& saved, const Record* maker, int output) {
  const Impl& value = *saved.value;
  throw StateError({.op = "backward",
                    .argument = "",
                    .got = "a value that '" + std::string(r.op->name) + "' (" + to_string(r.where) +
                           ") needs, edited in place since (" + to_string(value.storage->last_edit) + ")",
                    .expected = "the value unchanged until backward()",
                    .note = versions(saved, maker, output)});
}

// A record seen through the eyes of a derivative rule.
class RecordVjp final : public core::Vjp {
 public:
  RecordVjp(const Ref<Record>& record, const SmallVector<Tensor, 1>& gradients,
            const SmallVector<bool, 4>& needed, bool create_graph)
      : record_(record), gradients_(gradients), needed_(needed), create_graph_(create_graph) {}

  Tensor x(int i) override {
    const Edge& e = record_->edges[static_cast<std::size_t>(i)];
    return unpack(record_->saved_input(i), e.record, e.output, e.leaf);
  }
  Tensor y(int i) override { return unpack(record_->saved_output(i), record_, i, nullptr); }
  Tensor like(int i) override { return core::shape_only(record_->input_meta(i)); }
  Tensor g(int i) override {
    const auto k = static_cast<std::size_t>(i);
    return k < gradients_.size() ? gradients_[k] : Tensor();
  }
  bool needs(int i) const override { return needed_[static_cast<std::size_t>(i)]; }
  int inputs() const override { return static_cast<int>(record_->edges.size()); }
  const core::Attrs& attrs() const override { return record_->attrs; }

 private:
  // A kept value; with its history again when the derivative itself is to be differentiated.
  Tensor unpack(const Saved* saved, const Ref<Record>& history, int output, const Ref<Impl>& leaf) const {
    if (!saved)
      throw InternalError({.op = record_->op->name,
                           .argument = "",
                           .got = "a value that the row does not save",
                           .expected = "one that it names in saves"});
    if (saved->value->storage->version != saved->version) edited(*record_, *saved, history.get(), output);
    if (!create_graph_) return Tensor(saved->value);
    if (leaf) return Tensor(leaf);
    if (!history) return Tensor(saved->value);
    Ref<Impl> with_history = core::shallow_copy(*saved->value);
    with_history->record = history;
    with_history->output = output;
    return Tensor(std::move(with_history));
  }

  const Ref<Record>& record_;
  const SmallVector<Tensor, 1>& gradients_;
  const SmallVector<bool, 4>& needed_;
  bool create_graph_;
};

class Walk {
 public:
  Walk(bool retain, bool create) : retain_(retain || create), create_(create) {}

  // Gradients asked for by grad(): kept here instead of in leaves.
  void want(const Tensor& input) { wanted_.push_back({core::edge_of(*input.impl()), {}}), exclusive_ = true; }
  const Tensor& result(std::size_t i) const { return wanted_[i].gradient; }

  void arrive(const Edge& edge, const Tensor& gradient) {
    if (gradient.impl()->symbol) no_value();  // given by the user, a hook or a custom function
    for (Wanted& w : wanted_)
      if (same(w.edge, edge)) w.gradient = core::accumulate(w.gradient, gradient);
    if (edge.record && exclusive_ && !edge.record->hooks && !leads_[edge.record.get()]) return;
    if (edge.record) return queue(edge, gradient);
    if (!edge.leaf) return;
    if (edge.leaf->hooks && !edge.leaf->hooks->empty()) return wait_for_all(edge, gradient);
    if (!exclusive_) accumulate_leaf(*edge.leaf, gradient);
  }

  // grad() walks only what leads from the outputs to an input: the rest may be released or edited.
  void find_paths(const Tensors& outputs) {
    std::vector<Record*> found;
    auto visit = [&](const Edge& e) {
      if (e.record && leads_.try_emplace(e.record.get(), false).second) found.push_back(e.record.get());
    };
    for (const Tensor& t : outputs) visit(core::edge_of(*t.impl()));
    for (std::size_t i = 0; i < found.size(); ++i)
      for (const Edge& e : found[i]->edges) visit(e);
    std::ranges::sort(found, {}, &Record::order);
    for (Record* r : found)
      for (const Edge& e : r->edges)
        if (asked(e) || (e.record && leads_[e.record.get()])) leads_[r] = true;
  }

  void run() {
    for (std::uint32_t steps = 1; !pending_.empty(); ++steps) {
      if (steps % 1024 == 0) check_interrupt();
      Pending newest = std::move(pending_.back());
      pending_.pop_back();
      if (newest.record->hooks) run_hooks(*newest.record, newest.gradients);
      step(newest.record, newest.gradients);
    }
    for (Wanted& w : hooked_) {
      const Tensor total = core::through_hooks(*w.edge.leaf->hooks, 0, w.gradient);
      if (exclusive_)
        replace_wanted(w.edge, total);
      else
        accumulate_leaf(*w.edge.leaf, total);
    }
  }

 private:
  struct Pending {
    Ref<Record> record;
    SmallVector<Tensor, 1> gradients;
  };
  struct Wanted {
    Edge edge;
    Tensor gradient;
  };
  // A hook on a leaf sees the sum of all that arrives.
  void wait_for_all(const Edge& edge, const Tensor& gradient) {
    for (Wanted& w : hooked_)
      if (same(w.edge, edge)) return void(w.gradient = core::accumulate(w.gradient, gradient));
    hooked_.push_back({edge, gradient});
  }

  void replace_wanted(const Edge& edge, const Tensor& gradient) {
    for (Wanted& w : wanted_)
      if (same(w.edge, edge)) w.gradient = gradient;
  }

  // The gradients of a step's outputs are complete when its turn comes.
  void run_hooks(Record& record, SmallVector<Tensor, 1>& gradients) {
    for (std::size_t k = 0; k < gradients.size(); ++k) {
      if (!gradients[k].defined()) continue;
      const auto output = static_cast<std::int32_t>(k);
      gradients[k] = core::through_hooks(*record.hooks, output, gradients[k]);
      replace_wanted({Ref<Record>(&record), {}, output}, gradients[k]);
    }
  }

  // Does anybody want the gradient that arrives here: what was asked for, what leads to it, a hook?
  bool leads(const Edge& e) {
    if (!exclusive_ || !e.needed()) return e.needed();
    const auto& hooks = e.record ? e.record->hooks : e.leaf->hooks;
    return hooks || asked(e) || (e.record && leads_[e.record.get()]);
  }

  bool asked(const Edge& e) const {
    return std::ranges::any_of(wanted_, [&](const Wanted& w) { return same(w.edge, e); });
  }
  static bool same(const Edge& a, const Edge& b) {
    return a.record == b.record && a.leaf == b.leaf && a.output == b.output && a.needed();
  }

  // The records that gradients have reached, oldest first; few at a time, since a graph is mostly a chain.
  void queue(const Edge& edge, const Tensor& gradient) {
    auto at = pending_.end();
    while (at != pending_.begin() && (at - 1)->record->order >= edge.record->order) --at;
    if (at == pending_.end() || at->record != edge.record) at = pending_.insert(at, Pending{edge.record, {}});
    const auto k = static_cast<std::size_t>(edge.output);
    if (at->gradients.size() <= k) at->gradients.resize(k + 1);
    at->gradients[k] = core::accumulate(at->gradients[k], gradient);
  }

  [[noreturn]] static void no_value() {
    throw StateError({.op = "backward",
                      .argument = "gradient",
                      .got = "a tensor of a graph, which has no value yet",
                      .expected = "a concrete tensor (gradients() differentiates a graph)"});
  }

  // The leaf owns its gradient: it must not be a tensor, or share storage, that anybody else holds.
  static bool owned_alone(const Impl& t) {
    return t.references == 2 && t.storage->references == 1 && t.array.contiguous;
  }

  void accumulate_leaf(Impl& leaf, const Tensor& gradient) {
    const Tensor total = core::accumulate(Tensor(leaf.grad), gradient);
    leaf.grad = Ref<Impl>((create_ || owned_alone(*total.impl()) ? total : identity(total)).impl());
  }

  void step(const Ref<Record>& record, const SmallVector<Tensor, 1>& gradients) {
    if (record->released) already_released(*record);
    core::LocationScope where(record->where);
    core::Metas metas;
    SmallVector<bool, 4> needed;
    for (std::size_t i = 0; i < record->edges.size(); ++i) {
      metas.push_back(record->input_meta(static_cast<int>(i)));
      needed.push_back(leads(record->edges[i]));
    }
    RecordVjp vjp(record, gradients, needed, create_);
    const Tensors out = located(*record, vjp, metas);
    for (std::size_t i = 0; i < out.size(); ++i)
      if (out[i].defined() && needed[i]) arrive(record->edges[i], out[i]);
    if (retain_) return;
    if (!record->saved.empty()) record->released = true;
    record->saved.clear();
  }

  static Tensors located(const Record& record, RecordVjp& vjp, const core::Metas& metas) {
    try {
      return core::derive(*record.op, vjp, {metas.data(), metas.size()});
    } catch (Error& e) {
      e.locate(record.op->name, record.where);
      throw;
    }
  }

  bool retain_, create_, exclusive_ = false;
  std::vector<Wanted> wanted_, hooked_;
  std::unordered_map<Record*, bool> leads_;
  std::vector<Pending> pending_;
};

// Made without an operation: every backward() begins with it.
Tensor one_like(const Impl& output) {
  Ref<Impl> out = core::allocate(output.array.dtype, output.array.shape);
  set_number(out->array, 1.0);
  return Tensor(std::move(out));
}

Tensor starting_gradient(const Tensor& output, const Tensor& given) {
  if (!output.requires_grad())
    throw StateError({.op = "backward",
                      .argument = "",
                      .got = "a tensor without history that requires no gradient",
                      .expected = "one that depends on a tensor which requires a gradient"});
  if (!given.defined()) {
    if (output.numel() != 1)
      throw ValueError({.op = "backward",
                        .argument = "gradient",
                        .got = "none for shape " + to_string(output.shape()),
                        .expected = "a gradient, unless the output has one element"});
    return one_like(*output.impl());
  }
  if (!(given.shape() == output.shape()))
    throw ShapeError({.op = "backward",
                      .argument = "gradient",
                      .got = to_string(given.shape()),
                      .expected = "the output's shape " + to_string(output.shape())});
  if (given.dtype() != output.dtype())
    throw DtypeError({.op = "backward",
                      .argument = "gradient",
                      .got = std::string(name_of(given.dtype())),
                      .expected = std::string(name_of(output.dtype()))});
  return given;
}

void start(Walk& walk, std::span<const Tensor> outputs, std::span<const Tensor> gradients) {
  SmallVector<Tensor, 2> begin;
  for (std::size_t i = 0; i < outputs.size(); ++i)
    begin.push_back(starting_gradient(outputs[i], i < gradients.size() ? gradients[i] : Tensor()));
  for (const Tensor& t : outputs) core::refresh_if_stale(*t.impl());
  for (std::size_t i = 0; i < outputs.size(); ++i) walk.arrive(core::edge_of(*outputs[i].impl()), begin[i]);
}

void check_all(std::span<const Tensor> tensors, const char* argument) {
  for (const Tensor& t : tensors)
    if (!t.defined() || t.symbolic())
      throw StateError({.op = "grad",
                        .argument = argument,
                        .got = "a tensor without a value",
                        .expected = "concrete tensors (gradients() differentiates a graph)"});
}

}  // namespace

Tensors grad(const Tensors& outputs, const Tensors& inputs, const GradOptions& options) {
  check_all(outputs, "outputs");
  check_all(inputs, "inputs");
  core::RecorderScope closed(nullptr);
  NoGrad mode(!options.create_graph);
  Walk walk(options.retain_graph, options.create_graph);
  for (const Tensor& x : inputs) {
    if (!x.requires_grad())
      throw StateError({.op = "grad",
                        .argument = "inputs",
                        .got = "a tensor that requires no gradient",
                        .expected = "tensors that require one"});
    core::refresh_if_stale(*x.impl());
    walk.want(x);
  }
  for (const Tensor& y : outputs) core::refresh_if_stale(*y.impl());
  walk.find_paths(outputs);
  start(walk, outputs, options.grad_outputs);
  walk.run();
  Tensors out;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!walk.result(i).defined() && !options.allow_unused)
      throw ValueError({.op = "grad",
                        .argument = "inputs",
                        .got = "input " + std::to_string(i) + ", on which the outputs do not depend",
                        .expected = "a dependence, or allow_unused"});
    out.push_back(walk.result(i));
  }
  return out;
}

void backward(const Tensor& output, const Tensor& gradient, bool retain, bool create) {
  const std::span outputs(&output, 1);
  check_all(outputs, "outputs");
  core::RecorderScope closed(nullptr);
  NoGrad mode(!create);
  Walk walk(retain, create);
  start(walk, outputs, {&gradient, 1});
  walk.run();
}

}  // namespace twofold::eager

namespace twofold {

void Tensor::backward(const Tensor& gradient, bool retain_graph, bool create_graph,
                      std::source_location at) const {
  core::located("backward", at, [&] { eager::backward(*this, gradient, retain_graph, create_graph); });
}

Tensors grad(const Tensors& outputs, const Tensors& inputs, const GradOptions& options,
             std::source_location at) {
  return core::located("grad", at, [&] { return eager::grad(outputs, inputs, options); });
}

}  // namespace twofold
