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
std::shared_ptr<Hooks>& place_of(Impl& impl) {
  if (impl.symbol) return impl.symbol->graph->hooks(impl.symbol->node);
  return impl.record ? impl.record->hooks : impl.hooks;
}

std::int32_t output_of(const Impl& impl) {
  if (impl.symbol) return impl.symbol->output;
  return impl.record ? impl.output : 0;
}

bool may_have_gradient(const Tensor& t) { return t.symbolic() ? t.dtype() != bool_ : t.requires_grad(); }

void check_result(const Tensor& before, const Tensor& after) {
  if (after.symbolic() && !before.symbolic())
    throw StateError({.op = "backward",
                      .argument = "gradient",
                      .got = "a tensor of a graph, which has no value yet",
                      .expected = "a concrete tensor from a hook"});
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
  auto& hooks = core::place_of(*impl_);
  if (!hooks) hooks = std::make_shared<core::Hooks>();
  const std::uint64_t id = core::next_id++;
  hooks->push_back({id, core::output_of(*impl_), std::move(hook)});
  return HookHandle(hooks, id);
}

void HookHandle::remove() {
  const auto hooks = hooks_.lock();
  if (!hooks) return;
  const auto at = std::ranges::find(*hooks, id_, &core::Hook::id);
  if (at == hooks->end()) return;
  const core::Hook gone = std::move(*at);  // what it holds may end with it, and come back here
  hooks->erase(at);
}

}  // namespace twofold
