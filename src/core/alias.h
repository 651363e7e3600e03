// Aliasing: views, their roots, and in-place writes as pure writes into the root ("functionalised", once,
// here).
#pragma once

#include "core/impl.h"
#include "core/op.h"

namespace twofold::core {

// Brings a view's history or node up to date with what happened to its root (note "roots and epochs").
void refresh(Impl& impl);
inline bool is_stale(const Impl& view) { return view.epoch != view.root().epoch; }
inline void refresh_if_stale(Impl& impl) {
  if (impl.view && is_stale(impl)) refresh(impl);
}

// The views between a root and a tensor, root first: the attribute of the `overwrite` row.
struct ViewStep {
  const Op* op;
  Attrs attrs;
};
struct Opaque {
  std::vector<ViewStep> steps;
};
// Applies the steps to concrete geometry: the array that the last view sees.
Array follow(const Array& root, const std::vector<ViewStep>& steps);

// A copy of `base` in which the part that the view shows holds `value`; differentiable.
Tensor overwrite_view(const Tensor& base, const Tensor& value, const Op& view, const Attrs& attrs);

// Refuses what no in-place operation may write to. Called before anything is computed, so that both modes
// refuse a double mistake for the same reason.
void check_target(Impl& target, const char* op);
// target's contents become `value` (same shape and dtype), for every alias of target. `fresh`: nobody else
// has the value, whose history may become the target's own.
void write(Impl& target, const Tensor& value, const char* op, const Location& where, bool fresh = false);

}  // namespace twofold::core
