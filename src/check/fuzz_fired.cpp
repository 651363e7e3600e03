#include "check/fuzz_fired.h"

#include <algorithm>
#include <string_view>

#include "core/impl.h"
#include "core/op.h"

namespace twofold::check {
namespace {

void note_input(const Input& input, Fired& fired) {
  if (input.role == Role::feed && input.operand.shape.rank() > 0) fired.set("unknown_dim");
  fired.set("resized", input.resized);
  fired.set("special", input.operand.range == Range::special);
}

void note_tensor(const Tensor& t, Fired& fired) {
  if (!t.defined()) return;
  fired.set("integer", is_integer(t.dtype()));
  fired.set("half", is_half(t.dtype()));
  fired.set("empty", t.numel() == 0);
}

bool is_random(const std::vector<Instruction>& list) {
  return std::any_of(list.begin(), list.end(), [](const Instruction& i) { return i.generator >= 0; });
}

void note_write(const Tensor& target, Fired& fired) {
  if (!target.defined()) return;
  fired.set("in_place_row");
  fired.set("view_write", target.impl()->view != nullptr);
  fired.set("effect", target.impl()->root().state);
}

void note_instruction(const Instruction& i, const Tensor& result, Fired& fired) {
  constexpr std::string_view names[] = {"", "", "assign", "gradient", "backward", "cond", "while_loop"};
  if (const std::string_view name = names[static_cast<int>(i.verb)]; !name.empty()) fired.set(name);
  fired.set("second_gradient", i.verb == Verb::gradient && i.again);
  fired.set("random", i.generator >= 0 || is_random(i.then) || is_random(i.otherwise));
  if (i.verb == Verb::write) note_write(result, fired);
  if (i.verb != Verb::row) return;
  fired.set("zero_inputs", i.operands.empty());
  fired.set("nonzero", std::string_view(i.op->name) == "nonzero");
}

// Slots that depend on variables alone.
bool from_parameters(const FuzzProgram& program) {
  std::vector<bool> only;
  for (const Input& i : program.inputs) only.push_back(i.role == Role::parameter);
  bool found = false;
  for (const Instruction& i : program.body) {
    only.push_back(!i.operands.empty() && std::all_of(i.operands.begin(), i.operands.end(), [&](int s) {
      return only[static_cast<std::size_t>(s)];
    }));
    found = found || only.back();
  }
  return found;
}

}  // namespace

void Fired::set(std::string_view name, bool on) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (on) flags[static_cast<std::size_t>(at - names.begin())] = true;
}

void note_eager(const FuzzProgram& program, const Tensors& slots, Fired& fired) {
  for (const Input& i : program.inputs) note_input(i, fired);
  for (const Tensor& t : slots) note_tensor(t, fired);
  for (std::size_t k = 0; k < program.body.size(); ++k)
    note_instruction(program.body[k], slots[program.inputs.size() + k], fired);
  fired.set("parameters_only", from_parameters(program));
}

void note_stats(const SessionStats& stats, Fired& fired) {
  fired.set("fold", stats.folded > 0);
  fired.set("merge", stats.merged > 0);
  fired.set("prune", stats.pruned > 0);
  fired.set("in_place", stats.in_place > 0);
}

}  // namespace twofold::check
