#include "cli/progress.h"

#include <unistd.h>

#include <cstdio>

namespace twofold::cli {

ProgressBar::ProgressBar(std::string title) : title_(std::move(title)), terminal_(::isatty(STDERR_FILENO)) {}

void ProgressBar::show(std::int64_t step, std::int64_t steps) {
  const int parts = terminal_ ? 40 : 2;
  const std::int64_t part = step * parts / steps;
  if (part == shown_) return;
  shown_ = part;
  const auto now = static_cast<long long>(step), all = static_cast<long long>(steps);
  if (!terminal_) {
    std::fprintf(stderr, "%s: step %lld of %lld\n", title_.c_str(), now, all);
    return;
  }
  const std::string bar = std::string(static_cast<std::size_t>(part), '#') +
                          std::string(static_cast<std::size_t>(parts - part), '.');
  std::fprintf(stderr, "\r%-17s [%s] %lld/%lld%s", title_.c_str(), bar.c_str(), now, all,
               step == steps ? "\n" : "");
  std::fflush(stderr);
}

}  // namespace twofold::cli
