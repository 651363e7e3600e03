// The demo's model and its training, once in each mode.
#pragma once

#include <functional>

#include "twofold/data.h"
#include "twofold/io.h"

namespace twofold::cli {

struct Recipe {
  int epochs = 40;
  std::int64_t batch_size = 64;
  std::int64_t hidden = 512;  // wide enough for matmul to use a second thread
  double dropout = 0.2;
  double learning_rate = 0.05, momentum = 0.9;
  std::uint64_t seed = 42;
};

struct Mode {
  const char* title;  // "graph, 2 threads"
  const char* name;   // "graph_2_threads"
  bool graph;
  int threads;
};
inline constexpr Mode modes[] = {{"eager", "eager", false, 1},
                                 {"graph", "graph", true, 1},
                                 {"graph, 2 threads", "graph_2_threads", true, 2}};

struct Trained {
  std::vector<float> losses;  // of every step
  double accuracy = 0;        // held out, a fraction
  double steps_per_second = 0;
  NamedTensors weights;
};

using Progress = std::function<void(std::int64_t step, std::int64_t steps)>;
Trained train(const Mode& mode, const data::Split& images, const Recipe& recipe, const Progress& progress);

}  // namespace twofold::cli
