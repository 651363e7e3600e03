// `twofold generate`: writes the files that come from the rows, or says which are stale.
#pragma once

#include <string>

namespace twofold::cli {

// `check`: compare only. `root`: the repository; empty means the one that the program was built in. The exit
// status: 1 when `check` finds stale files, which it names. Throws IoError.
int regenerate(bool check, const std::string& root);

}  // namespace twofold::cli
