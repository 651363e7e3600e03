// Hooks, custom functions and control flow: Python callables that the engine calls.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <chrono>
#include <thread>

#include "base/interrupt.h"
#include "core/apply.h"
#include "core/custom.h"
#include "core/record.h"
#include "python/bindings.h"
#include "python/callable.h"
#include "python/convert.h"
#include "python/errors.h"
#include "python/object.h"
#include "twofold/control.h"

namespace nb = nanobind;

namespace twofold::python {
namespace {

// Steals `argument`.
nb::object call_back(const Held& f, PyObject* argument) {
  PyObject* result = f(argument ? Py_BuildValue("(N)", argument) : nullptr, "register_hook");
  if (!result) python_raised();
  return nb::steal(result);
}

Tensor tensor_or_none(nb::handle o, const char* what) {
  if (o.is_none()) return {};
  if (is_tensor(o.ptr())) return tensor_in(o.ptr());
  PyErr_Format(PyExc_TypeError, "%s should return a tensor or None, not %s", what, Py_TYPE(o.ptr())->tp_name);
  python_raised();
}

const core::Recorder* graph_of(const Tensor& t) {
  return t.symbolic() ? t.impl()->symbol->graph.get() : nullptr;
}

class PythonFunction final : public HeldFunction {
 public:
  PythonFunction(Held backward, Face face) : HeldFunction(std::move(backward)), face_(face) {}
  Tensors backward(const Tensors& gradients, const Tensors& kept) override {
    PyObject* arguments = Py_BuildValue("(NN)", wrap_all(gradients, face_), wrap_all(kept, face_));
    const nb::object results = nb::steal(arguments ? held()(arguments, "custom") : nullptr);
    if (!results) python_raised();
    Tensors out;
    for (nb::handle g : results) out.push_back(tensor_or_none(g, "backward"));
    return out;
  }

 private:
  Face face_;
};

// The outputs anew, as results of a function of these inputs: backward(gradients, kept) -> gradients.
nb::list record_function(nb::list inputs, nb::list outputs, nb::callable backward, const std::string& name,
                         nb::list kept, int face) {
  const auto as = static_cast<Face>(face);
  Tensors in, out, keep;
  if (!operands_of(inputs.ptr(), in) || !operands_of(outputs.ptr(), out) || !operands_of(kept.ptr(), keep))
    throw nb::python_error();
  const bool done = guarded(as, [&] {
    out = core::record_custom(
        in, out, std::make_shared<PythonFunction>(Held(std::make_shared<Callable>(backward.ptr())), as), keep,
        user_line());
    const core::Handles handles(in);
    for (const Tensor& t : out) core::show_as(*t.impl(), name, handles.span());
    return true;
  });
  if (!done) throw nb::python_error();
  nb::list results;
  for (const Tensor& t : out) results.append(nb::steal(wrap(t, as)));
  return results;
}

bool has_other_threads() {
  return PyThreadState_Next(PyInterpreterState_ThreadHead(PyInterpreterState_Get()));
}

// Before the interpreter ends. A daemon thread stops where it stands then, with all that it holds: no leak.
void at_the_end() {
  Callable::let_go_of_all();
  if (has_other_threads()) nb::set_leak_warnings(false);
}

// Between the iterations of a loop: signals, and now and then Python's other threads.
void let_python_run() {
  using Clock = std::chrono::steady_clock;
  static thread_local Clock::time_point last;
  if (!PyGILState_Check()) return;
  if (PyErr_CheckSignals() != 0) python_raised();
  if (Clock::now() - last < std::chrono::milliseconds(5)) return;
  if (has_other_threads()) {
    PyThreadState* own = PyEval_SaveThread();
    std::this_thread::sleep_for(std::chrono::microseconds(50));  // long enough for one that waits to wake up
    PyEval_RestoreThread(own);
  }
  last = Clock::now();
}

// --- control flow
// ------------------------------------------------------------------------------------------------

// What the user's function gives for tensors of a body: a list of tensors.
Tensors called_back(const nb::callable& f, const Tensors& variables) {
  PyObject* arguments = wrap_all(variables, Face::torch);
  PyObject* results = arguments ? PyObject_CallOneArg(f.ptr(), arguments) : nullptr;
  Py_XDECREF(arguments);
  Tensors out;
  if (!results || !operands_of(results, out)) python_raised();
  Py_DECREF(results);
  return out;
}

template <class F>
nb::list traced(F&& flow) {
  const Tensors out = guarded(Face::torch, [&] {
    const core::LocationScope line(user_line());
    return flow();
  });
  if (PyErr_Occurred()) throw nb::python_error();
  nb::list results;
  for (const Tensor& t : out) results.append(nb::steal(wrap(t, Face::torch)));
  return results;
}

nb::list make_cond(nb::handle condition, nb::callable then, nb::callable otherwise) {
  const Tensor test = tensor_argument(condition);
  return traced([&] {
    return cond(
        test, [&] { return called_back(then, {}); }, [&] { return called_back(otherwise, {}); });
  });
}

nb::list make_while_loop(nb::callable condition, nb::callable body, nb::list variables) {
  Tensors start;
  if (!operands_of(variables.ptr(), start)) throw nb::python_error();
  return traced([&] {
    return while_loop([&](const Tensors& v) { return called_back(condition, v).at(0); },
                      [&](const Tensors& v) { return called_back(body, v); }, start);
  });
}

}  // namespace

HookHandle register_hook(nb::handle tensor, nb::callable hook) {
  const Tensor t = tensor_argument(tensor);
  const Face face = face_of(tensor.ptr());
  const HookHandle handle = guarded(face, [&] {
    return t.register_hook(Hook{held(hook.ptr(), graph_of(t)), face});
  });
  if (PyErr_Occurred()) throw nb::python_error();
  track(tensor.ptr());
  return handle;
}

Tensor Hook::operator()(const Tensor& gradient) const {
  const core::OwnLines own;
  return tensor_or_none(call_back(f, wrap(gradient, face)), "a hook");
}

void bind_functions(nb::module_& m) {
  nb::class_<HookHandle>(m, "HookHandle").def("remove", &HookHandle::remove);
  m.def("register_hook", register_hook);
  m.def("record_function", record_function);
  m.def("cond", make_cond);
  m.def("while_loop", make_while_loop);
  m.def("end", at_the_end);
  interrupt_check = let_python_run;
}

}  // namespace twofold::python
