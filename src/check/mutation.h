// Mutation: the conformance runner, tested. Each row is broken on purpose in every way below, one at a time,
// and some check must notice.
//
//   value        one element of the result is off by a little more than the row's ULP bound
//   infer shape  the rule promises a dimension that does not come
//   infer dtype  the rule promises another dtype
//   vjp scaled   one input's gradient is 1 % too large
//   vjp dropped  one input's gradient is missing
//
// And after each pass of the graph its work is spoilt (mutation_passes.h).
//
// The broken row is a copy of the constant one, handed to the checks in its place: nothing in the engine
// knows. Ends with "mutation: M mutants, S survived".
#pragma once

#include "core/op.h"

namespace twofold::check {

// Returns the exit status: 0 when none survived. `list`: name every mutant and the check that noticed it.
int run_mutation(const std::vector<const core::Op*>& rows, bool list);

}  // namespace twofold::check
