#include "graph/builtin.h"
#include "graph/passes/passes_p.h"

namespace twofold::graph {
namespace {

class Pruner {
 public:
  explicit Pruner(Program& program)
      : p_(program), used_(program.values.size()), needed_(program.steps.size()) {}

  void run() {
    for (ValueId v : p_.fetches) use(v);
    for (int t : p_.targets) needed_[static_cast<std::size_t>(t)] = true;
    // Constants stand anywhere, so they are judged last; all others after their readers.
    for (std::size_t i = p_.steps.size(); i-- > 0;)
      if (p_.steps[i].op != &constant_op) judge(i);
    for (std::size_t i = 0; i < p_.steps.size(); ++i)
      if (p_.steps[i].op == &constant_op) judge(i);
  }

 private:
  void use(ValueId v) {
    if (v >= 0) used_[static_cast<std::size_t>(v)] = true;
  }

  void judge(std::size_t i) {
    Step& step = p_.steps[i];
    if (step.dead) return;
    const bool effect = !step.pure() && step.op != &variable_op;  // reading a variable changes nothing
    bool keep = needed_[i] || effect;
    for (ValueId v : step.outputs) keep |= used_[static_cast<std::size_t>(v)];
    if (!keep) {
      step.dead = true;
      ++p_.stats.pruned;
      return;
    }
    for (ValueId v : step.inputs) use(v);
    for (int s : step.after) needed_[static_cast<std::size_t>(s)] = true;
  }

  Program& p_;
  std::vector<bool> used_, needed_;
};

}  // namespace

void prune(Program& program) { Pruner(program).run(); }

}  // namespace twofold::graph
