// Mutation of the graph's passes: after each, its work is spoilt the way a mistake in it would.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "check/report.h"

namespace twofold::check {

struct PassMutant {
  std::string name;                // the pass
  std::optional<Failure> failure;  // what gave it away
};
// One mutant per pass, tried on these rows until one notices.
std::vector<PassMutant> mutate_passes(const std::vector<const core::Op*>& rows);

}  // namespace twofold::check
