// The extension module `twofold._core`: what the Python faces are made of.
#include "python/bindings.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "python/object.h"
#include "python/row_function.h"
#include "twofold/graph.h"

NB_MODULE(_core, m) {
  if (nanobind::type<twofold::Operation>().is_valid())
    throw nanobind::import_error(
        "twofold._core is there already, and there can be no second one in a process");
  nanobind::set_leak_warnings(false);  // what a user's program holds to its end is no concern of the user's
  using namespace twofold::python;
  PyObject* module = m.ptr();
  if (!import_numpy() || !make_tensor_type(module) || !make_error_types(module) ||
      !make_row_function_type(module))
    throw nanobind::python_error();
  bind_errors(m);
  bind_values(m);
  bind_generator(m);
  bind_graph(m);
  bind_session(m);
  bind_samples(m);
  bind_random(m);
  bind_symbols(m);
  bind_functions(m);
  bind_plain(m);
}
