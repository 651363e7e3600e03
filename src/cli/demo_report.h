// The demo's report: one JSON file beside the trained weights of each mode.
#pragma once

#include <string>
#include <vector>

#include "cli/demo_train.h"

namespace twofold::cli {

// Writes `folder`/report.json and `folder`/NAME.npz for each of `modes`; returns the report's path.
std::string write_report(const std::string& folder, const std::string& model,
                         const std::vector<Trained>& runs);

}  // namespace twofold::cli
