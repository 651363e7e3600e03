// twofold.optim: optimisers, and those that a Python class makes.

#include "python/overrides.h"
#include "python/plain.h"
#include "twofold/optim.h"

namespace twofold::python {
namespace {

using optim::Optimizer;

class OptimizerObject {
 public:
  virtual ~OptimizerObject() = default;
  virtual void update_as_bound(std::size_t index,
                               const Tensor& gradient) = 0;  // what super() means in update()
};

template <class O>
class Overridable final : public O, public OptimizerObject {
 public:
  template <class... Args>
  explicit Overridable(nb::handle self, Args&&... args) : O(std::forward<Args>(args)...), self_(self) {}

  void update_as_bound(std::size_t index, const Tensor& gradient) override {
    if constexpr (!std::is_same_v<O, Optimizer>)
      O::update(index, gradient);
    else
      throw StateError({.op = "update",
                        .argument = "",
                        .got = "an optimizer without a method 'update'",
                        .expected = "a class that defines update(self, index, gradient)"});
  }

 protected:
  void update(std::size_t index, const Tensor& gradient) override {
    const nb::object f = override_of<O>(self_, "update");
    if (f.is_valid())
      call_user(f, index, to_result(gradient));
    else
      update_as_bound(index, gradient);
  }

 private:
  nb::handle self_;  // holds this
};

// What an optimizer shows to its subclasses alone, Python shows to all.
struct Protected : Optimizer {
  static constexpr auto tensor = &Protected::new_state;
  static constexpr auto scalar = &Protected::new_scalar;
  static constexpr auto learning_rate = &Protected::rate;
};

template <class O, class F>
void add_constructor(nb::handle cls, const char* signature, const char* doc, F make) {
  constructor<O>(cls, signature, doc, [make](void* at, nb::handle self, const Call& c) {
    make(static_cast<Overridable<O>*>(at), self, c);
  });
}

// `lr` is short for `learning_rate`.
double rate_of(const Call& c, double otherwise) {
  const Given given = c["learning_rate"].absent() ? c["lr"] : c["learning_rate"];
  return given.real(otherwise);
}
double rate_of(const Call& c) {
  if (c["learning_rate"].absent() && c["lr"].absent()) c["learning_rate"].refuse("a number");
  return rate_of(c, 0);
}

void add_steps(nb::handle cls) {
  method<Optimizer>(cls, "def step(self) -> None", "Updates every parameter that has a gradient.",
                    [](Optimizer& o, const Call&) { o.step(); });
  method<Optimizer>(cls, "def zero_grad(self) -> None", "Forgets the gradients of the parameters.",
                    [](Optimizer& o, const Call&) { o.zero_grad(); });
  method<Optimizer>(
      cls, "def minimize(self, loss: Tensor) -> Operation",
      "One step down the gradient of `loss`: the operation that does it in a graph; done at once in eager "
      "code.",
      [](Optimizer& o, const Call& c) { return o.minimize(c["loss"].tensor()); });
  method<Optimizer>(cls, "def parameters(self) -> list[Tensor]", "What it changes.",
                    [](Optimizer& o, const Call&) { return o.parameters(); });
  method<Optimizer>(cls, "def state(self) -> dict[str, Tensor]",
                    "The buffers, named: what a checkpoint keeps beside the parameters.",
                    [](Optimizer& o, const Call&) { return o.state(); });
  attribute<Optimizer>(
      cls, "def learning_rate(self) -> float", "Graphs that were built with it see a new one, too.",
      [](Optimizer& o) { return o.learning_rate(); },
      [](Optimizer& o, const Given& value) { o.set_learning_rate(value.real()); });
  method<Optimizer>(cls, "def set_learning_rate(self, value: float) -> None", "Both modes see it.",
                    [](Optimizer& o, const Call& c) { o.set_learning_rate(c["value"].real()); });
}

// For classes of the user's.
void add_state(nb::handle cls) {
  method<Optimizer>(
      cls, "def new_state(self, name: str, index: int, like: Tensor) -> Tensor",
      "A buffer of `like`'s shape and dtype filled with zeros, listed in state() as 'name.index'.",
      [](Optimizer& o, const Call& c) {
        return (o.*Protected::tensor)(c["name"].text().c_str(), c["index"].seed(), c["like"].tensor());
      });
  method<Optimizer>(cls, "def new_scalar(self, name: str, value: float) -> Tensor",
                    "A buffer of one f64, for what is computed per step and not per element.",
                    [](Optimizer& o, const Call& c) {
                      return (o.*Protected::scalar)(c["name"].text(), c["value"].real());
                    });
  method<Optimizer>(cls, "def rate(self) -> Tensor", "The learning rate as a tensor.",
                    [](Optimizer& o, const Call&) { return (o.*Protected::learning_rate)(); });
  method<Optimizer>(cls, "def update(self, index: int, gradient: Tensor) -> None",
                    "Changes parameter number `index`, and its state, given its gradient.",
                    [](Optimizer& o, const Call& c) {
                      const std::size_t index = c["index"].seed();
                      if (index >= o.parameters().size()) c["index"].refuse("the number of a parameter");
                      dynamic_cast<OptimizerObject&>(o).update_as_bound(index, c["gradient"].tensor());
                    });
}

void add_base(nb::module_& m) {
  nb::class_<Optimizer, Overridable<Optimizer>> cls(m, "Optimizer", nb::is_weak_referenceable(),
                                                    "The same updates in both modes, bit for bit.");
  add_constructor<Optimizer>(cls,
                             "def __init__(self, parameters: Tensors, learning_rate: float | None = None, *, "
                             "lr: float | None = None) -> None",
                             "A class that derives from it defines update(self, index, gradient).",
                             [](Overridable<Optimizer>* at, nb::handle self, const Call& c) {
                               const std::string name = nb::cast<std::string>(self.type().attr("__name__"));
                               new (at) Overridable<Optimizer>(self, name.c_str(), c["parameters"].tensors(),
                                                               rate_of(c), std::source_location::current());
                             });
  add_steps(cls);
  add_state(cls);
}

void add_sgd(nb::module_& m) {
  using optim::SGD;
  nb::class_<SGD, Optimizer, Overridable<SGD>> cls(m, "SGD", "v = momentum * v + g; p = p - rate * v.");
  add_constructor<SGD>(
      cls,
      "def __init__(self, parameters: Tensors, learning_rate: float | None = None, *, lr: float | "
      "None = None, momentum: float = 0, weight_decay: float = 0, nesterov: bool = False) -> None",
      "`weight_decay` adds weight_decay * p to the gradient; `nesterov` needs momentum.",
      [](Overridable<SGD>* at, nb::handle self, const Call& c) {
        const optim::SGDOptions options{.momentum = c["momentum"].real(0),
                                        .weight_decay = c["weight_decay"].real(0),
                                        .nesterov = c["nesterov"].flag(false)};
        new (at) Overridable<SGD>(self, c["parameters"].tensors(), rate_of(c), options);
      });
}

void add_adam(nb::module_& m) {
  using optim::Adam;
  nb::class_<Adam, Optimizer, Overridable<Adam>> cls(m, "Adam",
                                                     "Steps by moments of the gradient, as PyTorch's.");
  add_constructor<Adam>(cls,
                        "def __init__(self, parameters: Tensors, learning_rate: float = 1e-3, *, lr: float | "
                        "None = None, beta1: float = "
                        "0.9, beta2: float = 0.999, eps: float = 1e-8, weight_decay: float = 0) -> None",
                        "`weight_decay` adds weight_decay * p to the gradient.",
                        [](Overridable<Adam>* at, nb::handle self, const Call& c) {
                          const optim::AdamOptions options{.beta1 = c["beta1"].real(0.9),
                                                           .beta2 = c["beta2"].real(0.999),
                                                           .eps = c["eps"].real(1e-8),
                                                           .weight_decay = c["weight_decay"].real(0)};
                          new (at)
                              Overridable<Adam>(self, c["parameters"].tensors(), rate_of(c, 1e-3), options);
                        });
}

}  // namespace

void add_optimizers(nb::module_& m) {
  add_base(m);
  add_sgd(m);
  add_adam(m);
}

}  // namespace twofold::python
