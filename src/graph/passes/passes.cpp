#include "graph/device.h"
#include "graph/passes/passes_p.h"

namespace twofold::graph {
namespace {

constexpr Pass all[] = {
    {"shapes", shapes_known}, {"prune", prune}, {"fold", fold}, {"merge", merge}, {"sweep", prune}};

Sabotage& sabotage() {
  static Sabotage s;
  return s;
}

[[noreturn]] void broken(const std::string& what) {
  throw InternalError(
      {.op = "graph", .argument = "", .got = what, .expected = "a well-formed program after every pass"});
}

void verify_operands(const Program& program, const Step& step, std::size_t position) {
  for (ValueId v : step.inputs) {
    if (v < 0) continue;
    const Step* maker = program.maker(v);
    if (!maker || maker->dead)
      broken("a value without a maker, read by '" + std::string(step.op->name) + "'");
    const bool constant = maker->inputs.empty() && maker->pure();
    if (!constant && program.values[static_cast<std::size_t>(v)].step >= static_cast<int>(position))
      broken("'" + std::string(step.op->name) + "' before its operand");
  }
}

void verify_shapes(const Program& program, const Step& step) {
  if (!step.op->lanes && !step.op->cpu && !step.op->view) return;
  std::vector<Meta> in;
  for (ValueId v : step.inputs) in.push_back(v < 0 ? Meta{bool_, {}, true} : program.meta(v));
  const core::Metas out = core::infer(*step.op, in, step.attrs);
  for (std::size_t k = 0; k < out.size(); ++k) {
    const Meta& have = program.meta(step.outputs[k]);
    if (have.dtype != out[k].dtype || !out[k].shape.accepts(have.shape))
      broken("another shape for '" + std::string(step.op->name) + "'");
  }
}

}  // namespace

std::span<const Pass> passes() { return all; }
void set_sabotage(const Sabotage& s) { sabotage() = s; }

void verify(const Program& program) {
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const Step& step = program.steps[i];
    if (step.dead) continue;
    verify_operands(program, step, i);
    verify_shapes(program, step);
  }
  for (ValueId v : program.fetches)
    if (v >= 0 && (!program.maker(v) || program.maker(v)->dead)) broken("a fetch of nothing");
}

namespace {

void check_devices(const Program& program) {
  for (const Step& s : program.steps)
    if (s.node >= 0) check_device(program.graph->node(s.node));
}

}  // namespace

Program prepare(const GraphState& graph, const Request& request, std::span<const Shape> fed,
                const SessionOptions& options) {
  Program program = import(graph, request, fed);
  verify(program);
  if (!options.soft_placement) check_devices(program);
  for (const Pass& pass : passes()) {
    if (!options.passes) break;
    pass.run(program);
    if (sabotage().spoil && sabotage().pass == pass.name) sabotage().spoil(program);
    verify(program);
  }
  return program;
}

}  // namespace twofold::graph
