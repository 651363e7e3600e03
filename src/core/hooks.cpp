#include "core/hooks.h"

#include <algorithm>
#include <atomic>

#include "core/alias.h"
#include "core/impl.h"
#include "core/record.h"
#include "core/recorder.h"

namespace twofold {
namespace core {
namespace {

std::atomic<std::uint64_t> next_id{1};

// Where the hooks of a tensor hang: on the node or the step that made it, or on the leaf itself.
Hooks& hooks_of(Impl& impl) {
  if (impl.symbol) return impl.symbol->graph->hooks(impl.symbol->node);
  auto& hooks = impl.record ? impl.record->hooks : impl.hooks;
  if (!hooks) hooks = std::make_unique<Hooks>();
  return *hooks;
}

std::int32_t output_of(const Impl& impl) {
  if (impl.symbol) return impl.symbol->output;
  return impl.record ? impl.output : 0;
}

bool may_have_gradient(const Tensor& t) { return t.symbolic() ? t.dtype() != bool_ : t.requires_grad(); }

void check_result(const Tensor& before, const Tensor& after) {
  if (after.shape().compatible(before.shape()) && after.dtype() == before.dtype()) return;
  throw ValueError(
      {.op = "register_hook",
       .argument = "hook",
       .got = "a result of " + std::string(name_of(after.dtype())) + to_string(after.shape()),
       .expected = "the gradient's " + std::string(name_of(before.dtype())) + to_string(before.shape())});
}

}  // namespace

Tensor through_hooks(const Hooks& hooks, std::int32_t output, Tensor gradient) {
  const Hooks calling = hooks;  // a hook may remove itself
  for (const Hook& h : calling) {
    if (h.output != output) continue;
    const Tensor changed = h.call(gradient);
    if (!changed.defined()) continue;
    check_result(gradient, changed);
    gradient = changed;
  }
  return gradient;
}

}  // namespace core

HookHandle Tensor::register_hook(GradientHook hook, std::source_location at) const {
  if (!core::may_have_gradient(*this)) {
    StateError e({.op = "register_hook",
                  .argument = "",
                  .got = "a tensor that requires no gradient",
                  .expected = "one that does"});
    e.locate("register_hook", at);
    throw e;
  }
  const std::uint64_t id = core::next_id++;
  core::hooks_of(*impl_).push_back({id, core::output_of(*impl_), std::move(hook)});
  return HookHandle(*this, id);
}

void HookHandle::remove() {
  if (!tensor_.defined()) return;
  std::erase_if(core::hooks_of(*tensor_.impl()), [&](const core::Hook& h) { return h.id == id_; });
  tensor_ = {};
}

}  // namespace twofold
