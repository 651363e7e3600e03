#include "core/recorder.h"

namespace twofold::core {
namespace {

thread_local Recorder* open = nullptr;
thread_local RecorderScope* innermost = nullptr;

}  // namespace

Recorder* open_recorder() { return open; }
RecorderScope::RecorderScope(Recorder* graph)
    : before_(std::exchange(open, graph)), outer_(std::exchange(innermost, this)) {}
RecorderScope::~RecorderScope() {
  const RecorderScope* scope = innermost;
  while (scope && scope != this) scope = scope->outer_;
  if (!scope) return;
  open = before_;
  innermost = outer_;
}

Recorder* recorder_for(std::span<Impl* const> in) {
  if (open) return open;
  for (Impl* i : in)
    if (i && i->symbol) return i->symbol->graph.get();
  return nullptr;
}

}  // namespace twofold::core
