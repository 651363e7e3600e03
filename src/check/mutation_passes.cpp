#include "check/mutation_passes.h"

#include "check/element.h"
#include "check/runner.h"
#include "graph/builtin.h"
#include "graph/program.h"
#include "kernels/index.h"

namespace twofold::check {
namespace {

using graph::Program;
using graph::Step;
using graph::ValueId;

bool is_constant(const Program& p, ValueId v) {
  const Step* maker = v < 0 ? nullptr : p.maker(v);
  return maker && maker->op == &graph::constant_op;
}

// prune: throws away what a fetch needs.
void lose_a_fetch(Program& p) {
  for (ValueId v : p.fetches)
    if (v >= 0) p.steps[static_cast<std::size_t>(p.values[static_cast<std::size_t>(v)].step)].dead = true;
}

// shapes: the stand-in for an operand has another shape.
void misshape(Program& p) {
  for (Step& s : p.steps) {
    if (s.dead || s.op != &graph::constant_op || s.value->array.data) continue;
    Shape& shape = p.values[static_cast<std::size_t>(s.outputs[0])].meta.shape;
    Dims dims = shape.dims();
    dims.push_back(7);
    shape = Shape(dims);
  }
}

// fold: a computed constant is wrong in one element.
void miscompute(Program& p) {
  for (Step& s : p.steps) {
    if (s.dead || s.op != &graph::constant_op || !s.value->array.data || s.value->array.numel() == 0)
      continue;
    const Ref<core::Impl> wrong = core::allocate(s.value->array.dtype, s.value->array.shape);
    copy(s.value->array, wrong->array);
    store(wrong->array, 0, load(wrong->array, 0) == 0);
    s.value = wrong;
  }
}

// merge: two values of the same type that are not the same.
void merge_strangers(Program& p) {
  for (Step& s : p.steps)
    for (std::size_t k = 1; !s.dead && k < s.inputs.size(); ++k) {
      const ValueId a = s.inputs[0], b = s.inputs[k];
      if (a < 0 || b < 0 || is_constant(p, a) || is_constant(p, b)) continue;
      if (p.meta(a).dtype == p.meta(b).dtype && p.meta(a).shape == p.meta(b).shape) s.inputs[k] = a;
    }
}

struct Spoiler {
  std::string_view pass;
  void (*spoil)(Program&);
};
constexpr Spoiler spoilers[] = {
    {"shapes", misshape},       {"prune", lose_a_fetch}, {"fold", miscompute},
    {"merge", merge_strangers}, {"sweep", lose_a_fetch},
};

// A pass without a spoiler is left alone, and so survives: the table above cannot fall behind.
void (*spoiler_of(std::string_view pass))(Program&) {
  for (const Spoiler& s : spoilers)
    if (s.pass == pass) return s.spoil;
  return nullptr;
}

std::optional<Failure> first_failure(const std::vector<const core::Op*>& rows) {
  for (const core::Op* op : rows) {
    Report report;
    Hash hash;
    check_row(*op, report, hash, true);
    if (!report.failures().empty()) return report.failures().front();
  }
  return {};
}

}  // namespace

std::vector<PassMutant> mutate_passes(const std::vector<const core::Op*>& rows) {
  std::vector<PassMutant> out;
  for (const graph::Pass& pass : graph::passes()) {
    graph::set_sabotage({pass.name, spoiler_of(pass.name)});
    out.push_back({pass.name, first_failure(rows)});
    graph::set_sabotage({});
  }
  return out;
}

}  // namespace twofold::check
