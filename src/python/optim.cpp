// The engine's optimisers, for torch.optim.
#include "twofold/optim.h"

#include <nanobind/nanobind.h>

#include "core/apply.h"
#include "python/bindings.h"
#include "python/convert.h"
#include "python/errors.h"

namespace nb = nanobind;

namespace twofold::python {
namespace {

// Engine errors of `body` become torch's.
template <class F>
void run(F&& body) {
  const bool done = guarded(Face::torch, [&] {
    const core::LocationScope line(user_line());
    return body(), true;
  });
  if (!done) throw nb::python_error();
}

Tensors parameters_of(nb::list list) {
  Tensors out;
  if (!operands_of(list.ptr(), out)) throw nb::python_error();
  return out;
}

void make_sgd(optim::SGD* at, nb::list parameters, double rate, double momentum, double decay,
              bool nesterov) {
  run([&] {
    new (at) optim::SGD(parameters_of(parameters), rate,
                        {.momentum = momentum, .weight_decay = decay, .nesterov = nesterov});
  });
}

void make_adam(optim::Adam* at, nb::list parameters, double rate, double beta1, double beta2, double eps,
               double decay) {
  run([&] {
    new (at) optim::Adam(parameters_of(parameters), rate,
                         {.beta1 = beta1, .beta2 = beta2, .eps = eps, .weight_decay = decay});
  });
}

}  // namespace

void bind_optim(nb::module_& m) {
  nb::class_<optim::Optimizer>(m, "Optimizer")
      .def("step", [](optim::Optimizer& o) { run([&] { o.step(); }); })
      .def("set_learning_rate", [](optim::Optimizer& o, double rate) {
        if (rate != o.learning_rate()) run([&] { o.set_learning_rate(rate); });
      });
  nb::class_<optim::SGD, optim::Optimizer>(m, "SGD").def("__init__", make_sgd);
  nb::class_<optim::Adam, optim::Optimizer>(m, "Adam").def("__init__", make_adam);
}

}  // namespace twofold::python
