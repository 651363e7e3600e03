#include <limits>

#include "optim/check_p.h"
#include "twofold/ops.h"
#include "twofold/optim.h"

namespace twofold::optim {

SGD::SGD(Tensors parameters, double learning_rate, const SGDOptions& options, std::source_location at)
    : Optimizer("SGD", std::move(parameters), learning_rate, at), options_(options) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  check_range("SGD", "momentum", options.momentum, options.nesterov ? 1e-300 : 0, infinity, at);
  check_range("SGD", "weight_decay", options.weight_decay, 0, infinity, at);
  if (options.momentum == 0) return;
  for (std::size_t i = 0; i < this->parameters().size(); ++i)
    velocity_.push_back(new_state("velocity", i, this->parameters()[i]));
}

void SGD::update(std::size_t index, const Tensor& gradient) {
  Tensor p = parameters()[index];
  Tensor g = gradient;
  if (options_.weight_decay != 0) {
    const Tensor decay = p * options_.weight_decay;
    g = g + decay;
  }
  if (options_.momentum != 0) {
    Tensor v = velocity_[index];
    v.mul_(options_.momentum);
    v.add_(g);
    if (options_.nesterov) {
      const Tensor ahead = v * options_.momentum;
      g = g + ahead;
    } else {
      g = v;
    }
  }
  const Tensor rate_here = rate().to(p.dtype());
  const Tensor change = g * rate_here;
  p.sub_(change);
}

}  // namespace twofold::optim
