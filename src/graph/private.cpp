#include "graph/private.h"

#include "graph/builtin.h"

namespace twofold::graph {
namespace {

Ref<Impl> empty_cell(const Impl& declared) {
  Ref<Impl> cell = core::allocate(declared.array.dtype, declared.array.shape);
  cell->state = true;
  cell->unset = true;
  cell->requires_grad = declared.requires_grad;
  return cell;
}

const Generator* per_session(const core::Attr& attr) {
  const auto* g = std::get_if<Generator>(&attr);
  return g && g->defined() && g->state().per_session ? g : nullptr;
}

}  // namespace

Ref<Impl> Private::cell(const Ref<Impl>& variable) {
  if (!variable->declared) return variable;
  std::lock_guard lock(mutex_);
  Cell& c = cells_[variable.get()];
  if (!c.own) c = {variable, empty_cell(*variable)};
  return c.own;
}

Generator Private::stream(const Generator& declared) {
  std::lock_guard lock(mutex_);
  for (const auto& [key, own] : streams_)
    if (key == declared) return own;
  return streams_.emplace_back(declared, declared.clone()).second;
}

Attrs Private::with_streams(const Attrs& attrs) {
  std::vector<core::Attr> values;
  bool changed = false;
  for (int i = 0; i < attrs.size(); ++i) {
    values.push_back(attrs[i]);
    if (const Generator* g = per_session(attrs[i])) values.back() = stream(*g), changed = true;
  }
  return changed ? Attrs(std::move(values)) : attrs;
}

void Private::replace(Program& program) {
  for (Step& s : program.steps) {
    if (s.op == &variable_op || s.op == &assign_op) s.value = cell(s.value);
    if (s.op->effect == core::Effect::random) s.attrs = with_streams(s.attrs);
  }
}

}  // namespace twofold::graph
