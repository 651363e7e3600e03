// apply(): the only place where the two modes part.
//
//   - While a graph is open on this thread every operation records a node.
//   - Outside, an operation records a node if an input is symbolic.
//   - Otherwise the kernel runs at once and, if a gradient may be asked for, the tape records.
#pragma once

#include <limits>

#include "core/impl.h"
#include "core/op.h"

namespace twofold::core {

using Inputs = std::span<Impl* const>;

Tensors apply(const Op& op, Inputs in, Attrs attrs, const Location& where);
// For the operations with one output: nearly all.
Tensor apply_one(const Op& op, Inputs in, Attrs attrs, const Location& where);
Tensor apply_one(const Op& op, std::initializer_list<Impl*> in, Attrs attrs, const Location& where);
// Operands of a variadic call, borrowed.
class Handles {
 public:
  explicit Handles(const Tensors& tensors) {
    for (const Tensor& t : tensors) impls_.push_back(t.impl());
  }
  Inputs span() const { return impls_; }

 private:
  std::vector<Impl*> impls_;
};

// For derivative rules and compositions: by name, the location inherited.
Tensors apply(const Op& op, const Tensors& in, Attrs attrs = {});

// Runs an operation on concrete tensors without history. `wanted` as in Produce.
inline constexpr int all_wanted = std::numeric_limits<int>::max();
Tensors execute(const Op& op, Inputs in, const Attrs& attrs, int wanted = all_wanted);

// Operations called inside inherit this line instead of naming ours: public calls of nn, optim and
// compositions.
class LocationScope {
 public:
  explicit LocationScope(const Location& where);
  ~LocationScope();
  LocationScope(const LocationScope&) = delete;
  LocationScope& operator=(const LocationScope&) = delete;

 private:
  Location before_;
};
Location inherited_location(const Location& own);
// A function of the user's that is called inside has lines of its own.
class OwnLines {
 public:
  OwnLines();
  ~OwnLines();
  OwnLines(const OwnLines&) = delete;
  OwnLines& operator=(const OwnLines&) = delete;

 private:
  Location before_;
};

// Errors of `body` name the call and the user's line.
template <class F>
auto located(const char* call, const Location& own, F&& body) {
  try {
    return body();
  } catch (Error& e) {
    e.locate(call, inherited_location(own));
    throw;
  }
}

}  // namespace twofold::core
