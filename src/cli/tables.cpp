#include "cli/tables.h"

#include <fmt/format.h>

#include "core/op.h"
#include "lanes/accuracy.h"
#include "lanes/types.h"

namespace twofold::cli {
namespace {

using core::Op;
using core::Param;
using lanes::Opcode;
using lanes::Type;

std::string parameter(const Param& p) {
  std::string s = (p.variadic ? "*" : "") + std::string(p.name) + ": " + std::string(word_of(p.kind));
  if (p.optional) s += "?";
  if (p.has_default) s += " = " + std::string(p.fallback);
  return s;
}

std::string signature(const Op& op) {
  std::string s = std::string(op.name) + "(";
  for (int i = 0; i < op.sig.size(); ++i) s += (i ? ", " : "") + parameter(op.sig[i]);
  return s + ")";
}

void print_face(const char* name, const char* spelling) {
  if (*spelling) fmt::print("    {}: {}\n", name, spelling);
}

constexpr std::int64_t sample = 1 << 20;

void print_one(Opcode f, Type type, std::int64_t samples) {
  const lanes::Accuracy a = measure_accuracy(f, type, samples);
  const std::string at = lanes::arity_of(f) == 2 ? fmt::format("({}, {})", a.worst[0], a.worst[1])
                                                 : fmt::format("{}", a.worst[0]);
  fmt::print("{:8} {} {:8.3f} ulp at {} ({} samples)\n", lanes::name_of(f), type == Type::f32 ? "f32" : "f64",
             a.max_ulp, at, a.samples);
  std::fflush(stdout);
}

}  // namespace

int print_ops() {
  for (const Op* op : core::all_ops()) {
    if (op->hidden) continue;
    fmt::print("{}\n    {}\n", signature(*op), op->doc);
    print_face("torch", op->torch);
    print_face("tensorflow", op->tf);
  }
  return 0;
}

int print_accuracy(bool all) {
  for (int i = static_cast<int>(Opcode::exp); i < lanes::opcode_count; ++i) {
    const auto f = static_cast<Opcode>(i);
    print_one(f, Type::f32, all && lanes::arity_of(f) == 1 ? lanes::all_floats : sample);
    print_one(f, Type::f64, sample);
  }
  return 0;
}

}  // namespace twofold::cli
