#include "check/trial.h"

#include <algorithm>

#include "check/operands.h"
#include "core/apply.h"

namespace twofold::check {
namespace {

using core::Attr;
using core::Attrs;
using core::Op;

// Leaves over the same memory, so that strides stay what they are.
Tensors leaves_of(const Trial& trial, const Tensors& inputs) {
  Tensors leaves;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    leaves.push_back(inputs[i].detach());
    if (trial.differentiable(static_cast<int>(i))) leaves.back().set_requires_grad();
  }
  return leaves;
}

bool has_gradient(const Tensor& t) { return is_floating(t.dtype()) && t.requires_grad(); }

using Weights = Tensor (Trial::*)(int, Dtype, const Shape&) const;

// d(weighted sum of outputs)/d(leaves).
Tensors gradients_of(const Trial& trial, const Tensors& outputs, const Tensors& leaves, Weights weights,
                     bool again) {
  GradOptions options{.create_graph = again, .allow_unused = true};
  Tensors from, to, gradients(leaves.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& y = outputs[i];
    if (!y.defined() || !has_gradient(y)) continue;
    from.push_back(y);
    options.grad_outputs.push_back((trial.*weights)(static_cast<int>(i), y.dtype(), y.shape()));
  }
  for (const Tensor& x : leaves)
    if (has_gradient(x)) to.push_back(x);
  if (from.empty() || to.empty()) return gradients;
  const Tensors found = grad(from, to, options);
  std::size_t next = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i)
    if (has_gradient(leaves[i])) gradients[i] = found[next++];
  return gradients;
}

std::string difference(const std::vector<Bits>& got, const std::vector<Bits>& expected, const char* what) {
  if (got.size() != expected.size())
    return std::to_string(got.size()) + " " + what + "s, expected " + std::to_string(expected.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    if (const std::string d = difference(got[i], expected[i]); !d.empty())
      return std::string(what) + " " + std::to_string(i) + ": " + d;
  return "";
}

}  // namespace

std::string difference(const Outcome& got, const Outcome& expected) {
  if (got.error != expected.error)
    return (got.error.empty() ? "no error" : got.message) + ", expected " +
           (expected.error.empty() ? "no error" : expected.message);
  const std::string values = difference(got.values, expected.values, "value");
  return values.empty() ? difference(got.gradients, expected.gradients, "gradient") : values;
}

Outcome caught(const std::function<void(Outcome&)>& run) {
  Outcome out;
  try {
    run(out);
  } catch (const Error& e) {
    out.error = e.kind(), out.message = e.what();
  }
  return out;
}

Trial::Trial(const Op& op, const Sample& sample) : Trial(op, sample, false) {}
Trial Trial::in_f64(const Op& op, const Sample& sample) { return {op, sample, true}; }

Trial::Trial(const Op& op, const Sample& sample, bool wide) : op_(&op), sample_(&sample) {
  for (std::size_t i = 0; i < sample.operands.size(); ++i) {
    Operand x = sample.operands[i];
    if (wide && is_floating(x.dtype)) x.dtype = f64;
    inputs_.push_back(make_operand(x, key_of(op.name, sample.text, static_cast<int>(i))));
  }
}

Attrs Trial::attrs() const {
  std::vector<Attr> values;
  for (int i = 0; i < sample_->attrs.size(); ++i) {
    values.push_back(sample_->attrs[i]);
    if (auto* g = std::get_if<Generator>(&values.back())) *g = g->clone();
  }
  return Attrs(std::move(values));
}

Tensor Trial::weights(int output, Dtype dtype, const Shape& shape) const {
  return make_weights(dtype, shape, key_of(op_->name, sample_->text, 100 + output));
}

Tensor Trial::second_weights(int input, Dtype dtype, const Shape& shape) const {
  return make_weights(dtype, shape, key_of(op_->name, sample_->text, 200 + input));
}

bool Trial::differentiable(int input) const {
  const bool ruled = op_->vjp || op_->lanes || op_->compose;
  return ruled && is_floating(inputs_[static_cast<std::size_t>(input)].dtype());
}

const Outcome& Trial::expected() const {
  if (!expected_) expected_ = std::make_unique<Outcome>(run_eager(*this, inputs_));
  return *expected_;
}

Tensors call(const Op& op, const Tensors& inputs, const Attrs& attrs) {
  return core::apply(op, inputs, attrs);
}

Outcome run_eager(const Trial& trial, const Tensors& inputs) {
  return caught([&](Outcome& out) {
    const Tensors leaves = leaves_of(trial, inputs);
    const Tensors outputs = call(trial.op(), leaves, trial.attrs());
    for (const Tensor& y : outputs) out.values.push_back(bits_of(y));
    for (const Tensor& g : gradients_of(trial, outputs, leaves, &Trial::weights, false))
      out.gradients.push_back(bits_of(g));
  });
}

Outcome run_eager_twice(const Trial& trial) {
  return caught([&](Outcome& out) {
    const Tensors leaves = leaves_of(trial, trial.inputs());
    const Tensors outputs = call(trial.op(), leaves, trial.attrs());
    const Tensors first = gradients_of(trial, outputs, leaves, &Trial::weights, true);
    for (const Tensor& g : first) out.values.push_back(bits_of(g));
    for (const Tensor& g : gradients_of(trial, first, leaves, &Trial::second_weights, false))
      out.gradients.push_back(bits_of(g));
  });
}

}  // namespace twofold::check
