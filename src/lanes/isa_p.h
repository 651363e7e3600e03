// Private to the executor: the table of loops in use.
#pragma once

#include <atomic>

#include "lanes/loops_p.h"

namespace twofold::lanes {

// Null until the first run has looked at the machine and at TWOFOLD_ISA.
extern constinit std::atomic<const Loops*> loops_in_use;
const Loops& choose_loops();

inline const Loops& active_loops() {
  const Loops* loops = loops_in_use.load(std::memory_order_relaxed);
  return loops ? *loops : choose_loops();
}

}  // namespace twofold::lanes
