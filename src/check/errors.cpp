#include "check/checks.h"

namespace twofold::check {
namespace {

std::string wrong_kind(const Outcome& got, const std::string& kind) {
  if (got.error == kind) return "";
  return (got.error.empty() ? "no error" : got.error + " (" + got.message + ")") + ", expected " + kind;
}

}  // namespace

void check_refusal(const Trial& trial, Report& report) {
  const std::string& kind = trial.sample().kind;
  report.check(trial, "refused eagerly", wrong_kind(trial.expected(), kind));
  for (const Operands operands : {Operands::known, Operands::unknown_dimensions, Operands::constants})
    for (const bool passes : {true, false})
      report.check(trial, "refused by the graph",
                   wrong_kind(run_graph(trial, trial.inputs(), {operands, passes}), kind));
}

}  // namespace twofold::check
