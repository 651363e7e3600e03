// A progress bar on standard error: redrawn in place on a terminal, a few lines elsewhere.
#pragma once

#include <cstdint>
#include <string>

namespace twofold::cli {

class ProgressBar {
 public:
  explicit ProgressBar(std::string title);
  void show(std::int64_t step, std::int64_t steps);

 private:
  std::string title_;
  bool terminal_;
  std::int64_t shown_ = 0;  // of `parts`
};

}  // namespace twofold::cli
