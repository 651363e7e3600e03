// The parts of the module that nanobind makes; the tensor type itself is made of type slots (object.h).
#pragma once

#include <nanobind/nanobind.h>

#include "python/object.h"

namespace twofold::python {

// A new reference, or the Python error that is set where there is none.
inline nanobind::object stolen(PyObject* o) {
  if (!o) throw nanobind::python_error();
  return nanobind::steal(o);
}

// The tensor in an argument; TypeError for anything else.
inline Tensor& tensor_argument(nanobind::handle o) {
  if (!is_tensor(o.ptr())) throw nanobind::type_error("expected a tensor");
  return tensor_in(o.ptr());
}
// The same, with values: TypeError for a symbolic one.
inline Tensor& concrete_argument(nanobind::handle o) {
  Tensor& t = tensor_argument(o);
  if (t.symbolic()) throw nanobind::type_error("expected a tensor with values, not one of a graph");
  return t;
}

void bind_errors(nanobind::module_& m);
void bind_generator(nanobind::module_& m);
void bind_graph(nanobind::module_& m);
void bind_session(nanobind::module_& m);
void bind_functions(nanobind::module_& m);
void bind_samples(nanobind::module_& m);
void bind_random(nanobind::module_& m);
void bind_symbols(nanobind::module_& m);
void bind_values(nanobind::module_& m);
void bind_plain(nanobind::module_& m);

}  // namespace twofold::python
