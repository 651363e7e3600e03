// Methods of C++ classes that a Python class overrides.
#pragma once

#include "python/plain_graph.h"

namespace twofold::python {

// self.name, where the class of `self`, which derives from the bound class of T, has a method of its own;
// otherwise an empty object.
template <class T>
nb::object override_of(nb::handle self, const char* name) {
  const nb::handle bound = nb::type<T>();
  if (self.type().is(bound)) return {};
  const nb::object own = nb::getattr(self.type(), name, nb::none());
  if (own.is(nb::getattr(bound, name, nb::none()))) return {};
  return self.attr(name);
}

// Tensor results of such methods.
inline Tensor tensor_from(nb::handle result, const char* method) {
  static const Signature none("def method(result: object) -> None");
  if (is_tensor(result.ptr())) return tensor_in(result.ptr());
  Given(none, method, result).refuse("a tensor");
}

}  // namespace twofold::python
