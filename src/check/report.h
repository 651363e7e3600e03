// Report: counts checks, keeps failures.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "check/trial.h"

namespace twofold::check {

struct Failure {
  std::string row, sample, check;
  std::string what;  // "got ..., expected ..."
  std::string line() const { return row + ": " + sample + ": " + check + ": " + what; }
};

class Report {
 public:
  // One check: passed when `what` is empty.
  void check(const core::Op& op, const std::string& sample, const char* check, const std::string& what);
  void check(const Trial& trial, const char* name, const std::string& what) {
    check(trial.op(), trial.sample().text, name, what);
  }
  // The trial's outcome in another setting must be the expected one.
  void equal(const Trial& trial, const char* name, const Outcome& got) {
    check(trial, name, difference(got, trial.expected()));
  }

  int checks() const { return checks_; }
  const std::vector<Failure>& failures() const { return failures_; }

 private:
  int checks_ = 0;
  std::vector<Failure> failures_;
};

}  // namespace twofold::check
