#include <algorithm>
#include <map>
#include <tuple>

#include "graph/builtin.h"
#include "graph/passes/passes_p.h"

namespace twofold::graph {
namespace {

struct Key {
  const Op* op;
  std::vector<ValueId> inputs;
  bool operator<(const Key& o) const { return std::tie(op, inputs) < std::tie(o.op, o.inputs); }
};

bool mergeable(const Step& s) {
  return !s.dead && s.pure() && s.op != &placeholder_op && s.op != &constant_op && s.after.empty();
}

}  // namespace

void merge(Program& program) {
  std::map<Key, std::vector<std::size_t>> seen;  // the same operands, attributes of several kinds
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    Step& step = program.steps[i];
    if (!mergeable(step)) continue;
    auto& same = seen[{step.op, step.inputs}];
    const auto twin = std::find_if(same.begin(), same.end(),
                                   [&](std::size_t k) { return program.steps[k].attrs == step.attrs; });
    if (twin == same.end()) {
      same.push_back(i);
      continue;
    }
    step.dead = true;
    ++program.stats.merged;
    const std::vector<ValueId> kept = program.steps[*twin].outputs, gone = step.outputs;
    for (std::size_t k = 0; k < gone.size(); ++k) program.redirect(gone[k], kept[k]);
  }
}

}  // namespace twofold::graph
