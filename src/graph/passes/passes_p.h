// The passes, one file each.
#pragma once

#include "graph/program.h"

namespace twofold::graph {

// Drops operands that are read only for a shape which is known: what made them may not be needed at all.
void shapes_known(Program& program);
// Runs pure steps whose operands are all constants, by their own kernels.
void fold(Program& program);
// Makes equal pure steps one.
void merge(Program& program);
// Removes pure steps that nothing reads.
void prune(Program& program);

}  // namespace twofold::graph
