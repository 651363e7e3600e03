#include "python/refusals.h"

#include "python/errors.h"

namespace twofold::python {

std::string described(PyObject* value) {
  if (!value) return "nothing";
  if (value == Py_None) return "None";
  const std::string name = Py_TYPE(value)->tp_name;
  return (std::string_view("aeiouAEIOU").find(name[0]) == std::string_view::npos ? "a " : "an ") + name;
}

bool refuse_argument(const std::string& op, const std::string& argument, std::string got,
                     std::string expected) {
  Error e({.op = op, .argument = argument, .got = std::move(got), .expected = std::move(expected)});
  e.locate(nullptr, user_line());
  PyErr_SetString(PyExc_TypeError, e.what());
  return false;
}

bool name_argument(const std::string& op, const char* argument) {
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  PyObject* text = PyObject_Str(value);
  const bool plain = type == PyExc_TypeError || type == PyExc_ValueError || type == PyExc_OverflowError;
  if (!text || !plain) {  // of the user's own code, or one that says all
    PyErr_Clear();
    Py_XDECREF(text);
    PyErr_Restore(type, value, trace);
    return false;
  }
  const std::string where = to_string(user_line());
  PyErr_Format(type, "%s: argument '%s': %U%s%s%s", op.c_str(), argument, text, where.empty() ? "" : " (",
               where.c_str(), where.empty() ? "" : ")");
  Py_DECREF(text), Py_XDECREF(type), Py_XDECREF(value), Py_XDECREF(trace);
  return false;
}

}  // namespace twofold::python
