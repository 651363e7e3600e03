// The conformance runner: every row, every sample, every check.
//
//   twofold conformance              ends with "conformance: R rows, C checks, F failed"
//   twofold conformance --hash       prints "hash: <16 hex>" over every bit of values and gradients before it
//   twofold conformance --mutate     breaks each row on purpose: mutation.h
#pragma once

#include <string>

namespace twofold::check {

struct ConformanceOptions {
  std::string row;  // only this one
  bool hash = false, list = false, mutate = false;
};
// Prints to standard output; returns the exit status.
int run_conformance(const ConformanceOptions& options);

}  // namespace twofold::check
