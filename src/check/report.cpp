#include "check/report.h"

namespace twofold::check {

void Report::check(const core::Op& op, const std::string& sample, const char* check,
                   const std::string& what) {
  ++checks_;
  if (!what.empty()) failures_.push_back({op.name, sample, check, what});
}

}  // namespace twofold::check
