// Hooks and custom functions: Python callables on the tape.
#include <nanobind/nanobind.h>

#include <chrono>
#include <thread>

#include "base/interrupt.h"
#include "core/custom.h"
#include "python/bindings.h"
#include "python/callable.h"
#include "python/convert.h"
#include "python/errors.h"
#include "python/object.h"

namespace nb = nanobind;

namespace twofold::python {
namespace {

// Steals `argument`.
nb::object call_back(const Callable& f, PyObject* argument) {
  PyObject* result = f(argument ? Py_BuildValue("(N)", argument) : nullptr);
  if (!result) python_raised();
  return nb::steal(result);
}

Tensor tensor_or_none(nb::handle o, const char* what) {
  if (o.is_none()) return {};
  if (is_tensor(o.ptr())) return tensor_in(o.ptr());
  PyErr_Format(PyExc_TypeError, "%s should return a tensor or None, not %s", what, Py_TYPE(o.ptr())->tp_name);
  python_raised();
}

HookHandle register_hook(nb::handle tensor, nb::callable hook) {
  const Tensor t = tensor_argument(tensor);
  const Face face = face_of(tensor.ptr());
  const Hook made{std::make_shared<Callable>(hook.ptr()), face};
  const HookHandle handle = guarded(face, [&] { return t.register_hook(made); });
  if (PyErr_Occurred()) throw nb::python_error();
  if (!PyObject_GC_IsTracked(tensor.ptr())) PyObject_GC_Track(tensor.ptr());
  return handle;
}

class PythonFunction final : public core::Custom {
 public:
  explicit PythonFunction(nb::callable backward) : backward_(backward.ptr()) {}
  Tensors backward(const Tensors& gradients) override {
    const nb::object results = call_back(backward_, wrap_all(gradients, Face::torch));
    Tensors out;
    for (nb::handle g : results) out.push_back(tensor_or_none(g, "backward"));
    return out;
  }

 private:
  Callable backward_;
};

// The outputs anew, as results of a function of these inputs.
nb::list record_function(nb::list inputs, nb::list outputs, nb::callable backward) {
  Tensors in, out;
  if (!operands_of(inputs.ptr(), in) || !operands_of(outputs.ptr(), out)) throw nb::python_error();
  const bool done = guarded(Face::torch, [&] {
    for (Tensor& t : out) t = t.detach();
    const core::Handles handles(in);
    core::record_custom(handles.span(), out, std::make_shared<PythonFunction>(backward), user_line());
    return true;
  });
  if (!done) throw nb::python_error();
  nb::list results;
  for (const Tensor& t : out) results.append(nb::steal(wrap(t, Face::torch)));
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

}  // namespace

Tensor Hook::operator()(const Tensor& gradient) const {
  return tensor_or_none(call_back(*f, wrap(gradient, face)), "a hook");
}

void bind_functions(nb::module_& m) {
  nb::class_<HookHandle>(m, "HookHandle").def("remove", &HookHandle::remove);
  m.def("register_hook", register_hook);
  m.def("record_function", record_function);
  m.def("end", at_the_end);
  interrupt_check = let_python_run;
}

}  // namespace twofold::python
