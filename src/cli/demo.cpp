#include "cli/demo.h"

#include <fmt/format.h>

#include <bit>
#include <cstdio>

#include "cli/demo_report.h"
#include "cli/demo_train.h"
#include "cli/progress.h"

namespace twofold::cli {
namespace {

constexpr int table_rows = 12;

template <class... T>
void print(fmt::format_string<T...> text, T&&... values) {
  std::fputs(fmt::format(text, std::forward<T>(values)...).c_str(), stdout);
}

std::string hash(const NamedTensors& weights) {
  std::uint64_t h = 0xcbf29ce484222325ull;  // FNV-1a over the .npz, in which NaNs are canonical
  for (std::byte b : encode_npz(weights)) h = (h ^ std::to_integer<std::uint64_t>(b)) * 0x100000001b3ull;
  return fmt::format("{:016x}", h);
}

data::Dataset load(const DemoOptions& options, bool train) {
  return options.mnist_dir.empty() ? data::load_digits() : data::load_mnist(options.mnist_dir, train);
}

// MNIST has its own test images; of the digits every fifth is held out.
data::Split load_split(const DemoOptions& options, const Recipe& recipe) {
  if (options.mnist_dir.empty()) return data::split(load(options, true), recipe.seed);
  return {load(options, true), load(options, false)};
}

Recipe recipe_for(const DemoOptions& options) {
  Recipe recipe;
  if (!options.mnist_dir.empty()) recipe.epochs = 2;
  if (options.quick) recipe.epochs = options.mnist_dir.empty() ? 8 : 1;
  return recipe;
}

std::vector<Trained> train_all(const data::Split& images, const Recipe& recipe, bool silent) {
  std::vector<Trained> runs;
  for (const Mode& mode : modes) {
    ProgressBar bar(mode.title);
    runs.push_back(train(mode, images, recipe, [&](std::int64_t step, std::int64_t steps) {
      if (!silent) bar.show(step, steps);
    }));
  }
  return runs;
}

bool equal_losses(const std::vector<Trained>& runs, std::size_t step) {
  for (const Trained& run : runs)
    if (std::bit_cast<std::uint32_t>(run.losses[step]) != std::bit_cast<std::uint32_t>(runs[0].losses[step]))
      return false;
  return true;
}

bool equal_weights(const std::vector<Trained>& runs) {
  for (const Trained& run : runs)
    if (encode_npz(run.weights) != encode_npz(runs[0].weights)) return false;
  return true;
}

std::size_t count_equal(const std::vector<Trained>& runs) {
  std::size_t equal = 0;
  for (std::size_t s = 0; s < runs[0].losses.size(); ++s) equal += equal_losses(runs, s);
  return equal;
}

void print_losses(const std::vector<Trained>& runs) {
  print("\n{:>6}", "step");
  for (const Mode& mode : modes) print("{:>18}", mode.title);
  print("  equal\n");
  const std::size_t steps = runs[0].losses.size();
  for (std::size_t row = 0; row < table_rows; ++row) {
    const std::size_t step = row * (steps - 1) / (table_rows - 1);
    print("{:>6}", step + 1);
    for (const Trained& run : runs) print("{:>18.9g}", run.losses[step]);
    print("  {}\n", equal_losses(runs, step) ? "yes" : "NO");
  }
  print("{} of {} losses are equal, bit for bit.\n", count_equal(runs), steps);
}

void print_modes(const std::vector<Trained>& runs) {
  print("\n{:<18}{:>18}{:>12}   {}\n", "mode", "held-out accuracy", "steps/s", "hash of the weights");
  for (std::size_t i = 0; i < runs.size(); ++i)
    print("{:<18}{:>16.2f} %{:>12.0f}   {}\n", modes[i].title, 100 * runs[i].accuracy,
          runs[i].steps_per_second, hash(runs[i].weights));
}

int verdict(const std::vector<Trained>& runs) {
  return count_equal(runs) == runs[0].losses.size() && equal_weights(runs) ? 0 : 1;
}

}  // namespace

int run_demo(const DemoOptions& options) {
  const Recipe recipe = recipe_for(options);
  const data::Split images = load_split(options, recipe);
  const std::string out = options.out.empty() ? data::program_folder() + "demo" : options.out;
  if (!options.hash) {
    print("{}: {} images to learn from, {} held out\n", images.train.name, images.train.size(),
          images.held_out.size());
    print("({})\n", images.train.credit);
    std::fflush(stdout);
  }
  const std::vector<Trained> runs = train_all(images, recipe, options.hash);
  const std::string report = write_report(out, images.train.name + "-mlp", runs);
  if (options.hash) {
    for (std::size_t i = 0; i < runs.size(); ++i) print("{} {}\n", modes[i].name, hash(runs[i].weights));
    return verdict(runs);
  }
  print_losses(runs);
  print_modes(runs);
  print("\nThe weights are {} in all modes. Report: {}\n", equal_weights(runs) ? "equal" : "NOT EQUAL",
        report);
  return verdict(runs);
}

}  // namespace twofold::cli
