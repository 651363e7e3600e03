#include <limits>
#include <set>

#include "core/apply.h"
#include "core/recorder.h"
#include "optim/check_p.h"
#include "twofold/ops.h"
#include "twofold/optim.h"

namespace twofold::optim {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void check_parameter(const Tensor& p) {
  const bool leaf =
      p.defined() && !p.symbolic() && p.is_leaf() && p.requires_grad() && is_floating(p.dtype());
  if (!leaf)
    throw ValueError(
        {.op = "",
         .argument = "parameters",
         .got = p.defined() ? "a tensor that is no floating leaf with a gradient" : "an undefined tensor",
         .expected = "parameters, as parameter() makes them"});
}

void check_parameters(const Tensors& parameters) {
  std::set<const core::Impl*> seen;
  for (const Tensor& p : parameters) {
    check_parameter(p);
    if (!seen.insert(p.impl()).second)
      throw ValueError(
          {.op = "", .argument = "parameters", .got = "a parameter twice", .expected = "each once"});
  }
  if (parameters.empty())
    throw ValueError({.op = "", .argument = "parameters", .got = "none", .expected = "at least one"});
}

}  // namespace

Optimizer::Optimizer(const char* call, Tensors parameters, double learning_rate,
                     const std::source_location& at)
    : parameters_(std::move(parameters)) {
  try {
    check_parameters(parameters_);
    check_range(call, "learning_rate", learning_rate, 0, infinity, at);
  } catch (Error& e) {
    e.locate(call, at);
    throw;
  }
  rate_ = new_scalar("learning_rate", learning_rate);
}

Tensor Optimizer::new_state(const char* name, std::size_t index, const Tensor& like) {
  const core::RecorderScope closed(nullptr);  // state exists now, also while a graph is being built
  const Tensor state = buffer(zeros(like.shape().dims(), like.dtype()));
  state_.emplace_back(std::string(name) + "." + std::to_string(index), state);
  return state;
}

Tensor Optimizer::new_scalar(const std::string& name, double value) {
  const Tensor scalar = buffer(tensor(value));
  state_.emplace_back(name, scalar);
  return scalar;
}

double Optimizer::learning_rate() const { return rate_.item<double>(); }

void Optimizer::set_learning_rate(double value, std::source_location at) {
  check_range("set_learning_rate", "value", value, 0, infinity, at);
  const core::RecorderScope closed(nullptr);
  rate_.fill_(value);
}

void Optimizer::update_all(const Tensors& gradients) {
  const NoGrad off;
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    if (gradients[i].defined()) update(i, gradients[i]);
}

void Optimizer::step(std::source_location at) {
  const core::LocationScope scope(at);
  if (core::open_recorder()) {
    StateError e(
        {.op = "step", .argument = "", .got = "a call while a graph is open", .expected = "minimize(loss)"});
    e.locate("step", at);
    throw e;
  }
  Tensors gradients;
  for (const Tensor& p : parameters_) gradients.push_back(p.grad());
  update_all(gradients);
}

void Optimizer::zero_grad() {
  for (Tensor& p : parameters_) p.zero_grad();
}

Operation Optimizer::minimize(const Tensor& loss, std::source_location at) {
  const core::LocationScope scope(at);
  const Tensors slopes = loss.symbolic() ? gradients({loss}, parameters_, {}, at)
                                         : grad({loss}, parameters_, {.allow_unused = true}, at);
  return collect([&] { update_all(slopes); }, "train", at);
}

}  // namespace twofold::optim
