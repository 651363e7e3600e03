// What a fuzzed program exercised, for the table at the end of `twofold fuzz`.
#pragma once

#include "check/fuzz_run.h"

namespace twofold::check {

void note_eager(const FuzzProgram& program, const Tensors& slots, Fired& fired);
void note_stats(const SessionStats& stats, Fired& fired);

}  // namespace twofold::check
