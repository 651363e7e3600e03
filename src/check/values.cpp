#include "check/checks.h"
#include "check/reference.h"

namespace twofold::check {

void check_reference(const Trial& trial, Report& report) {
  const core::Op& op = trial.op();
  report.check(trial, "no error", trial.expected().message);
  if (!op.ref.defined()) return report.check(trial, "reference", "the row has none");
  const Tensors got = call(op, trial.inputs(), trial.attrs());
  const std::vector<core::RefTensor> expected = run_reference(op, trial.inputs(), trial.attrs());
  for (std::size_t i = 0; i < got.size(); ++i)
    report.check(trial, "reference", distance(got[i], expected[i], op.ulp));
}

}  // namespace twofold::check
