// Buffer planning: which values own memory, how long it lives, and where in one arena it lies.
#pragma once

#include "graph/program.h"

namespace twofold::graph {

enum class Home : std::uint8_t {
  none,      // nothing reads it, or it has no memory (a stand-in for a shape)
  constant,  // the constant's own
  feed,      // the caller's
  variable,  // the cell's, while nobody writes to it
  arena,
  fetch,    // a new tensor that the caller will own
  dynamic,  // made when the data have told its shape
  view,     // its source's
};

struct Buffer {
  Home home = Home::none;
  ValueId root = -1;        // the value whose memory this is (itself unless a view or forwarded)
  std::size_t offset = 0;   // in the arena
  int first = 0, last = 0;  // steps from which to which it must stay
};

struct Layout {
  std::vector<Buffer> buffers;  // one per value
  std::vector<bool> snapshot;   // variable reads that must copy: written before their last use
  std::size_t arena_bytes = 0;
  std::size_t unplanned_bytes = 0;
  int in_place = 0;
};

// `reuse` false: every value gets bytes of its own (the program as written).
Layout plan_buffers(const Program& program, bool reuse);

}  // namespace twofold::graph
