// Errors of the engine as Python exceptions, worded by the face that the user called.
#pragma once

#include <Python.h>

#include "core/op.h"
#include "python/object.h"

namespace twofold::python {

// Makes twofold.Error and its classes, each also the built-in class that Python users catch.
bool make_error_types(PyObject* module);
// A callable (kind, op, argument, got, expected, text) -> exception or None: the face's own class and words.
void set_translator(Face face, PyObject* callable);
// A callable (row, exception, arguments) -> exception or None, called when a row's function has failed:
// better words for what the arguments show to be the reason.
void set_words(Face face, PyObject* callable);
// The error that is set, in the face's words for a call of this row with these arguments.
void reword(Face face, const char* row, PyObject* arguments);
// Where the package's own Python files lie: frames in them are not the user's.
void set_package_folder(const std::string& folder);
// Sets the Python error for `e`.
void raise(const Error& e, Face face);
// Out of the engine, and of guarded(), with the Python error that is set: raise() leaves it as it is.
[[noreturn]] void python_raised();
// The user's line: the innermost Python frame outside the package.
Location user_line();

// Compositions call operations whose errors and records name a line: the user's. The others find it when they
// fail; the plain API's always, as in C++: a graph's nodes show it.
inline Location call_line(const core::Op& op, Face face) {
  return op.compose || face == Face::plain ? user_line() : Location();
}

// Runs `body`; what it throws becomes a Python error, and the result an empty one.
template <class F>
auto guarded(Face face, F&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Error& e) {
    raise(e, face);
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& e) {
    PyErr_SetString(PyExc_RuntimeError, e.what());
  }
  return decltype(body())();
}

}  // namespace twofold::python
