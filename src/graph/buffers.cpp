#include "graph/buffers.h"

#include <algorithm>

#include "graph/builtin.h"

namespace twofold::graph {
namespace {

constexpr std::size_t alignment = 64;
constexpr int for_ever = 1 << 30;

class Planner {
 public:
  Planner(const Program& program, bool reuse) : p_(program), reuse_(reuse) {
    layout_.buffers.resize(program.values.size());
    layout_.snapshot.resize(program.values.size());
  }

  Layout run() {
    for (std::size_t s = 0; s < p_.steps.size(); ++s)
      if (!p_.steps[s].dead) settle(p_.steps[s], static_cast<int>(s));
    extend_lifetimes();
    find_snapshots();
    give_fetches_memory();
    if (reuse_) forward_in_place();
    place();
    return std::move(layout_);
  }

 private:
  Buffer& at(ValueId v) { return layout_.buffers[static_cast<std::size_t>(v)]; }
  const Meta& meta(ValueId v) const { return p_.meta(v); }
  std::size_t bytes(ValueId v) const {
    const std::size_t n = static_cast<std::size_t>(meta(v).shape.numel()) * size_of(meta(v).dtype);
    return (std::max<std::size_t>(n, 1) + alignment - 1) / alignment * alignment;
  }

  Home home_of(const Step& step, ValueId v) const {
    if (step.op == &constant_op) return step.value->array.data ? Home::constant : Home::none;
    if (step.op == &placeholder_op) return Home::feed;
    if (step.op == &variable_op) return Home::variable;
    if (step.op->view) return Home::view;
    if (step.op->produce || !meta(v).shape.known()) return Home::dynamic;
    return Home::arena;
  }

  void settle(const Step& step, int position) {
    for (ValueId v : step.outputs) {
      Buffer& b = at(v);
      b.home = home_of(step, v);
      b.root = b.home == Home::view ? at(step.inputs[0]).root : v;
      b.first = b.last = position;
    }
  }

  void extend(ValueId v, int position) {
    Buffer& root = at(at(v).root);
    root.last = std::max(root.last, position);
  }

  void extend_lifetimes() {
    for (std::size_t s = 0; s < p_.steps.size(); ++s) {
      if (p_.steps[s].dead) continue;
      for (ValueId v : p_.steps[s].inputs)
        if (v >= 0) extend(v, static_cast<int>(s));
    }
    for (ValueId v : p_.fetches)
      if (v >= 0) extend(v, for_ever);
  }

  // A read aliases the variable's memory unless an assignment comes between it and a later use.
  void find_snapshots() {
    for (std::size_t s = 0; s < p_.steps.size(); ++s) {
      const Step& read = p_.steps[s];
      if (read.dead || read.op != &variable_op) continue;
      const ValueId v = read.outputs[0];
      for (std::size_t w = s + 1; w < p_.steps.size(); ++w) {
        const Step& write = p_.steps[w];
        const bool hits = !write.dead && write.op == &assign_op && write.value == read.value;
        if (!hits || at(v).last < static_cast<int>(w)) continue;
        // The assignment itself may read the old value: it copies from its operand before it is done.
        if (at(v).last == static_cast<int>(w) && at(write.inputs[0]).root != v) continue;
        layout_.snapshot[static_cast<std::size_t>(v)] = true;
        at(v).home = Home::arena;
        break;
      }
    }
  }

  void give_fetches_memory() {
    for (std::size_t i = 0; i < p_.fetches.size(); ++i) {
      const ValueId v = p_.fetches[i];
      const bool first = std::find(p_.fetches.begin(), p_.fetches.begin() + static_cast<std::ptrdiff_t>(i),
                                   v) == p_.fetches.begin() + static_cast<std::ptrdiff_t>(i);
      if (v >= 0 && first && at(v).home == Home::arena) at(v).home = Home::fetch;
    }
  }

  bool forwardable(const Step& step, int position, ValueId in, ValueId out) {
    const Buffer& b = at(in);
    if (b.home != Home::arena || b.last != position) return false;
    for (ValueId other : step.inputs)  // a view of the same memory would be overwritten while it is read
      if (other >= 0 && other != in && at(other).root == in) return false;
    return meta(in).dtype == meta(out).dtype && meta(in).shape == meta(out).shape;
  }

  // An elementwise result takes over the memory of an operand that dies with it.
  void forward_in_place() {
    for (std::size_t s = 0; s < p_.steps.size(); ++s) {
      const Step& step = p_.steps[s];
      if (step.dead || !step.op->lanes || at(step.outputs[0]).home != Home::arena) continue;
      for (ValueId v : step.inputs) {
        if (v < 0 || !forwardable(step, static_cast<int>(s), v, step.outputs[0])) continue;
        merge_memory(v, step.outputs[0]);
        break;
      }
    }
  }

  // `heir` lies where `v` lay; whatever looked through v's root now looks through the same memory for longer.
  void merge_memory(ValueId v, ValueId heir) {
    const ValueId owner = owner_of(v);
    heir_of_.resize(p_.values.size(), -1);
    heir_of_[static_cast<std::size_t>(heir)] = owner;
    at(owner).last = std::max(at(owner).last, at(heir).last);
    ++layout_.in_place;
  }
  ValueId owner_of(ValueId v) const {
    if (heir_of_.empty() || heir_of_[static_cast<std::size_t>(v)] < 0) return v;
    return heir_of_[static_cast<std::size_t>(v)];
  }

  void place() {
    std::vector<ValueId> owners;
    for (ValueId v = 0; v < static_cast<ValueId>(p_.values.size()); ++v) {
      if (at(v).home != Home::arena) continue;
      layout_.unplanned_bytes += bytes(v);
      if (owner_of(v) == v) owners.push_back(v);
    }
    if (reuse_)
      std::stable_sort(owners.begin(), owners.end(),
                       [&](ValueId a, ValueId b) { return bytes(a) > bytes(b); });
    std::vector<ValueId> placed;
    for (ValueId v : owners) place_one(v, placed);
    for (ValueId v = 0; v < static_cast<ValueId>(p_.values.size()); ++v)
      if (at(v).home == Home::arena) at(v).offset = at(owner_of(v)).offset;
  }

  // The lowest offset where no buffer of an overlapping lifetime lies ("greedy by size").
  void place_one(ValueId v, std::vector<ValueId>& placed) {
    std::vector<std::pair<std::size_t, std::size_t>> taken;
    for (ValueId o : placed)
      if (!reuse_ || (at(o).first <= at(v).last && at(v).first <= at(o).last))
        taken.push_back({at(o).offset, at(o).offset + bytes(o)});
    std::sort(taken.begin(), taken.end());
    std::size_t offset = 0;
    for (const auto& [begin, end] : taken) {
      if (offset + bytes(v) <= begin) break;
      offset = std::max(offset, end);
    }
    at(v).offset = offset;
    placed.push_back(v);
    layout_.arena_bytes = std::max(layout_.arena_bytes, offset + bytes(v));
  }

  const Program& p_;
  bool reuse_;
  Layout layout_;
  std::vector<ValueId> heir_of_;
};

}  // namespace

Layout plan_buffers(const Program& program, bool reuse) { return Planner(program, reuse).run(); }

}  // namespace twofold::graph
