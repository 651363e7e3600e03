#include "graph/plan.h"
#include "core/custom.h"

#include "base/memory.h"
#include "graph/builtin.h"

namespace twofold::graph {
namespace {

std::int64_t element(const Array& a) { return static_cast<std::int64_t>(size_of(a.dtype)); }

bool single_or_same(const Array& a, std::int64_t n) {
  return a.contiguous && (a.numel() == n || a.numel() == 1);
}

bool is_read(const Program& p, ValueId v) {
  bool read = std::find(p.fetches.begin(), p.fetches.end(), v) != p.fetches.end();
  for (const Step& s : p.steps)
    read |= !s.dead && std::find(s.inputs.begin(), s.inputs.end(), v) != s.inputs.end();
  return read;
}

// How many outputs there are up to the last one that is read.
int read_outputs(const Program& p, const Step& step) {
  int n = static_cast<int>(step.outputs.size());
  while (n > 0 && !is_read(p, step.outputs[static_cast<std::size_t>(n - 1)])) --n;
  return n;
}

}  // namespace

Plan::Plan(Program program, bool reuse) {
  const Layout layout = plan_buffers(program, reuse);
  arena_bytes_ = layout.arena_bytes;
  if (arena_bytes_ > 0) arena_ = acquire(arena_bytes_);
  build(program, layout);
  stats_ = program.stats;
  stats_.instructions = static_cast<std::int64_t>(instructions_.size());
  stats_.in_place = layout.in_place;
  stats_.peak_bytes = static_cast<std::int64_t>(layout.arena_bytes);
  stats_.unplanned_bytes = static_cast<std::int64_t>(layout.unplanned_bytes);
}

Plan::~Plan() {
  if (arena_) release(arena_, arena_bytes_);
}

void Plan::build(const Program& program, const Layout& layout) {
  const std::size_t n = program.values.size();
  arrays_.resize(n);
  dynamic_.resize(n);
  for (std::size_t v = 0; v < n; ++v) {
    const Meta& meta = program.values[v].meta;
    const Buffer& b = layout.buffers[v];
    metas_.push_back(meta);
    homes_.push_back(b.home);
    if (meta.shape.known())
      arrays_[v] = contiguous_array(nullptr, meta.dtype, meta.shape);
    else
      arrays_[v].dtype = meta.dtype;
    if (b.home == Home::arena) arrays_[v].data = static_cast<char*>(arena_) + b.offset;
  }
  fetches_ = program.fetches;
  feeds_ = program.feeds;
  for (const Step& step : program.steps)
    if (!step.dead) add_instruction(program, layout, step);
}

void Plan::add_instruction(const Program& program, const Layout& layout, const Step& step) {
  if (step.op == &constant_op) {
    array(step.outputs[0]) = step.value->array;
    return constants_.push_back(step.value);
  }
  if (step.op == &group_op) return;
  if (step.op == &placeholder_op) return;
  Instruction i;
  i.op = step.op;
  i.attrs = step.attrs;
  i.where = step.where;
  i.cell = step.value;
  bool known = true;
  for (ValueId v : step.inputs) {
    i.in.push_back(v < 0 ? nullptr : &array(v));
    known &= v < 0 || program.meta(v).shape.known();
  }
  for (ValueId v : step.outputs) {
    i.out.push_back(&array(v));
    i.out_values.push_back(v);
    known &= program.meta(v).shape.known();
    const Shape& shape = program.meta(v).shape;
    if (step.op == &core::host_op()) i.ranks.push_back(shape.has_rank() ? shape.rank() : -1);
  }
  if (step.op == &variable_op) {
    i.action = Action::variable;
    i.snapshot = layout.snapshot[static_cast<std::size_t>(step.outputs[0])];
    variables_.push_back({step.value, program.meta(step.outputs[0])});
  } else if (step.op == &assign_op) {
    i.action = Action::assign;
  } else if (step.op->produce || !known) {
    i.action = Action::dynamic;
    calls_out_ |= step.op->produce != nullptr;
    i.wanted = read_outputs(program, step);
  } else if (step.op->view) {
    i.action = Action::view;
  } else if (step.op->lanes) {
    flatten(i);
  }
  instructions_.push_back(std::move(i));
}

// Views make strided operands; everything else is contiguous, and then the whole call is one run of the
// executor.
void Plan::flatten(Instruction& i) const {
  const std::int64_t n = i.out[0]->numel();
  std::vector<Dtype> dtypes;
  for (const Array* a : i.in) dtypes.push_back((a ? a : i.in.back())->dtype);
  i.executable = &core::executable(*i.op, dtypes);
  lanes::Uniform uniforms[core::Sig::capacity];
  i.uniforms.assign(uniforms, uniforms + core::lanes_uniforms(i.attrs, uniforms));
  i.count = n;
  for (const Array* a : i.in) i.operands.push_back({nullptr, a && a->numel() != 1 ? element(*a) : 0});
  const bool plain = std::all_of(i.in.begin(), i.in.end(), [&](const Array* a) {
    return !a ||
           (single_or_same(*a, n) && homes_[static_cast<std::size_t>(a - arrays_.data())] != Home::view);
  });
  constexpr std::int64_t one_thread = 32768;
  i.action = plain && !i.op->check && n <= one_thread ? Action::flat : Action::kernel;
}

bool Plan::fits_variables() const {
  for (const auto& [cell, meta] : variables_)
    if (!(cell->array.shape == meta.shape) || cell->array.dtype != meta.dtype) return false;
  return true;
}

}  // namespace twofold::graph
