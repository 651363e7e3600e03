// A loop that may run for long asks now and then whether it is to go on.
#pragma once

#include <atomic>

namespace twofold {

// Returns, or throws what ends the loop: a key that its user has pressed. Null: nobody wants to be asked.
using InterruptCheck = void (*)();
inline std::atomic<InterruptCheck> interrupt_check{nullptr};

inline void check_interrupt() {
  if (const InterruptCheck check = interrupt_check.load(std::memory_order_relaxed)) check();
}

}  // namespace twofold
