// The parts of the module that nanobind makes; the tensor type itself is made of type slots (object.h).
#pragma once

#include <nanobind/nanobind.h>

namespace twofold::python {

void bind_graph(nanobind::module_& m);
void bind_functions(nanobind::module_& m);
void bind_optim(nanobind::module_& m);
void bind_values(nanobind::module_& m);

}  // namespace twofold::python
