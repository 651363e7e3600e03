// The program fuzzer: random programs, run eagerly and as a graph in every way there is, compared bit for
// bit.
//
//   run_fuzz({.programs = 5000, .seed = 1});               // 0 when nothing differs
//   run_fuzz({.seed = 1, .program = 77});                  // one program again, printed
#pragma once

#include <cstdint>

namespace twofold::check {

struct FuzzOptions {
  std::int64_t programs = 5000;
  std::uint64_t seed = 1;
  std::int64_t program = -1;  // only this one
};
// Prints what fired and what differed; the exit status.
int run_fuzz(const FuzzOptions& options);

}  // namespace twofold::check
