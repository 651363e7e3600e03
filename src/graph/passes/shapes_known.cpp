#include "graph/builtin.h"
#include "graph/passes/passes_p.h"

namespace twofold::graph {
namespace {

// One stand-in per shape and dtype: a placeholder that nothing feeds and nobody reads.
ValueId stand_in(Program& program, ValueId like) {
  Step step;
  step.op = &constant_op;
  Ref<Impl> empty = core::new_impl();
  empty->array.dtype = program.meta(like).dtype;
  empty->array.shape = program.meta(like).shape;
  empty->array.strides = contiguous_strides(empty->array.shape);
  step.value = std::move(empty);
  const auto v = static_cast<ValueId>(program.values.size());
  step.outputs = {v};
  const Meta meta = program.meta(like);
  program.values.push_back({meta, static_cast<int>(program.steps.size()), 0});
  program.steps.push_back(std::move(step));
  return v;
}

}  // namespace

void shapes_known(Program& program) {
  const std::size_t count = program.steps.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Op& op = *program.steps[i].op;
    for (std::size_t k = 0; k < program.steps[i].inputs.size(); ++k) {
      const ValueId v = program.steps[i].inputs[k];
      if (v < 0 || !op.reads_shape_only(static_cast<int>(k)) || !program.meta(v).shape.known()) continue;
      const Step* maker = program.maker(v);
      if (maker && maker->op == &constant_op) continue;
      const ValueId empty = stand_in(program, v);
      program.steps[i].inputs[k] = empty;
    }
  }
}

}  // namespace twofold::graph
