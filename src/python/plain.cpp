// `_core._fill(module)`: the names of the plain API, put into the package's modules when they are imported.
#include "python/plain.h"

#include "python/bindings.h"

namespace twofold::python {

void bind_plain(nb::module_& m) {
  m.def("_fill", [](nb::module_ package) {
    add_dtypes(package);
    add_tensor_class(package);
    add_values(package);
    add_generators(package);
    add_scopes(package);
    add_graphs(package);
    add_sessions(package);
    add_user_functions(package);
    add_files(package);
  });
  m.def("_fill_nn", [](nb::module_ module) { add_layers(module); });
  m.def("_fill_optim", [](nb::module_ module) { add_optimizers(module); });
  m.def("_fill_data", [](nb::module_ module) { add_data(module); });
}

}  // namespace twofold::python
