#include "check/checks.h"

namespace twofold::check {
namespace {

// Some rules must count dimensions: they refuse an unknown rank when the graph is built.
bool needs_rank(const Outcome& outcome) { return outcome.message.find("unknown rank") != std::string::npos; }
bool needs_rank_known(const Outcome& outcome) {
  return outcome.message.find("a known rank") != std::string::npos;
}

}  // namespace

void check_modes(const Trial& trial, Report& report) {
  struct Way {
    const char* name;
    GraphRun how;
  };
  const Way ways[] = {
      {"graph", {Operands::known, true}},
      {"graph without passes", {Operands::known, false}},
      {"graph, unknown dimensions", {Operands::unknown_dimensions, true}},
      {"graph of constants", {Operands::constants, true}},
      {"graph of parameters", {Operands::parameters, true}},
  };
  for (const Way& way : ways) report.equal(trial, way.name, run_graph(trial, trial.inputs(), way.how));
  const Outcome unranked = run_graph(trial, trial.inputs(), {Operands::unknown_rank, true});
  if (!needs_rank(unranked) && !needs_rank_known(unranked))
    report.equal(trial, "graph, unknown rank", unranked);
}

}  // namespace twofold::check
