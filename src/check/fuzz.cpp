#include "check/fuzz.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <new>

#include "base/threads.h"
#include "check/fuzz_run.h"

namespace twofold::check {
namespace {

constexpr int most_failures = 64;
constexpr int most_printed = 12;

// What a worker process found; it lies in memory that the parent shares.
struct Tally {
  std::int64_t programs = 0, differences = 0, errors = 0;
  std::int64_t current = -1;  // the program at work: the culprit, if the worker dies
  std::int64_t fired[Fired::names.size()] = {};
  std::int64_t failing[most_failures] = {};
  int failing_count = 0;

  void add(const Tally& other) {
    programs += other.programs, differences += other.differences, errors += other.errors;
    for (std::size_t k = 0; k < Fired::names.size(); ++k) fired[k] += other.fired[k];
  }
};

Checked check_numbered(const FuzzOptions& options, std::int64_t number) {
  FuzzProgram program = make_program(options.seed, number);
  return check_program(program);
}

void note(Tally& tally, std::int64_t number, const Checked& checked) {
  ++tally.programs;
  for (std::size_t k = 0; k < checked.fired.flags.size(); ++k) tally.fired[k] += checked.fired.flags[k];
  if (checked.failure.kind.empty()) return;
  ++(checked.failure.of_errors ? tally.errors : tally.differences);
  if (tally.failing_count < most_failures) tally.failing[tally.failing_count++] = number;
}

void work(const FuzzOptions& options, int worker, int workers, Tally& tally) {
  for (std::int64_t k = worker; k < options.programs; k += workers) {
    tally.current = k;
    note(tally, k, check_numbered(options, k));
  }
  tally.current = -1;
}

// A worker that died counts as a difference: both modes are promised to end.
void after_worker(int status, Tally& tally) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  fmt::print("a worker ended with status {} in program {}\n", status, tally.current);
  ++tally.differences;
}

// Settings such as the number of threads belong to a process, so independent programs run in processes.
std::vector<Tally> run_workers(const FuzzOptions& options, int workers) {
  void* memory = mmap(nullptr, sizeof(Tally) * static_cast<std::size_t>(workers), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw MemoryError(
        {.op = "fuzz", .argument = "", .got = "no shared memory", .expected = "a few kilobytes"});
  auto* tallies = static_cast<Tally*>(memory);
  std::vector<pid_t> children;
  std::fflush(nullptr);
  for (int w = 0; w < workers; ++w) {
    Tally* own = new (&tallies[w]) Tally;
    const pid_t child = fork();
    if (child == 0) {
      work(options, w, workers, *own);
      _exit(0);
    }
    children.push_back(child);
  }
  for (int w = 0; w < workers; ++w) {
    int status = 0;
    waitpid(children[static_cast<std::size_t>(w)], &status, 0);
    after_worker(status, tallies[w]);
  }
  std::vector<Tally> out(tallies, tallies + workers);
  munmap(memory, sizeof(Tally) * static_cast<std::size_t>(workers));
  return out;
}

void print_failure(const FuzzOptions& options, std::int64_t number) {
  FuzzProgram program = make_program(options.seed, number);
  const Failure found = check_program(program).failure;
  if (found.kind.empty()) return void(fmt::print("program {} failed once and not again\n", number));
  FuzzProgram small = shrink(program, found.kind);
  const Failure again = check_program(small).failure;
  fmt::print("program {}: {}\n{}  {}\n\n", number, found.kind, to_string(small), again.text);
  std::fflush(stdout);
}

// False when something fired in fewer than one program in a hundred.
bool print_table(const Tally& total) {
  bool enough = true;
  for (std::size_t k = 0; k < Fired::names.size(); ++k) {
    const double percent = 100.0 * static_cast<double>(total.fired[k]) /
                           static_cast<double>(std::max<std::int64_t>(total.programs, 1));
    fmt::print("  {:<16} {:6.2f} %{}\n", Fired::names[k], percent, percent < 1 ? "  too rare" : "");
    enough = enough && percent >= 1;
  }
  return enough || total.programs < 1000;
}

int replay(const FuzzOptions& options) {
  FuzzProgram program = make_program(options.seed, options.program);
  const Checked checked = check_program(program);
  fmt::print("{}", to_string(program));
  if (!checked.failure.kind.empty()) print_failure(options, options.program);
  fmt::print("fuzz: 1 programs, {} differences, {} errors that differ\n",
             int(!checked.failure.kind.empty() && !checked.failure.of_errors),
             int(checked.failure.of_errors));
  return checked.failure.kind.empty() ? 0 : 1;
}

}  // namespace

int run_fuzz(const FuzzOptions& options) {
  if (options.program >= 0) return replay(options);
  const std::vector<Tally> parts = run_workers(options, 2);
  Tally total;
  std::vector<std::int64_t> failing;
  for (const Tally& t : parts) {
    total.add(t);
    failing.insert(failing.end(), t.failing, t.failing + t.failing_count);
  }
  std::sort(failing.begin(), failing.end());
  failing.resize(std::min<std::size_t>(failing.size(), most_printed));
  for (std::int64_t number : failing) print_failure(options, number);
  const bool enough = print_table(total);
  fmt::print("fuzz: {} programs, {} differences, {} errors that differ\n", total.programs, total.differences,
             total.errors);
  return total.differences == 0 && total.errors == 0 && enough ? 0 : 1;
}

}  // namespace twofold::check
