// A fuzzed program as text.
#include <fmt/format.h>

#include "check/fuzz_program.h"

namespace twofold::check {
namespace {

std::string slot_name(int s) { return s >= 0 ? fmt::format("%{}", s) : fmt::format("local{}", -1 - s); }

std::string list(const std::vector<int>& slots) {
  std::string out;
  for (int s : slots) out += (out.empty() ? "" : ", ") + slot_name(s);
  return out;
}

std::string name_of_verb(const Instruction& i) {
  const std::string how = i.op ? i.op->name : "";
  switch (i.verb) {
    case Verb::write:
      return (how == "full" ? "fill" : how == "identity" ? "copy" : how) + "_";
    case Verb::assign:
      return "assign";
    case Verb::gradient:
      return i.again ? "gradient with history" : "gradient";
    case Verb::backward:
      return "backward";
    case Verb::cond:
      return "cond";
    case Verb::loop:
      return fmt::format("while_loop below {}{}", i.count, i.again ? " and while its sum is < 20" : "");
    default:
      return how;
  }
}

std::string attrs_of(const Instruction& i) {
  std::string out;
  for (int k = 0; k < i.attrs.size(); ++k) {
    const std::string name = i.verb == Verb::row ? std::string(i.op->sig.attr(k).name) : "value";
    out += fmt::format("; {}={}", name,
                       std::holds_alternative<Generator>(i.attrs[k]) ? std::to_string(i.generator)
                                                                     : core::to_string(i.attrs[k]));
  }
  return out;
}

std::string line(const Instruction& i) {
  std::string out = fmt::format("{}({}{})", name_of_verb(i), list(i.operands), attrs_of(i));
  for (const auto* body : {&i.then, &i.otherwise}) {
    if (body->empty()) continue;
    out += " {";
    for (const Instruction& inner : *body) out += " " + line(inner) + ";";
    out += " }";
  }
  return out + (i.no_grad ? " without gradient" : "");
}

std::string line(const Input& in) {
  constexpr const char* roles[] = {"feed", "constant", "parameter", "buffer"};
  const Operand& x = in.operand;
  std::string out =
      fmt::format("{} {}{}", roles[static_cast<int>(in.role)], name_of(x.dtype), to_string(x.shape));
  if (x.strided) out += ":strided";
  if (x.range == Range::special) out += ":special";
  if (x.range == Range::below) out += fmt::format(":below{}", x.below);
  return out + (in.resized ? ", one row more in each run" : "");
}

}  // namespace

std::string to_string(const FuzzProgram& program) {
  std::string out =
      fmt::format("  seed {} program {}, {} runs\n", program.seed, program.number, program.runs);
  int slot = 0;
  for (const Input& in : program.inputs) out += fmt::format("  %{} = {}\n", slot++, line(in));
  for (const Instruction& i : program.body) out += fmt::format("  %{} = {}\n", slot++, line(i));
  return out;
}

}  // namespace twofold::check
