// What conformance and mutation share: running the checks of one row.
#pragma once

#include "check/report.h"

namespace twofold::check {

// Runs the checks of one row into the report; with `first_failure`, only until one fails.
void check_row(const core::Op& op, Report& report, Hash& hash, bool first_failure);
// The rows that a filter names (empty: all), sorted by name. Throws ValueError when it names none.
std::vector<const core::Op*> chosen_rows(const std::string& row);
// Where a long run stands, on standard error if that is a terminal.
void show_progress(const std::string& text);

}  // namespace twofold::check
