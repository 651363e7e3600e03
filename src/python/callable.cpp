#include "python/callable.h"

#include <utility>

namespace twofold::python {

Callable* Callable::first = nullptr;

Callable::Callable(PyObject* f) : f_(Py_NewRef(f)), after_(first) {
  if (first) first->before_ = this;
  first = this;
}

Callable::~Callable() {
  if (!Py_IsInitialized()) return;
  const PyGILState_STATE state = PyGILState_Ensure();
  let_go();
  PyGILState_Release(state);
}

void Callable::let_go() {
  PyObject* f = std::exchange(f_, nullptr);
  if (!f) return;
  (before_ ? before_->after_ : first) = after_;
  if (after_) after_->before_ = before_;
  Py_DECREF(f);
}

PyObject* Callable::operator()(PyObject* arguments) const {
  PyObject* f = Py_XNewRef(f_);  // the call may let go of this
  if (arguments && !f) PyErr_SetString(PyExc_RuntimeError, "the interpreter is ending");
  PyObject* result = arguments && f ? PyObject_CallObject(f, arguments) : nullptr;
  Py_XDECREF(arguments);
  Py_XDECREF(f);
  return result;
}

void Callable::let_go_of_all() {
  while (first) first->let_go();
}

PyObject* Held::operator()(PyObject* arguments, const char* call) const {
  const std::shared_ptr<Callable> f = own_ ? own_ : of_a_graph_.lock();
  if (f) return (*f)(arguments);
  Py_XDECREF(arguments);
  throw StateError({.op = call,
                    .argument = "",
                    .got = "a function whose graph is gone",
                    .expected = "the graph to be held while gradients() needs it"});
}

}  // namespace twofold::python
