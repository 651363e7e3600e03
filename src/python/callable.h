// Python callables that the engine keeps: hooks, derivatives, host functions.
#pragma once

#include <Python.h>

#include <memory>

#include "core/hooks.h"
#include "python/object.h"

namespace twofold::python {

// A reference that may be dropped on any thread, and after the interpreter's end.
class Callable {
 public:
  explicit Callable(PyObject* f);
  ~Callable();
  Callable(const Callable&) = delete;
  Callable& operator=(const Callable&) = delete;

  // A new reference; null with a Python error set. Steals `arguments`, a tuple, which may be null.
  PyObject* operator()(PyObject* arguments) const;
  // At the interpreter's end, which finds no cycle that leads through the engine: a hook of a tensor knows
  // its module, and the module the tensor.
  static void let_go_of_all();
  PyObject* get() const { return f_; }  // borrowed

 private:
  void let_go();

  PyObject* f_;                          // null once let go of
  Callable *before_ = nullptr, *after_;  // all that there are; the interpreter's lock guards them
  static Callable* first;
};

// A hook of a tensor: the engine calls it, and Python's collector looks through it.
struct Hook {
  std::shared_ptr<Callable> f;
  Face face;
  Tensor operator()(const Tensor& gradient) const;
};

}  // namespace twofold::python
