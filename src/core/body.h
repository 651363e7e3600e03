// Body: a sub-graph as a value, the argument of cond and while_loop. graph/ makes them by tracing a callable.
#pragma once

#include <functional>
#include <memory>

#include "core/impl.h"
#include "core/op.h"

namespace twofold::core {

using BodyFn = std::function<Tensors(const Tensors&)>;

struct Body {
  virtual ~Body() = default;
  // Inputs: the formal parameters, then the captured outer tensors. Outputs: the results, then `kept` values
  // (draws of random operations) that the derivative reads instead of drawing again.
  virtual const std::vector<Meta>& inputs() const = 0;
  virtual const std::vector<Meta>& outputs() const = 0;
  virtual int results() const = 0;
  virtual Tensors run(std::span<const Tensor> in) const = 0;
  // Throws what run() would of these shapes, without running: the branch not taken is refused alike in both
  // modes.
  virtual void check(std::span<const Tensor> in) const = 0;
  // (inputs..., kept..., gradients of the results...) -> gradients of the inputs, zeros where none flows.
  // Made once.
  virtual std::shared_ptr<Body> vjp() const = 0;
  // The same body with inputs that it ignores: input i of this one becomes number position[i] of `all`.
  virtual std::shared_ptr<Body> widened(std::span<const Meta> all, std::span<const int> position) const = 0;
  // Does it draw random numbers?
  virtual bool random() const = 0;
  // What it draws from, bodies inside it included.
  virtual void find_generators(std::vector<Generator>& found) const = 0;
  // Forgets the user's functions, which may hold what holds this.
  virtual void let_go_of_functions() = 0;
  // GraphError if a node, of a body inside it included, is for a device that is not there.
  virtual void check_devices() const = 0;
};

inline void find_generators(const Attrs& attrs, std::vector<Generator>& found) {
  for (int i = 0; i < attrs.size(); ++i) {
    if (const auto* g = std::get_if<Generator>(&attrs[i]); g && g->defined()) found.push_back(*g);
    if (const auto* b = std::get_if<std::shared_ptr<Body>>(&attrs[i])) (*b)->find_generators(found);
  }
}

struct Traced {
  std::shared_ptr<Body> body;
  Tensors captures;  // outer tensors that the callable used, in order of first use
};
// A callable that was traced, before it is known what else its body is to take and give.
class Tracing {
 public:
  virtual ~Tracing() = default;
  // The outer variables to which the results need assignments: the body gives their new values instead, and
  // its caller assigns them.
  virtual const Tensors& assigned() const = 0;
  // Inputs: the parameters, `variables`, then the captures without these. Outputs: the results, and the
  // values of the variables after them if `with_values`.
  virtual Traced close(const Tensors& variables, bool with_values) = 0;
};

// Traces `fn` on parameters with these metas. `what` names the caller in errors.
std::unique_ptr<Tracing> begin_trace(const BodyFn& fn, std::span<const Meta> parameters, const char* what,
                                     const Location& where);
// The same of a callable that assigns nothing: StateError if it does.
Traced trace(const BodyFn& fn, std::span<const Meta> parameters, const char* what, const Location& where);

}  // namespace twofold::core
