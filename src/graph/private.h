// Private: what a session keeps to itself: the memory of declared variables, the streams of generators made
// per session. Parameters, buffers and other generators are shared with eager code and with every session.
#pragma once

#include <mutex>
#include <unordered_map>

#include "graph/program.h"

namespace twofold::graph {

class Private {
 public:
  // This session's memory of a variable; it has no value until an assignment has run.
  Ref<Impl> cell(const Ref<Impl>& variable);
  // The program with this session's cells and generators in the place of what declares them.
  void replace(Program& program);

 private:
  Generator stream(const Generator& declared);
  Attrs with_streams(const Attrs& attrs);

  struct Cell {
    Ref<Impl> declared, own;  // the first keeps the key alive
  };
  std::mutex mutex_;
  std::unordered_map<const Impl*, Cell> cells_;
  std::vector<std::pair<Generator, Generator>> streams_;  // few: a look-up per plan
};

}  // namespace twofold::graph
