#include "python/errors.h"

#include <frameobject.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <cstring>
#include <map>
#include <set>
#include <string>

#include "python/bindings.h"

namespace nb = nanobind;

namespace twofold::python {
namespace {

PyObject* translators[face_count] = {};
PyObject* words[face_count] = {};
std::map<std::string, PyObject*, std::less<>>& classes() {
  static auto* made = new std::map<std::string, PyObject*, std::less<>>;
  return *made;
}

struct ErrorClass {
  const char *kind, *name;
  PyObject** builtin;
};

// File names outlive the code objects that they come from: locations point to them.
const char* kept(const char* name) {
  static auto* names = new std::set<std::string, std::less<>>;
  const auto at = names->find(name);
  return (at == names->end() ? names->insert(name).first : at)->c_str();
}

std::string& package_folder() {
  static auto* folder = new std::string("?");
  return *folder;
}

bool is_ours(const char* file) {
  return std::string_view(file).starts_with(package_folder()) || std::strncmp(file, "<frozen", 7) == 0;
}

// A public call of the engine made from here without a line of the user's names its own place in src/.
bool is_engines(const Location& at) {
  constexpr std::string_view own = __FILE__;
  return std::string_view(at.file).starts_with(own.substr(0, own.size() - std::strlen("python/errors.cpp")));
}

// The error with the user's line.
Error located(const Error& e) {
  Error own(e.facts());
  own.locate(nullptr, e.where() && !is_engines(e.where()) ? e.where() : user_line());
  return own;
}

// What C++ says of an error besides its text.
void describe(PyObject* exception, const Error& e, const Error& located) {
  const nb::handle made(exception);
  made.attr("facts") = nb::cast(e.facts());
  made.attr("where") = nb::cast(located.where());
  if (const auto* io = dynamic_cast<const IoError*>(&e)) made.attr("offset") = io->offset;
}

PyObject* translated(const Error& e, Face face, const std::string& text) {
  PyObject* translator = translators[static_cast<int>(face)];
  if (!translator) return nullptr;
  const Error::Facts& f = e.facts();
  PyObject* made = PyObject_CallFunction(translator, "ssssss", e.kind(), f.op.c_str(), f.argument.c_str(),
                                         f.got.c_str(), f.expected.c_str(), text.c_str());
  if (made == Py_None) Py_CLEAR(made);
  return made;
}

}  // namespace

bool make_error_types(PyObject* module) {
  PyObject* base = PyErr_NewException("twofold.Error", PyExc_Exception, nullptr);
  if (!base || PyModule_AddObjectRef(module, "Error", base) < 0) return false;
  classes()["error"] = base;
  const ErrorClass kinds[] = {{"shape", "ShapeError", &PyExc_ValueError},
                              {"dtype", "DtypeError", &PyExc_TypeError},
                              {"index", "IndexError", &PyExc_IndexError},
                              {"value", "ValueError", &PyExc_ValueError},
                              {"state", "StateError", &PyExc_RuntimeError},
                              {"graph", "GraphError", &PyExc_ValueError},
                              {"memory", "MemoryError", &PyExc_MemoryError},
                              {"internal", "InternalError", &PyExc_RuntimeError},
                              {"io", "IoError", &PyExc_OSError}};
  for (const ErrorClass& c : kinds) {
    PyObject* bases = PyTuple_Pack(2, base, *c.builtin);
    PyObject* made =
        bases ? PyErr_NewException((std::string("twofold.") + c.name).c_str(), bases, nullptr) : nullptr;
    Py_XDECREF(bases);
    if (!made || PyModule_AddObjectRef(module, c.name, made) < 0) return false;
    classes()[c.kind] = made;
    nb::handle(made).attr("kind") = c.kind;
  }
  return true;
}

void bind_errors(nb::module_& m) {
  const nb::handle error(classes()["error"]);
  error.attr("kind") = "error";
  error.attr("facts") = error.attr("where") = nb::none();  // of one that users make
  nb::handle(classes()["io"]).attr("offset") = 0;
  nb::class_<Error::Facts>(error, "Facts", "What an error knows.")
      .def_ro("op", &Error::Facts::op, "The operation, or the public call.")
      .def_ro("argument", &Error::Facts::argument, "Empty when the whole call is at fault.")
      .def_ro("got", &Error::Facts::got)
      .def_ro("expected", &Error::Facts::expected)
      .def_ro("note", &Error::Facts::note, "A second place or what to do.");
  nb::class_<Location>(m, "Location", "The user's file and line.")
      .def_prop_ro("file", [](const Location& at) { return at.file; })
      .def_ro("line", &Location::line)
      .def("__str__", [](const Location& at) { return to_string(at); });
}

void set_package_folder(const std::string& folder) { package_folder() = folder + "/"; }

void set_translator(Face face, PyObject* callable) {
  Py_XSETREF(translators[static_cast<int>(face)], Py_NewRef(callable));
}

void set_words(Face face, PyObject* callable) {
  Py_XSETREF(words[static_cast<int>(face)], Py_NewRef(callable));
}

void reword(Face face, const char* row, PyObject* arguments) {
  PyObject* callable = words[static_cast<int>(face)];
  if (!callable) return;
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  PyErr_Fetch(&type, &value, &trace);
  PyErr_NormalizeException(&type, &value, &trace);
  PyObject* made = PyObject_CallFunction(callable, "sOO", row, value, arguments);
  if (made && made != Py_None) PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made)), made);
  const bool kept = made == Py_None;
  Py_XDECREF(made);
  if (kept) return PyErr_Restore(type, value, trace);
  Py_XDECREF(type), Py_XDECREF(value), Py_XDECREF(trace);
}

void raise(const Error& e, Face face) {
  if (PyErr_Occurred()) return;  // a callback of the user's has failed: that is the error
  const Error own = located(e);
  const std::string text = own.what();
  PyObject* made = translated(e, face, text);
  if (PyErr_Occurred()) return;
  if (made) {
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made)), made);
    Py_DECREF(made);
    return;
  }
  const auto at = classes().find(std::string_view(e.kind()));
  made = PyObject_CallFunction(at == classes().end() ? PyExc_RuntimeError : at->second, "s", text.c_str());
  if (!made) return;
  try {
    describe(made, e, own);
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made)), made);
  } catch (nb::python_error& failed) {
    failed.restore();
  }
  Py_DECREF(made);
}

void python_raised() {
  throw StateError({.op = "", .argument = "", .got = "an error in Python", .expected = "none"});
}

Location user_line() {
  PyFrameObject* frame = PyThreadState_GetFrame(PyThreadState_Get());
  while (frame) {
    PyCodeObject* code = PyFrame_GetCode(frame);
    const char* file = PyUnicode_AsUTF8(code->co_filename);
    const bool found = file && !is_ours(file);
    const Location at(found ? kept(file) : nullptr, static_cast<std::uint32_t>(PyFrame_GetLineNumber(frame)));
    Py_DECREF(code);
    PyFrameObject* outer = found ? nullptr : PyFrame_GetBack(frame);
    Py_DECREF(frame);
    if (found) return at;
    frame = outer;
  }
  PyErr_Clear();
  return {};
}

}  // namespace twofold::python
