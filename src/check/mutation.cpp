#include "check/mutation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "check/element.h"
#include "check/mutation_passes.h"
#include "check/runner.h"
#include "core/apply.h"
#include "core/derive.h"
#include "core/record.h"
#include "twofold/ops.h"

namespace twofold::check {
namespace {

using core::Attrs;
using core::Call;
using core::Infer;
using core::Meta;
using core::Op;
using core::Produce;
using core::Vjp;

enum class Break { value, shape, dtype, scaled, dropped };

struct Mutation {
  const Op* row;
  Break what;
  int input = 0;  // whose gradient

  std::string name() const {
    constexpr const char* names[] = {"value", "infer shape", "infer dtype", "vjp scaled", "vjp dropped"};
    const std::string text = std::string(row->name) + ": " + names[static_cast<int>(what)];
    return what < Break::scaled ? text : text + " of " + std::string(row->sig.tensor(input).name);
  }
};

// A row's functions are plain function pointers: what the broken ones do is told here. One mutant at a time.
Mutation active;

// --- a wrong value
// ------------------------------------------------------------------------------------------------

double wrong(double v, Dtype dtype, double ulp) {
  if (dtype == bool_) return v == 0;
  if (!is_floating(dtype)) return v + 1;
  const double bound = is_half(dtype) ? std::min(ulp, 1.0) : ulp;
  return std::isfinite(v) ? raised(v, static_cast<std::int64_t>(2 * bound) + 2, dtype) : 0;
}

void spoil(const Array& out) {
  if (out.numel() == 0) return;
  const std::int64_t i = out.numel() / 2;
  store(out, i, wrong(load(out, i), out.dtype, active.row->ulp));
}

void wrong_kernel(const Call& call) {
  core::run_kernel({*active.row, call.in, call.out, call.attrs});
  spoil(call.y());
}

Tensors wrong_outputs(const Produce& call) {
  Tensors out = active.row->produce({*active.row, call.in, call.attrs, call.wanted});
  spoil(out[0].impl()->array);
  return out;
}

// A view that reads one element everywhere along its last axis, or reads the first one.
void wrong_view(const Array& in, Array& out, const Attrs& attrs) {
  active.row->view(in, out, attrs);
  out.data = in.data;
  for (int d = out.rank() - 1; d >= 0; --d)
    if (out.shape[d] > 1 && out.strides[d] != 0) {
      out.strides[d] = 0;
      return;
    }
}

// x with one element spoilt; its gradient passes. What a broken composition ends with.
const Op spoilt{.name = "spoilt",
                .sig = "x: any",
                .infer = [](Infer& c) { c.out.push_back(c.in[0]); },
                .cpu =
                    [](const Call& c) {
                      core::run_kernel({core::find_op("identity"), c.in, c.out, c.attrs});
                      spoil(c.y());
                    },
                .vjp = [](Vjp& c) -> Tensors { return {c.g()}; }};

Tensors wrong_composition(const Tensors& in, const Attrs& attrs) {
  Tensors out = active.row->compose(in, attrs);
  out[0] = core::apply(spoilt, {out[0]})[0];
  return out;
}

// --- a wrong rule
// -------------------------------------------------------------------------------------------------

// Another size for the last dimension; where that is unknown, another rank.
Shape wrong_shape(const Shape& shape) {
  Dims dims = shape.dims();
  if (dims.empty() || dims[dims.size() - 1] == unknown)
    dims.push_back(2);
  else
    dims[dims.size() - 1] += 1;
  return Shape(dims);
}

void wrong_rule(Infer& c) {
  c.out = core::infer(*active.row, c.in, c.attrs);
  Meta& m = c.out[0];
  if (active.what == Break::shape) m.shape = wrong_shape(m.shape);
  if (active.what == Break::dtype) m.dtype = m.dtype == f32 ? f64 : f32;
}

// The real results, whatever the rule promised: outputs are made here, so that no kernel runs out of bounds.
Tensors real_outputs(const Produce& call) {
  const core::Handles handles({call.in.begin(), call.in.end()});
  return core::execute(*active.row, handles.span(), call.attrs, call.wanted);
}

// --- a wrong gradient
// ---------------------------------------------------------------------------------------------

void spoil_gradient(Tensor& gradient) {
  if (!gradient.defined()) return;
  if (active.what == Break::scaled) gradient = mul(gradient, 1.01);
  if (active.what == Break::dropped) gradient = {};
}

Tensors right_gradients(Vjp& c) {
  std::vector<Meta> metas;
  for (int i = 0; i < c.inputs(); ++i) {
    const Tensor like = c.like(i);
    metas.push_back({like.dtype(), like.shape()});
  }
  return core::derive(*active.row, c, metas);
}

Tensors wrong_gradients(Vjp& c) {
  Tensors out = right_gradients(c);
  spoil_gradient(out[static_cast<std::size_t>(active.input)]);
  return out;
}

// x, whose gradient is wrong. What a broken composition begins with.
const Op misled{
    .name = "misled",
    .sig = "x: any",
    .infer = [](Infer& c) { c.out.push_back(c.in[0]); },
    .view = [](const Array& in, Array& out, const Attrs&) { out.data = in.data, out.strides = in.strides; },
    .vjp = [](Vjp& c) -> Tensors {
      Tensor g = c.g();
      spoil_gradient(g);
      return {g};
    },
    .keeps_order = true};

Tensors misled_composition(const Tensors& in, const Attrs& attrs) {
  Tensors operands = in;
  Tensor& x = operands[static_cast<std::size_t>(active.input)];
  x = core::apply(misled, {x})[0];
  return active.row->compose(operands, attrs);
}

// --- mutants
// ------------------------------------------------------------------------------------------------------

bool breaks_gradient(const Mutation& m) { return m.what >= Break::scaled; }
bool breaks_rule(const Mutation& m) { return m.what == Break::shape || m.what == Break::dtype; }

// Kernel, view and lane program become what the mutation needs; the derivative rule is the row's own.
void break_kernel(Op& op, const Mutation& m) {
  const Op& row = *m.row;
  op.infer = row.lanes || row.infer ? wrong_rule : nullptr;
  if (breaks_rule(m))
    op.produce = real_outputs;
  else if (row.view)
    op.view = m.what == Break::value ? wrong_view : row.view;
  else if (row.produce)
    op.produce = m.what == Break::value ? wrong_outputs : row.produce;
  else
    op.cpu = m.what == Break::value ? wrong_kernel : [](const Call& c) {
      core::run_kernel({*active.row, c.in, c.out, c.attrs});
    };
}

std::unique_ptr<Op> mutant(const Mutation& m) {
  const Op& row = *m.row;
  auto op = std::unique_ptr<Op>(new Op{.name = row.name,
                                       .sig = row.sig,
                                       .promote = row.promote,
                                       .effect = row.effect,
                                       .saves = row.lanes ? core::all_inputs | core::Y0 : row.saves,
                                       .keeps_order = row.keeps_order,
                                       .moves = row.moves,
                                       .ref = row.ref,
                                       .ulp = row.ulp,
                                       .differences = row.differences,
                                       .samples = row.samples});
  if (row.compose) {
    op->compose = breaks_gradient(m) ? misled_composition : wrong_composition;
    return op;
  }
  break_kernel(*op, m);
  if (core::differentiable(row)) op->vjp = breaks_gradient(m) ? wrong_gradients : right_gradients;
  return op;
}

bool any_bit(const std::vector<std::uint64_t>& words) {
  return std::ranges::any_of(words, [](std::uint64_t w) { return w != 0; });
}

// Does some sample give this input a gradient other than 0? Elsewhere there is nothing to break.
bool has_gradient(const Op& row, int input) {
  for (const Sample& s : parse_samples(row)) {
    if (s.refused || input >= static_cast<int>(s.operands.size())) continue;
    const Trial trial(row, s);
    const Outcome& outcome = trial.expected();
    const auto k = static_cast<std::size_t>(input);
    if (outcome.error.empty() && outcome.gradients[k].defined && any_bit(outcome.gradients[k].words))
      return true;
  }
  return false;
}

std::vector<Mutation> mutations_of(const Op& row) {
  std::vector<Mutation> out{{&row, Break::value}};
  if (!row.compose) out.push_back({&row, Break::shape}), out.push_back({&row, Break::dtype});
  for (int i = 0; i < row.sig.tensors(); ++i)
    if (has_gradient(row, i))
      out.push_back({&row, Break::scaled, i}), out.push_back({&row, Break::dropped, i});
  return out;
}

// The failure that gives the mutant away.
std::optional<Failure> first_failure(const Mutation& m) {
  active = m;
  const std::unique_ptr<Op> op = mutant(m);
  Report report;
  Hash hash;
  check_row(*op, report, hash, true);
  if (report.failures().empty()) return {};
  return report.failures().front();
}

}  // namespace

int run_mutation(const std::vector<const Op*>& rows, bool list) {
  int mutants = 0, survived = 0;
  const auto judge = [&](const std::string& name, const std::optional<Failure>& failure) {
    ++mutants;
    survived += !failure;
    if (!failure) fmt::print("survived: {}\n", name);
    if (failure && list) fmt::print("caught: {} by {}\n", name, failure->line());
  };
  for (const Op* row : rows)
    for (const Mutation& m : mutations_of(*row)) {
      show_progress(m.name());
      judge(m.name(), first_failure(m));
    }
  for (const PassMutant& m : mutate_passes(rows)) judge("pass " + m.name, m.failure);
  show_progress("");
  fmt::print("mutation: {} mutants, {} survived\n", mutants, survived);
  return survived == 0 ? 0 : 1;
}

}  // namespace twofold::check
