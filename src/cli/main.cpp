// The `twofold` program: one verb per tool. Only this file includes CLI11.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "check/conformance.h"
#include "check/fuzz.h"
#include "cli/demo.h"
#include "cli/export_samples.h"
#include "cli/regenerate.h"
#include "cli/tables.h"

namespace {

constexpr const char* about =
    "Twofold: one tensor and autodiff engine, run eagerly or as a graph, with the same bits.\n\n"
    "Examples:\n"
    "  twofold demo --quick                       a model trained both ways, step by step the same loss\n"
    "  twofold conformance --row matmul           check one operation against its reference, in both modes\n"
    "  twofold conformance --mutate               break every operation on purpose; all must be noticed\n"
    "  twofold fuzz --programs 5000 --seed 1      random programs, both modes compared bit for bit\n"
    "  twofold generate --check                   are the generated headers up to date?\n"
    "  twofold accuracy                           how far the elementary functions are from the truth\n"
    "  twofold ops                                every operation with its signature\n";

// What the user asked for: one of these runs, once the whole command line has been read.
using Run = std::function<int()>;

// --- verbs
// --------------------------------------------------------------------------------------------------------

void add_demo(CLI::App& app, Run& run) {
  auto options = std::make_shared<twofold::cli::DemoOptions>();
  CLI::App* verb = app.add_subcommand("demo", "Trains one model eagerly, as a graph, and on two threads");
  verb->footer("Example: twofold demo --quick --out /tmp/demo");
  verb->add_flag("--quick", options->quick, "Fewer steps");
  verb->add_flag("--hash", options->hash, "Print the hash of the trained weights only");
  verb->add_option("--mnist", options->mnist_dir,
                   "A folder with MNIST in IDX form, instead of the digits that come along");
  verb->add_option("--out", options->out, "Where the report and the weights go");
  verb->callback([=, &run] { run = [=] { return twofold::cli::run_demo(*options); }; });
}

void add_conformance(CLI::App& app, Run& run) {
  auto options = std::make_shared<twofold::check::ConformanceOptions>();
  CLI::App* verb = app.add_subcommand("conformance", "Checks every operation on every sample, in both modes");
  verb->footer("Example: twofold conformance --row softmax");
  verb->add_flag("--mutate", options->mutate, "Break each row in every way instead; the checks must notice");
  verb->add_flag("--hash", options->hash, "Print a hash of all bits: equal for all compilers and machines");
  verb->add_option("--row", options->row, "Only this operation");
  verb->add_flag("--list", options->list, "Print the rows and their samples");
  verb->callback([=, &run] { run = [=] { return twofold::check::run_conformance(*options); }; });
}

void add_fuzz(CLI::App& app, Run& run) {
  auto options = std::make_shared<twofold::check::FuzzOptions>();
  CLI::App* verb = app.add_subcommand("fuzz", "Runs random programs in both modes and compares every bit");
  verb->footer("Example: twofold fuzz --programs 5000 --seed 1");
  verb->add_option("--programs", options->programs, "How many")->capture_default_str();
  verb->add_option("--seed", options->seed, "Where they start; each program has a seed of its own")
      ->capture_default_str();
  verb->add_option("--program", options->program, "Only program number K of this seed, printed");
  verb->callback([=, &run] { run = [=] { return twofold::check::run_fuzz(*options); }; });
}

void add_generate(CLI::App& app, Run& run) {
  auto check = std::make_shared<bool>(false);
  auto root = std::make_shared<std::string>();
  CLI::App* verb =
      app.add_subcommand("generate", "Writes the headers and definitions that come from the rows");
  verb->footer("Example: twofold generate --check");
  verb->add_flag("--check", *check, "Compare only; exit status 1 and the names if files are stale");
  verb->add_option("--root", *root, "The repository; default: the one that this program was built in");
  verb->callback([=, &run] { run = [=] { return twofold::cli::regenerate(*check, *root); }; });
}

void add_accuracy(CLI::App& app, Run& run) {
  auto all = std::make_shared<bool>(false);
  CLI::App* verb =
      app.add_subcommand("accuracy", "Measures the elementary functions in units in the last place");
  verb->footer("Example: twofold accuracy --all     (every one of the 2^32 floats; takes minutes)");
  verb->add_flag("--all", *all, "All 2^32 floats instead of a sample");
  verb->callback([=, &run] { run = [=] { return twofold::cli::print_accuracy(*all); }; });
}

void add_ops(CLI::App& app, Run& run) {
  CLI::App* verb = app.add_subcommand(
      "ops", "Lists every operation: signature, PyTorch's and TensorFlow's names, meaning");
  verb->footer("Example: twofold ops | grep softmax");
  verb->callback([&run] { run = [] { return twofold::cli::print_ops(); }; });
}

void add_samples(CLI::App& app, Run& run) {
  auto folder = std::make_shared<std::string>();
  CLI::App* verb = app.add_subcommand(
      "samples", "Writes what the rows are tried on: operands.npz and index.json, for other libraries");
  verb->footer("Example: twofold samples /tmp/samples");
  verb->add_option("folder", *folder, "Where they go")->required();
  verb->callback([=, &run] { run = [=] { return twofold::cli::export_samples(*folder); }; });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(about);
  Run run;
  app.set_version_flag("--version", TWOFOLD_VERSION);
  app.require_subcommand(1);
  add_demo(app, run);
  add_conformance(app, run);
  add_fuzz(app, run);
  add_generate(app, run);
  add_accuracy(app, run);
  add_ops(app, run);
  add_samples(app, run);
  CLI11_PARSE(app, argc, argv);
  try {
    return run();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "twofold: %s\n", e.what());
    return 1;
  }
}
