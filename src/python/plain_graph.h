// Graph as a Python object: a context manager, and the owner of the functions that its graph will call.
#pragma once

#include "python/callable.h"
#include "python/signature.h"
#include "twofold/graph.h"

namespace twofold::python {

// A scope of C++ that Python has entered.
struct Entered {
  const void* by;
  std::shared_ptr<void> scope;
};
// Ends the innermost one; StateError if that is not `scope`'s.
void leave(std::vector<Entered>& open, const void* scope, const char* name);

// Slots of a class with a method each_object(f): the collector looks through it.
template <class T>
struct Collected {
  static int traverse(PyObject* self, visitproc visit, void* arg) {
    Py_VISIT(Py_TYPE(self));
    if (!nb::inst_ready(self)) return 0;
    int result = 0;
    nb::inst_ptr<T>(self)->each_object([&](PyObject* o) {
      if (o && result == 0) result = visit(o, arg);
    });
    return result;
  }
  static int clear(PyObject* self) {
    if (nb::inst_ready(self)) nb::inst_ptr<T>(self)->clear();
    return 0;
  }
  static inline PyType_Slot slots[] = {{Py_tp_traverse, reinterpret_cast<void*>(traverse)},
                                       {Py_tp_clear, reinterpret_cast<void*>(clear)},
                                       {0, nullptr}};
};

class GraphObject {
 public:
  GraphObject();
  ~GraphObject();
  GraphObject(const GraphObject&) = delete;
  GraphObject& operator=(const GraphObject&) = delete;

  void enter();
  void exit();
  Held keep(PyObject* function);
  const Graph& graph() const { return graph_; }

  template <class F>
  void each_object(F f) const {
    for (const Kept& k : functions_) f(k.function->get());
  }
  void clear() { std::exchange(functions_, {}); }

 private:
  struct Kept {
    std::shared_ptr<Callable> function;
    std::weak_ptr<void> token;
  };
  Graph graph_;
  std::vector<Kept> functions_;
};

// Functions of bodies that are traced while it lives belong to this graph, if it has a Python object.
class TracingFor {
 public:
  explicit TracingFor(const Tensors& operands);
  ~TracingFor();
  TracingFor(const TracingFor&) = delete;
  TracingFor& operator=(const TracingFor&) = delete;

 private:
  const core::Recorder* before_;
};

// Calls a function of the user's, whose errors have lines of their own.
template <class... Args>
nb::object call_user(nb::handle f, const Args&... args) {
  const core::OwnLines own;
  return f(args...);
}

}  // namespace twofold::python
