// `twofold demo`: one model, written once, trained define-by-run and define-and-run; the losses must agree in
// every bit.
#pragma once

#include <string>

namespace twofold::cli {

struct DemoOptions {
  bool quick = false;     // fewer steps
  bool hash = false;      // print the hashes of the weights and nothing else
  std::string mnist_dir;  // MNIST's four IDX files in place of the digits that come with Twofold
  std::string out;        // folder of report.json and the weights; default: demo/ beside the program
};

// The exit status: 0, or 1 when the modes differ. Throws Error.
int run_demo(const DemoOptions& options);

}  // namespace twofold::cli
