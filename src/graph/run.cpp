// Running a plan.
#include "core/apply.h"
#include "graph/builtin.h"
#include "graph/plan.h"
#include "kernels/index.h"

namespace twofold::graph {
namespace {

Ref<Impl> packed(const Array& a) {
  Ref<Impl> out = core::allocate(a.dtype, a.shape);
  copy(a, out->array);
  return out;
}

// A tensor that looks at memory which the plan owns for the length of a call.
Tensor borrowed(const Array& a) {
  Ref<Impl> impl = core::new_impl();
  impl->array = a;
  impl->storage = core::borrow_storage(a.data, 0);
  impl->dense = a.contiguous;
  return core::handle(std::move(impl));
}

// The program was planned for results of as many dimensions as it promised.
void check_rank(int promised, const Shape& found) {
  if (promised >= 0 && found.rank() != promised)
    throw ShapeError({.op = "host",
                      .argument = "function",
                      .got = "a result of shape " + to_string(found),
                      .expected = std::to_string(promised) + " dimensions"});
}

[[noreturn]] void refuse_unset() {
  throw StateError({.op = "variable",
                    .argument = "",
                    .got = "a variable without a value",
                    .expected = "its initialiser to have run"});
}

bool fits(const Impl& cell, const Array& value) {
  return value.shape == cell.array.shape && value.dtype == cell.array.dtype;
}

// By what a host function did since the run began.
[[noreturn]] void refuse_changed(const Impl& cell, const Array& planned) {
  throw StateError(
      {.op = "variable",
       .argument = "",
       .got = std::string(name_of(cell.array.dtype)) + to_string(cell.array.shape) + " in mid-run",
       .expected = std::string(name_of(planned.dtype)) + to_string(planned.shape)});
}

void assign(const Array& value, Impl& cell, const Location& where) {
  if (!fits(cell, value))
    throw ShapeError({.op = "assign",
                      .argument = "value",
                      .got = std::string(name_of(value.dtype)) + to_string(value.shape),
                      .expected = "the variable's " + std::string(name_of(cell.array.dtype)) +
                                  to_string(cell.array.shape)});
  if (cell.storage->read_only)
    throw StateError({.op = "assign",
                      .argument = "",
                      .got = "memory that is read-only",
                      .expected = "memory that may be written to; clone() makes a copy"});
  copy(value, cell.array);
  cell.unset = false;
  ++cell.storage->version;
  cell.storage->last_edit = where;
}

}  // namespace

void Plan::hold(const Impl& impl) {
  if (calls_out_) held_.push_back(impl.storage);
}

void Plan::bind_feeds(std::span<Impl* const> values) {
  for (std::size_t k = 0; k < feeds_.size(); ++k) {
    if (feeds_[k] < 0) continue;
    hold(*values[k]);
    const Array& fed = values[k]->array;
    if (fed.contiguous) {
      array(feeds_[k]).data = fed.data;
    } else {
      packed_.push_back(core::handle(packed(fed)));
      array(feeds_[k]).data = packed_.back().impl()->array.data;
    }
  }
}

void Plan::bind_fetches(Tensors& fetched) {
  fetched.assign(fetches_.size(), Tensor());
  for (std::size_t k = 0; k < fetches_.size(); ++k) {
    const ValueId v = fetches_[k];
    if (v < 0 || homes_[static_cast<std::size_t>(v)] != Home::fetch) continue;
    bool again = false;
    for (std::size_t j = 0; j < k; ++j) again |= fetches_[j] == v;
    if (again) continue;
    fetched[k] = core::handle(core::allocate(array(v).dtype, array(v).shape));
    array(v).data = fetched[k].impl()->array.data;
  }
}

void Plan::run(std::span<Impl* const> values, Tensors& fetched) {
  bind_feeds(values);
  bind_fetches(fetched);
  Instruction* current = nullptr;
  try {
    for (Instruction& i : instructions_) execute(*(current = &i));
  } catch (Error& e) {
    e.locate(current->op->name, current->where);
    let_go();
    throw;
  }
  collect(fetched);
}

void Plan::execute(Instruction& i) {
  switch (i.action) {
    case Action::flat:
      return run_flat(i);
    case Action::kernel:
      return core::run_kernel({*i.op, i.in, i.out, i.attrs});
    case Action::view:
      i.out[0]->strides = {};
      i.op->view(*i.in[0], *i.out[0], i.attrs);
      i.out[0]->contiguous = is_contiguous(i.out[0]->shape, i.out[0]->strides);
      return;
    case Action::variable: {
      if (i.cell->unset) refuse_unset();
      if (!fits(*i.cell, *i.out[0])) refuse_changed(*i.cell, *i.out[0]);
      hold(*i.cell);
      if (i.snapshot) return copy(i.cell->array, *i.out[0]);
      if (!i.cell->array.contiguous) packed_.push_back(core::handle(packed(i.cell->array)));
      i.out[0]->data = i.cell->array.contiguous ? i.cell->array.data : packed_.back().impl()->array.data;
      return;
    }
    case Action::assign:
      return assign(*i.in[0], *i.cell, i.where);
    case Action::dynamic:
      return run_dynamic(i);
  }
}

void Plan::run_flat(Instruction& i) {
  for (std::size_t k = 0; k < i.in.size(); ++k)
    if (i.in[k]) i.operands[k].data = i.in[k]->data;
  const Array& out = *i.out[0];
  if (i.count > 0)
    lanes::run(*i.executable, i.operands, i.uniforms,
               {out.data, static_cast<std::int64_t>(size_of(out.dtype))}, i.count);
}

void Plan::run_dynamic(Instruction& i) {
  std::vector<Meta> metas;
  for (const Array* a : i.in) metas.push_back(a ? Meta{a->dtype, a->shape} : Meta{bool_, {}, true});
  const core::Metas out = core::infer(*i.op, metas, i.attrs);
  if (i.op->produce) {
    Tensors in;
    for (const Array* a : i.in) in.push_back(a ? borrowed(*a) : Tensor());
    return keep_produced(i, i.op->produce({*i.op, in, i.attrs, i.wanted}));
  }
  if (i.op->view) {
    i.out[0]->shape = out[0].shape;
    i.out[0]->strides = {};
    i.op->view(*i.in[0], *i.out[0], i.attrs);
    i.out[0]->contiguous = is_contiguous(i.out[0]->shape, i.out[0]->strides);
    return;
  }
  for (std::size_t k = 0; k < out.size(); ++k) {
    if (homes_[static_cast<std::size_t>(i.out_values[k])] != Home::dynamic) continue;
    Tensor& owner = dynamic_[static_cast<std::size_t>(i.out_values[k])];
    owner = core::handle(core::allocate(out[k].dtype, out[k].shape));
    *i.out[k] = owner.impl()->array;
  }
  core::run_kernel({*i.op, i.in, i.out, i.attrs});
}

void Plan::keep_produced(Instruction& i, Tensors made) {
  for (std::size_t k = 0; k < made.size(); ++k) {
    if (!made[k].defined()) continue;
    const Impl& impl = *made[k].impl();
    if (!i.ranks.empty()) check_rank(i.ranks[k], impl.array.shape);
    // What it merely hands on belongs to the plan: later steps may write there.
    const bool ours = impl.array.contiguous && !impl.storage->borrowed;
    Tensor& owner = dynamic_[static_cast<std::size_t>(i.out_values[k])];
    owner = ours ? made[k] : core::handle(packed(impl.array));
    *i.out[k] = owner.impl()->array;
  }
}

void Plan::collect(Tensors& fetched) {
  for (std::size_t k = 0; k < fetches_.size(); ++k)
    if (fetches_[k] >= 0 && !fetched[k].defined()) fetched[k] = core::handle(packed(array(fetches_[k])));
  let_go();
}

void Plan::let_go() {
  for (Tensor& t : dynamic_) t = Tensor();
  packed_.clear(), held_.clear();
}

}  // namespace twofold::graph
