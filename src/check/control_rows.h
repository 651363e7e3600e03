// Control flow takes functions, which text cannot give: its rows have `samples = "functions"`, and are tried
// through the compositions here, rows themselves, which call them with functions of every kind.
#pragma once

#include <vector>

#include "core/op.h"

namespace twofold::check {

// Every row of the table, those of control flow replaced by the compositions of the same name. Throws
// InternalError when one has none.
std::vector<const core::Op*> checkable_rows();

}  // namespace twofold::check
