// The plain API: package `twofold`, named like C++. Each part adds its names to a Python module.
#pragma once

#include "python/signature.h"

namespace twofold::python {

void add_dtypes(nb::module_& m);
void add_tensor_class(nb::module_& m);
void add_values(nb::module_& m);
void add_generators(nb::module_& m);
void add_scopes(nb::module_& m);
void add_graphs(nb::module_& m);
void add_sessions(nb::module_& m);
void add_user_functions(nb::module_& m);
void add_files(nb::module_& m);
void add_layers(nb::module_& m);
void add_optimizers(nb::module_& m);
void add_data(nb::module_& m);

}  // namespace twofold::python
