// Optimisers: the same updates in both modes, bit for bit.
//
//   optim::SGD sgd(net.parameters(), 0.1, {.momentum = 0.9});
//   loss.backward(); sgd.step(); sgd.zero_grad();            // define-by-run
//   Operation train = sgd.minimize(loss);                    // define-and-run: fetch it to take a step
//   sgd.set_learning_rate(0.01);                             // both see it
//
// All that changes from step to step (momentum, moments, the learning rate) is held in buffers, which graphs
// capture by reference: the modes may even take turns on one optimiser. The formulas are PyTorch's.
#pragma once

#include "twofold/graph.h"
#include "twofold/io.h"
#include "twofold/tensor.h"

namespace twofold::optim {

class Optimizer {
 public:
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  virtual ~Optimizer() = default;

  // Updates every parameter that has a gradient. StateError while a graph is open: there, minimize() is
  // meant.
  void step(std::source_location at = std::source_location::current());
  void zero_grad();
  // One step down the gradient of `loss`. In a graph: the operation that does it when it runs; it reads no
  // .grad. Eager: done at once, and the operation is empty.
  Operation minimize(const Tensor& loss, std::source_location at = std::source_location::current());

  double learning_rate() const;
  void set_learning_rate(double value, std::source_location at = std::source_location::current());

  const Tensors& parameters() const { return parameters_; }
  // The buffers, named: what a checkpoint keeps beside the parameters. restore() brings them back.
  const NamedTensors& state() const { return state_; }

 protected:
  // `call` is the optimiser's name in errors; each parameter must be a floating leaf that requires a
  // gradient.
  Optimizer(const char* call, Tensors parameters, double learning_rate, const std::source_location& at);
  // A buffer of `like`'s shape and dtype filled with zeros, listed in state() as "name.index".
  Tensor new_state(const char* name, std::size_t index, const Tensor& like);
  // A buffer of one f64, for what is computed per step and not per element.
  Tensor new_scalar(const std::string& name, double value);
  // The learning rate as a tensor.
  const Tensor& rate() const { return rate_; }
  // Changes parameter number `index` (and its state), given its gradient; records or runs, as the mode has
  // it.
  virtual void update(std::size_t index, const Tensor& gradient) = 0;

 private:
  void update_all(const Tensors& gradients);

  Tensors parameters_;
  NamedTensors state_;
  Tensor rate_;
};

struct SGDOptions {
  double momentum = 0;
  double weight_decay = 0;  // adds weight_decay * p to the gradient
  bool nesterov = false;    // needs momentum
};

// v = momentum * v + g;  p = p - rate * v       (Nesterov: rate * (g + momentum * v))
class SGD : public Optimizer {
 public:
  SGD(Tensors parameters, double learning_rate, const SGDOptions& options = {},
      std::source_location at = std::source_location::current());

 protected:
  void update(std::size_t index, const Tensor& gradient) override;

 private:
  SGDOptions options_;
  Tensors velocity_;
};

struct AdamOptions {
  double beta1 = 0.9, beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;  // adds weight_decay * p to the gradient
};

// m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g²
// p = p - rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
class Adam : public Optimizer {
 public:
  Adam(Tensors parameters, double learning_rate = 1e-3, const AdamOptions& options = {},
       std::source_location at = std::source_location::current());

 protected:
  void update(std::size_t index, const Tensor& gradient) override;

 private:
  struct Moments {
    Tensor first, second;
    Tensor beta1_power, beta2_power;  // beta^t, for the steps that this parameter has taken
  };
  AdamOptions options_;
  std::vector<Moments> moments_;
};

}  // namespace twofold::optim
