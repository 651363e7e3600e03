// The conformance runner: every row, every sample, every check.
//
//   twofold conformance              ends with "conformance: R rows, C checks, F failed"
//   twofold conformance --hash       prints "hash: <16 hex>" over every bit of values and gradients before it
//   twofold conformance --mutate     breaks each row on purpose: mutation.h
#pragma once

#include "check/report.h"

namespace twofold::check {

struct ConformanceOptions {
  std::string row;  // only this one
  bool hash = false, list = false, mutate = false;
};
// Prints to standard output; returns the exit status.
int run_conformance(const ConformanceOptions& options);

// Runs the checks of one row into the report; with `first_failure`, only until one fails.
void check_row(const core::Op& op, Report& report, Hash& hash, bool first_failure);
// The rows that a filter names (empty: all), sorted by name. Throws ValueError when it names none.
std::vector<const core::Op*> chosen_rows(const std::string& row);
// Where a long run stands, on standard error if that is a terminal.
void show_progress(const std::string& text);

}  // namespace twofold::check
