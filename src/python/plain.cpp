// `_core._fill(module)` and its kin: the names of the plain API, put into the package's modules when they are
// imported.
#include "python/plain.h"

#include "python/bindings.h"

namespace twofold::python {
namespace {

using Add = void (*)(nb::module_&);

// They are made once: a module that is imported anew, or reloaded, has the same classes.
void add_part(nb::module_& core, const char* fill, std::vector<Add> parts) {
  core.def(fill, [made = nb::dict(), parts = std::move(parts)](nb::module_ module) {
    const auto names = nb::cast<nb::dict>(module.attr("__dict__"));
    if (made.size() == 0) {
      const auto before = nb::cast<nb::dict>(names.attr("copy")());
      for (const Add add : parts) add(module);
      for (auto [name, value] : names)
        if (!before.contains(name)) made[name] = value;
    }
    names.attr("update")(made);
  });
}

}  // namespace

void bind_plain(nb::module_& m) {
  add_part(m, "_fill",
           {add_dtypes, add_tensor_class, add_values, add_generators, add_scopes, add_graphs, add_sessions,
            add_user_functions, add_files});
  add_part(m, "_fill_nn", {add_layers});
  add_part(m, "_fill_optim", {add_optimizers});
  add_part(m, "_fill_data", {add_data});
}

}  // namespace twofold::python
