#include "check/conformance.h"

#include <fmt/format.h>
#include <unistd.h>

#include "check/checks.h"
#include "check/control_rows.h"
#include "check/mutation.h"
#include "check/runner.h"

namespace twofold::check {
namespace {

using core::Op;

using CheckFn = void (*)(const Trial&, Report&);
constexpr CheckFn accepted_checks[] = {
    check_reference,        check_first_derivative,  check_modes,           check_alias, check_random,
    check_strides,          check_second_derivative, check_second_in_graph, check_alone, check_threads,
    check_instruction_sets,
};
constexpr CheckFn refused_checks[] = {check_refusal};

void run_check(CheckFn check, const Trial& trial, Report& report) {
  try {
    check(trial, report);
  } catch (const Error& e) {
    report.check(trial, "no error", e.what());
  }
}

void check_sample(const Op& op, const Sample& sample, Report& report, Hash& hash, bool first_failure) {
  const Trial trial(op, sample);
  const std::span<const CheckFn> checks =
      sample.refused ? std::span<const CheckFn>(refused_checks) : std::span<const CheckFn>(accepted_checks);
  for (CheckFn check : checks) {
    run_check(check, trial, report);
    if (first_failure && !report.failures().empty()) return;
  }
  for (const Bits& b : trial.expected().values) hash.add(b);
  for (const Bits& b : trial.expected().gradients) hash.add(b);
}

void list_rows(const std::vector<const Op*>& rows) {
  for (const Op* op : rows) {
    fmt::print("{}\n", op->name);
    for (const Sample& s : parse_samples(*op)) fmt::print("  {}\n", s.text);
  }
}

int check_rows(const ConformanceOptions& options, const std::vector<const Op*>& rows) {
  Report report;
  Hash hash;
  for (const Op* op : rows) {
    show_progress(op->name);
    check_row(*op, report, hash, false);
  }
  show_progress("");
  for (const Failure& f : report.failures()) fmt::print("{}\n", f.line());
  if (options.hash) fmt::print("hash: {}\n", hash.text());
  fmt::print("conformance: {} rows, {} checks, {} failed\n", rows.size(), report.checks(),
             report.failures().size());
  return report.failures().empty() ? 0 : 1;
}

}  // namespace

void show_progress(const std::string& text) {
  if (isatty(STDERR_FILENO)) fmt::print(stderr, "\r\033[K{}", text);
}

void check_row(const Op& op, Report& report, Hash& hash, bool first_failure) {
  std::vector<Sample> samples;
  try {
    samples = parse_samples(op);
  } catch (const Error& e) {
    return report.check(op, "", "samples", e.what());
  }
  for (const Sample& s : samples) {
    check_sample(op, s, report, hash, first_failure);
    if (first_failure && !report.failures().empty()) return;
  }
}

std::vector<const Op*> chosen_rows(const std::string& row) {
  std::vector<const Op*> chosen;
  for (const Op* op : checkable_rows())
    if (row.empty() || row == op->name) chosen.push_back(op);
  if (chosen.empty()) core::find_op(row);  // throws: there is none
  return chosen;
}

int run_conformance(const ConformanceOptions& options) {
  const std::vector<const Op*> rows = chosen_rows(options.row);
  if (options.mutate) return run_mutation(rows, options.list);
  if (options.list) return list_rows(rows), 0;
  return check_rows(options, rows);
}

}  // namespace twofold::check
