#include <limits>

#include "optim/check_p.h"
#include "twofold/ops.h"
#include "twofold/optim.h"

namespace twofold::optim {

Adam::Adam(Tensors parameters, double learning_rate, const AdamOptions& options, std::source_location at)
    : Optimizer("Adam", std::move(parameters), learning_rate, at), options_(options) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  check_range("Adam", "beta1", options.beta1, 0, 1, at);
  check_range("Adam", "beta2", options.beta2, 0, 1, at);
  check_range("Adam", "eps", options.eps, 0, infinity, at);
  check_range("Adam", "weight_decay", options.weight_decay, 0, infinity, at);
  for (std::size_t i = 0; i < this->parameters().size(); ++i) {
    const Tensor& p = this->parameters()[i];
    const std::string number = "." + std::to_string(i);
    Moments m;
    m.first = new_state("first_moment", i, p);
    m.second = new_state("second_moment", i, p);
    m.beta1_power = new_scalar("beta1_power" + number, 1);
    m.beta2_power = new_scalar("beta2_power" + number, 1);
    moments_.push_back(m);
  }
}

// What is computed per step is computed in f64 and rounded once to the parameter's dtype.
void Adam::update(std::size_t index, const Tensor& gradient) {
  Tensor p = parameters()[index];
  Moments& m = moments_[index];
  Tensor g = gradient;
  if (options_.weight_decay != 0) {
    const Tensor decay = p * options_.weight_decay;
    g = g + decay;
  }
  m.beta1_power.mul_(options_.beta1);
  m.beta2_power.mul_(options_.beta2);

  const Tensor g1 = g * (1 - options_.beta1);
  m.first.mul_(options_.beta1);
  m.first.add_(g1);
  const Tensor squares = g * g;
  const Tensor g2 = squares * (1 - options_.beta2);
  m.second.mul_(options_.beta2);
  m.second.add_(g2);

  const Tensor correction1 = 1.0 - m.beta1_power;
  const Tensor step_size = rate() / correction1;
  const Tensor correction2 = 1.0 - m.beta2_power;
  const Tensor root2 = sqrt(correction2);
  const Tensor spread = sqrt(m.second) / root2.to(p.dtype());
  const Tensor direction = m.first / (spread + options_.eps);
  const Tensor change = direction * step_size.to(p.dtype());
  p.sub_(change);
}

}  // namespace twofold::optim
