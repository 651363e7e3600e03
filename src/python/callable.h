// Python callables that the engine keeps: hooks, derivatives, host functions.
#pragma once

#include <Python.h>
#include <nanobind/nanobind.h>

#include <memory>

#include "core/custom.h"
#include "core/hooks.h"
#include "core/recorder.h"
#include "python/object.h"
#include "twofold/tensor.h"

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

// How the engine holds a callable: by itself, or weakly, where the Python object of a graph owns it. That
// object shows it to Python's collector: a function may well refer to the graph that calls it.
class Held {
 public:
  explicit Held(std::shared_ptr<Callable> own) : own_(std::move(own)) {}
  Held(const std::shared_ptr<Callable>& of_a_graph, std::shared_ptr<void> token)
      : of_a_graph_(of_a_graph), token_(std::move(token)) {}

  // A new reference, as Callable has it; StateError, naming `call`, when its graph is gone.
  PyObject* operator()(PyObject* arguments, const char* call) const;
  // What only this holds; null if others do.
  PyObject* alone() const { return own_.use_count() == 1 ? own_->get() : nullptr; }

 private:
  std::shared_ptr<Callable> own_;
  std::weak_ptr<Callable> of_a_graph_;
  std::shared_ptr<void> token_;  // tells the owner that the engine still may call
};

// `f`, which a graph will call, or, where it is null, the tape.
Held held(PyObject* f, const core::Recorder* graph);

// A derivative of the user's: the collector looks through it, too.
class HeldFunction : public core::Custom {
 public:
  explicit HeldFunction(Held f) : f_(std::move(f)) {}
  const Held& held() const { return f_; }

 private:
  Held f_;
};

// A hook of a tensor: the engine calls it, and Python's collector looks through it.
struct Hook {
  Held f;
  Face face;
  Tensor operator()(const Tensor& gradient) const;
};

// On a tensor, which is then shown to the collector.
HookHandle register_hook(nanobind::handle tensor, nanobind::callable hook);

// From here on the collector looks at the tensor.
void track(PyObject* tensor);

}  // namespace twofold::python
