#include "check/checks.h"
#include "core/impl.h"
#include "twofold/graph.h"

namespace twofold::check {
namespace {

const Generator* generator_of(const core::Attrs& attrs) {
  for (int i = 0; i < attrs.size(); ++i)
    if (auto* g = std::get_if<Generator>(&attrs[i])) return g;
  return nullptr;
}

// Two draws from one generator, and where it stands then.
struct Draws {
  Outcome outcome;
  Generator::State end;
};

Draws eager_draws(const Trial& trial) {
  const core::Attrs attrs = trial.attrs();
  Draws d;
  d.outcome = caught([&](Outcome& out) {
    for (int k = 0; k < 2; ++k) out.values.push_back(bits_of(call(trial.op(), trial.inputs(), attrs)[0]));
  });
  d.end = generator_of(attrs)->state();
  return d;
}

Draws graph_draws(const Trial& trial) {
  const core::Attrs attrs = trial.attrs();
  Draws d;
  d.outcome = caught([&](Outcome& out) {
    Graph graph;
    const Tensor node = graph.build([&] { return call(trial.op(), trial.inputs(), attrs)[0]; });
    Session session(graph);
    for (int k = 0; k < 2; ++k) out.values.push_back(bits_of(session.run({node})[0]));
  });
  d.end = generator_of(attrs)->state();
  return d;
}

// Two draws take twice the counts that the row says.
Generator::State after_two(const Trial& trial, const Shape& shape) {
  const core::Attrs attrs = trial.attrs();
  for (int k = 0; k < 2; ++k) generator_of(attrs)->take(trial.op().counts(shape));
  return generator_of(attrs)->state();
}

std::string moved_wrongly(const Generator::State& got, const Generator::State& expected) {
  if (got == expected) return "";
  return "count " + std::to_string(got.counter[0]) + ", expected " + std::to_string(expected.counter[0]);
}

}  // namespace

void check_random(const Trial& trial, Report& report) {
  if (!generator_of(trial.sample().attrs)) return;
  const Draws eager = eager_draws(trial), graph = graph_draws(trial);
  report.check(trial, "two draws in a graph", difference(graph.outcome, eager.outcome));
  report.check(trial, "the generator after a graph", moved_wrongly(graph.end, eager.end));
  if (trial.op().effect != core::Effect::random || !eager.outcome.error.empty()) return;
  const std::vector<Bits>& draws = eager.outcome.values;
  const std::int64_t n = draws[0].shape.numel();
  report.check(trial, "the generator moves on", moved_wrongly(eager.end, after_two(trial, draws[0].shape)));
  report.check(trial, "draws differ", n > 4 && draws[0] == draws[1] ? "the same draw twice" : "");
}

}  // namespace twofold::check
