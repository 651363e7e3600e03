#include "core/apply.h"
#include "graph/builtin.h"
#include "graph/passes/passes_p.h"

namespace twofold::graph {
namespace {

// A folded value is kept for the life of the plan: only what is small, or smaller than what it replaces.
constexpr std::size_t size_limit = 100 * 1024;

std::size_t bytes_of(const Meta& m) { return static_cast<std::size_t>(m.shape.numel()) * size_of(m.dtype); }

bool has_value(const Program& program, ValueId v) {
  const Step* maker = v < 0 ? nullptr : program.maker(v);
  return v < 0 || (maker && maker->op == &constant_op && maker->value->array.data);
}

bool foldable(const Program& program, const Step& step) {
  if (step.dead || !step.pure() || step.op == &placeholder_op || step.op == &constant_op) return false;
  if (step.op->produce || step.outputs.size() != 1 || !step.after.empty()) return false;
  const Meta& out = program.meta(step.outputs[0]);
  std::size_t operands = 0;
  for (std::size_t k = 0; k < step.inputs.size(); ++k) {
    const ValueId v = step.inputs[k];
    const bool shape_only =
        v >= 0 && step.op->reads_shape_only(static_cast<int>(k)) && program.maker(v)->op == &constant_op;
    if (!has_value(program, v) && !shape_only) return false;
    if (v >= 0) operands += bytes_of(program.meta(v));
  }
  return out.shape.known() && (bytes_of(out) <= size_limit || bytes_of(out) <= operands);
}

// False when the kernel refuses: then it will refuse when it runs, naming its line.
bool compute(const Program& program, const Step& step, Ref<Impl>& result) {
  std::vector<Impl*> in;
  for (ValueId v : step.inputs) in.push_back(v < 0 ? nullptr : program.maker(v)->value.get());
  NoGrad off;
  try {
    result = Ref<Impl>(core::execute(*step.op, in, step.attrs)[0].impl());
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

void fold(Program& program) {
  for (Step& step : program.steps) {
    Ref<Impl> result;
    if (!foldable(program, step) || !compute(program, step, result)) continue;
    step.op = &constant_op;
    step.value = std::move(result);
    step.inputs.clear();
    ++program.stats.folded;
  }
}

}  // namespace twofold::graph
