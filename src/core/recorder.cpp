#include "core/recorder.h"

namespace twofold::core {
namespace {

thread_local Recorder* open = nullptr;

}  // namespace

Recorder* open_recorder() { return open; }
RecorderScope::RecorderScope(Recorder* graph) : before_(std::exchange(open, graph)) {}
RecorderScope::~RecorderScope() { open = before_; }

Recorder* recorder_for(std::span<Impl* const> in) {
  if (open) return open;
  for (Impl* i : in)
    if (i && i->symbol) return i->symbol->graph.get();
  return nullptr;
}

}  // namespace twofold::core
