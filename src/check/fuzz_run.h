// Running a fuzzed program in every way, and what tells the runs apart.
//
//   Checked c = check_program(program);
//   c.failure.kind                     // "" when all agree
#pragma once

#include <array>

#include "check/bits.h"
#include "check/fuzz_program.h"

namespace twofold::check {

struct Failure {
  std::string kind;  // what went wrong, without numbers: two programs of one kind fail alike
  std::string text;
  bool of_errors = false;
};

// What a program exercised, in this order in Fired::names.
struct Fired {
  static constexpr std::array names{
      "fold",         "merge",       "prune",           "in_place", "view_write",
      "in_place_row", "effect",      "assign",          "random",   "unknown_dim",
      "resized",      "gradient",    "second_gradient", "backward", "cond",
      "while_loop",   "nonzero",     "integer",         "half",     "empty",
      "special",      "zero_inputs", "parameters_only", "refused"};
  std::array<bool, names.size()> flags{};
  void set(std::string_view name, bool on = true);
};

struct Checked {
  Failure failure;
  Fired fired;
};
// Cuts the program after an instruction that is refused, so that both modes meet the same mistake first.
Checked check_program(FuzzProgram& program);

// The program with the fewest instructions and smallest inputs that still fails in the same way.
FuzzProgram shrink(const FuzzProgram& program, const std::string& kind);

}  // namespace twofold::check
