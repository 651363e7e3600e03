#include "python/row_function.h"

#include <structmember.h>

#include <string>
#include <vector>

#include "core/apply.h"
#include "core/op.h"
#include "python/convert.h"
#include "python/errors.h"
#include "python/refusals.h"
#include "python/torch_contract.h"

namespace twofold::python {
namespace {

using core::Attr;
using core::Kind;
using core::Op;
using core::Sig;

constexpr int most_parameters = Sig::capacity;

// What a face calls something else than the rows do.
struct Synonym {
  std::string_view face, row;
};
constexpr Synonym synonyms[] = {
    {"dim", "axis"},   {"dim", "axes"},       {"dims", "axes"},     {"keepdim", "keepdims"},
    {"axis", "axes"},  {"perm", "axes"},      {"size", "shape"},    {"sizes", "shape"},
    {"src", "source"}, {"tensors", "parts"},  {"values", "parts"},  {"dim0", "axis0"},
    {"dim1", "axis1"}, {"labels", "target"},  {"indices", "index"}, {"fill_value", "value"},
    {"dims", "shape"}, {"updates", "source"},
};

// What NumPy's users call arguments of PyTorch's functions, which take that too.
constexpr Synonym numpy_names[] = {{"x", "input"},  {"a", "input"},  {"x1", "input"},
                                   {"x2", "other"}, {"axis", "dim"}, {"keepdims", "keepdim"}};

// One argument in the face's order: which parameter of the sig it is.
struct Argument {
  PyObject* name = nullptr;  // interned
  int param = -1;
  bool takes_rest = false;  // *shape: all remaining positional integers
};

struct RowFunction {
  PyObject_HEAD vectorcallfunc call;
  const Op* op;
  Face face;
  std::vector<Argument>* arguments;
  std::vector<Attr>* defaults;  // one per attribute
  PyObject *name, *doc, *signature;
  std::string* spelling;  // what it was made from
};

PyTypeObject* type = nullptr;
PyObject* writer = nullptr;  // of set_writer()

int param_named(const Sig& sig, std::string_view name) {
  for (int i = 0; i < sig.size(); ++i)
    if (sig[i].name == name) return i;
  for (const Synonym& s : synonyms)
    for (int i = 0; s.face == name && i < sig.size(); ++i)
      if (sig[i].name == s.row) return i;
  return -1;
}

// --- one call
// ---------------------------------------------------------------------------------------------------

// The values of a call, sorted to the sig's parameters; borrowed.
struct Values {
  PyObject* of[most_parameters] = {};
  PyObject* rest = nullptr;  // owned: the tuple of *shape
  PyObject* out = nullptr;   // where PyTorch's users want the result: function(..., out=tensor)
  ~Values() { Py_XDECREF(rest); }
};

// What the plain API says where the faces have their originals' words.
bool refuse(const RowFunction& f, PyObject* argument, std::string got, std::string expected) {
  return refuse_argument(f.op->name, argument ? PyUnicode_AsUTF8(argument) : "", std::move(got),
                         std::move(expected));
}

bool too_many(const RowFunction& f, Py_ssize_t given) {
  const auto taken = static_cast<Py_ssize_t>(f.arguments->size());
  if (f.face == Face::plain)
    return refuse(f, nullptr, std::to_string(given) + " arguments", "at most " + std::to_string(taken));
  PyErr_Format(PyExc_TypeError, "%U() takes %zd positional argument%s but %zd were given", f.name, taken,
               taken == 1 ? "" : "s", given);
  return false;
}

bool take_positional(const RowFunction& f, PyObject* const* args, Py_ssize_t n, Values& v) {
  const auto& list = *f.arguments;
  for (Py_ssize_t k = 0; k < n; ++k) {
    if (static_cast<std::size_t>(k) >= list.size()) return too_many(f, n);
    const Argument& a = list[static_cast<std::size_t>(k)];
    if (a.takes_rest && (n - k > 1 || PyIndex_Check(args[k]))) {
      v.rest = PyTuple_New(n - k);
      for (Py_ssize_t j = k; v.rest && j < n; ++j) PyTuple_SET_ITEM(v.rest, j - k, Py_NewRef(args[j]));
      v.of[a.param] = v.rest;
      return v.rest != nullptr;
    }
    v.of[a.param] = args[k];
  }
  return true;
}

int param_of_keyword(const RowFunction& f, PyObject* name) {
  for (const Argument& a : *f.arguments)
    if (a.name == name) return a.param;
  const char* text = PyUnicode_AsUTF8(name);
  for (const Argument& a : *f.arguments)
    if (text && PyUnicode_Compare(a.name, name) == 0) return a.param;
  if (!text) return -1;
  for (const Synonym& s : numpy_names)
    for (const Argument& a : *f.arguments)
      if (f.face == Face::torch && s.face == text &&
          PyUnicode_CompareWithASCIIString(a.name, s.row.data()) == 0)
        return a.param;
  return param_named(f.op->sig, text);
}

bool unknown_name(const RowFunction& f, PyObject* name) {
  const char* text = PyUnicode_AsUTF8(name);
  std::string names;
  for (int i = 0; i < f.op->sig.size(); ++i) names += (i ? ", " : "") + std::string(f.op->sig[i].name);
  return text &&
         refuse(f, nullptr, "an argument named '" + std::string(text) + "'", names.empty() ? "none" : names);
}

bool take_keywords(const RowFunction& f, PyObject* const* values, PyObject* names, Values& v) {
  for (Py_ssize_t k = 0; names && k < PyTuple_GET_SIZE(names); ++k) {
    PyObject* name = PyTuple_GET_ITEM(names, k);
    const int param = param_of_keyword(f, name);
    if (param < 0 && f.face == Face::plain) return unknown_name(f, name);
    if (param < 0 && f.face == Face::torch && PyUnicode_CompareWithASCIIString(name, "out") == 0) {
      v.out = values[k] == Py_None ? nullptr : values[k];
      continue;
    }
    if (param < 0)
      return PyErr_Format(PyExc_TypeError, "%U() got an unexpected keyword argument '%U'", f.name, name),
             false;
    if (v.of[param] && f.face == Face::plain) return refuse(f, name, "it twice", "it once");
    if (v.of[param])
      return PyErr_Format(PyExc_TypeError, "%U() got multiple values for argument '%U'", f.name, name), false;
    v.of[param] = values[k];
  }
  return true;
}

struct Operands {
  SmallVector<Tensor, 4> owned;
  SmallVector<core::Impl*, 4> impls;

  void add(Tensor t) {
    impls.push_back(t.impl());
    owned.push_back(std::move(t));
  }
};

bool missing(const RowFunction& f, int param) {
  const char* form = f.face == Face::torch ? "%U() missing 1 required positional arguments: \"%U\""
                                           : "%U() missing 1 required positional argument: '%U'";
  for (const Argument& a : *f.arguments)
    if (a.param == param && f.face == Face::plain) return refuse(f, a.name, "nothing", "a value");
  for (const Argument& a : *f.arguments)
    if (a.param == param) return PyErr_Format(PyExc_TypeError, form, f.name, a.name), false;
  return PyErr_Format(PyExc_TypeError, "%U(): a required argument is missing", f.name), false;
}

// The plain API's arguments have the sig's own names.
bool bad_argument(const RowFunction& f, int param) {
  const std::string name(f.op->sig[param].name);
  return f.face == Face::plain && name_argument(f.op->name, name.c_str());
}

bool bad_operand(const RowFunction& f, int param, PyObject* given) {
  if (PyErr_Occurred()) return bad_argument(f, param);
  for (std::size_t i = 0; i < f.arguments->size(); ++i)
    if (const Argument& a = (*f.arguments)[i]; a.param == param && f.face == Face::plain)
      return refuse(f, a.name, described(given), "a tensor");
    else if (a.param == param)
      PyErr_Format(PyExc_TypeError, "%U(): argument '%U' (position %zu) must be Tensor, not %s", f.name,
                   a.name, i + 1, Py_TYPE(given)->tp_name);
  return false;
}

bool tensors_of(const RowFunction& f, const Values& v, Operands& out) {
  const Sig& sig = f.op->sig;
  for (int i = 0; i < sig.tensors(); ++i) {
    PyObject* given = v.of[i];
    if (!given && !sig[i].optional) return missing(f, i);
    if (!given || (given == Py_None && sig[i].optional)) {
      out.add({});
      continue;
    }
    Tensors several(1);
    const bool good =
        sig[i].variadic ? (several.clear(), operands_of(given, several)) : operand_of(given, several[0]);
    if (!good) return bad_operand(f, i, given);
    for (Tensor& t : several) out.add(std::move(t));
  }
  return true;
}

bool attributes_of(const RowFunction& f, const Values& v, core::Attrs& out) {
  const Sig& sig = f.op->sig;
  if (sig.attrs() == 0) return true;
  std::vector<Attr> attrs = *f.defaults;
  for (int i = 0; i < sig.attrs(); ++i) {
    PyObject* given = v.of[sig.tensors() + i];
    const core::Param& p = sig.attr(i);
    if (!given && !p.has_default && p.kind != Kind::generator) return missing(f, sig.tensors() + i);
    if (!given || (given == Py_None && p.has_default)) continue;
    if (!attribute_of(given, p.kind, attrs[static_cast<std::size_t>(i)]))
      return bad_argument(f, sig.tensors() + i);
  }
  out = core::Attrs(std::move(attrs));
  return true;
}

Face result_face(const RowFunction& f, const Values& v) {
  if (f.face != Face::plain) return f.face;
  PyObject* first = v.of[0];
  return first && is_tensor(first) ? face_of(first) : Face::plain;
}

// The error that is set, in the face's words for these values.
PyObject* failed(const RowFunction& f, const Values& v) {
  const auto n = static_cast<Py_ssize_t>(f.arguments->size());
  PyObject* values = PyTuple_New(n);
  for (Py_ssize_t i = 0; values && i < n; ++i) {
    PyObject* given = v.of[(*f.arguments)[static_cast<std::size_t>(i)].param];
    PyTuple_SET_ITEM(values, i, Py_NewRef(given ? given : Py_None));
  }
  if (values) reword(f.face, f.op->name, values);
  Py_XDECREF(values);
  return nullptr;
}

PyObject* run(const RowFunction& f, const Values& v) {
  Operands in;
  core::Attrs attrs;
  if (!tensors_of(f, v, in) || !attributes_of(f, v, attrs)) return nullptr;
  const Face face = result_face(f, v);
  const core::Inputs inputs{in.impls.data(), in.impls.size()};
  if (f.op->sig.outputs() == 1) {
    Tensor out = guarded(
        face, [&] { return apply_in(f.face, *f.op, inputs, std::move(attrs), call_line(*f.op, face)); });
    return out.defined() ? wrap(std::move(out), face) : failed(f, v);
  }
  const Tensors out =
      guarded(face, [&] { return core::apply(*f.op, inputs, std::move(attrs), call_line(*f.op, face)); });
  return PyErr_Occurred() ? failed(f, v) : wrap_all(out, face);
}

PyObject* call(PyObject* self, PyObject* const* args, std::size_t count, PyObject* names) {
  const auto& f = *reinterpret_cast<RowFunction*>(self);
  const Py_ssize_t n = PyVectorcall_NARGS(count);
  Values v;
  if (!take_positional(f, args, n, v) || !take_keywords(f, args + n, names, v)) return nullptr;
  PyObject* result = run(f, v);
  if (!result || !v.out) return result;
  PyObject* written = PyObject_CallFunctionObjArgs(writer, f.name, result, v.out, nullptr);
  Py_DECREF(result);
  return written;
}

// --- making one
// -------------------------------------------------------------------------------------------------

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

// "dim" of "dim=None"; the k-th parameter of the sig unless the name says otherwise.
Argument argument(const Sig& sig, std::string_view text, int position) {
  Argument a;
  if (const auto eq = text.find('='); eq != text.npos) text = trimmed(text.substr(0, eq));
  if (text.starts_with('*')) a.takes_rest = true, text.remove_prefix(1);
  a.param = param_named(sig, text);
  if (a.param < 0) a.param = position < sig.size() ? position : -1;
  a.name = PyUnicode_InternFromString(std::string(text).c_str());
  return a;
}

std::vector<Argument> arguments_of(const Op& op, std::string_view spelling) {
  std::vector<Argument> out;
  const Sig& sig = op.sig;
  const auto open = spelling.find('('), close = spelling.find(')');
  // A method's spelling leaves out the tensor that it is called on.
  if (spelling.starts_with("Tensor.")) out.push_back(argument(sig, sig[0].name, 0));
  std::string_view rest = open == spelling.npos ? "" : spelling.substr(open + 1, close - open - 1);
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const Argument a = argument(sig, trimmed(rest.substr(0, comma)), static_cast<int>(out.size()));
    if (a.param >= 0) out.push_back(a);
    rest = comma == rest.npos ? "" : rest.substr(comma + 1);
  }
  if (open != spelling.npos) return out;
  for (int i = 0; i < sig.size(); ++i) out.push_back(argument(sig, sig[i].name, i));
  return out;
}

// A parameter's default as Python writes it.
std::string python_default(const core::Param& p) {
  if (p.kind == Kind::flag) return p.fallback == "true" ? "True" : "False";
  if (p.kind == Kind::text) return "'" + std::string(p.fallback) + "'";
  const bool number = p.kind == Kind::int_ || p.kind == Kind::real;
  return number ? std::string(p.fallback) : "None";
}

bool may_be_left_out(const core::Param& p) {
  return p.has_default || p.optional || p.kind == Kind::generator;
}

// What help() and inspect.signature() show: "(input, dim=None, keepdim=False)". In Python nothing that must
// be given stands behind what may be left out.
std::string signature_text(const Sig& sig, const std::vector<Argument>& arguments) {
  std::string out;
  bool optional = true;
  for (auto a = arguments.rbegin(); a != arguments.rend(); ++a) {
    const core::Param& p = sig[a->param];
    optional &= may_be_left_out(p);
    std::string one = (a->takes_rest ? "*" : "") + std::string(PyUnicode_AsUTF8(a->name));
    if (optional && !a->takes_rest) one += "=" + python_default(p);
    out = one + (out.empty() ? "" : ", ") + out;
  }
  return "(" + out + ")";
}

std::string function_name(const Op& op, std::string_view spelling) {
  if (spelling.empty()) return op.name;
  spelling = spelling.substr(0, spelling.find('('));
  const auto dot = spelling.rfind('.');
  return std::string(dot == spelling.npos ? spelling : spelling.substr(dot + 1));
}

void destroy(PyObject* self) {
  auto* f = reinterpret_cast<RowFunction*>(self);
  for (const Argument& a : *f->arguments) Py_XDECREF(a.name);
  delete f->arguments;
  delete f->defaults;
  delete f->spelling;
  Py_XDECREF(f->name);
  Py_XDECREF(f->doc);
  Py_XDECREF(f->signature);
  PyTypeObject* of = Py_TYPE(self);
  of->tp_free(self);
  Py_DECREF(of);
}

PyObject* bind(PyObject* self, PyObject* object, PyObject*) {
  return object ? PyMethod_New(self, object) : Py_NewRef(self);
}

PyObject* represent(PyObject* self) {
  return PyUnicode_FromFormat("<twofold operation %U>", reinterpret_cast<RowFunction*>(self)->name);
}

// How it is called: ((name of the argument, name of the row's parameter), ...), a leading * for the one that
// takes the rest.
PyObject* list_arguments(PyObject* self, void*) {
  const auto& f = *reinterpret_cast<RowFunction*>(self);
  PyObject* list = PyTuple_New(static_cast<Py_ssize_t>(f.arguments->size()));
  for (std::size_t i = 0; list && i < f.arguments->size(); ++i) {
    const Argument& a = (*f.arguments)[i];
    const std::string parameter(f.op->sig[a.param].name);
    PyObject* name = PyUnicode_FromFormat("%s%U", a.takes_rest ? "*" : "", a.name);
    PyTuple_SET_ITEM(list, static_cast<Py_ssize_t>(i), Py_BuildValue("Ns", name, parameter.c_str()));
  }
  return list;
}
// Pickled by what it is made from; a copy is the function itself.
PyObject* reduce(PyObject* self, PyObject*) {
  const auto& f = *reinterpret_cast<RowFunction*>(self);
  PyObject* module = PyImport_ImportModule("twofold");
  PyObject* maker = module ? PyObject_GetAttrString(module, "_row_function") : nullptr;
  Py_XDECREF(module);
  return maker ? Py_BuildValue("N(ssi)", maker, f.op->name, f.spelling->c_str(), static_cast<int>(f.face))
               : nullptr;
}
PyObject* itself(PyObject* self, PyObject*) { return Py_NewRef(self); }

}  // namespace

void set_writer(PyObject* callable) { Py_XSETREF(writer, Py_NewRef(callable)); }

bool make_row_function_type(PyObject*) {
  static PyMethodDef methods[] = {{"__reduce__", reduce, METH_NOARGS, nullptr},
                                  {"__copy__", itself, METH_NOARGS, nullptr},
                                  {"__deepcopy__", itself, METH_O, nullptr},
                                  {}};
  static PyMemberDef members[] = {
      {"__vectorcalloffset__", T_PYSSIZET, offsetof(RowFunction, call), READONLY, nullptr},
      {"__name__", T_OBJECT, offsetof(RowFunction, name), READONLY, nullptr},
      {"__doc__", T_OBJECT, offsetof(RowFunction, doc), READONLY, nullptr},
      {"__text_signature__", T_OBJECT, offsetof(RowFunction, signature), READONLY, nullptr},
      {}};
  static PyGetSetDef attributes[] = {
      {"arguments", list_arguments, nullptr, "((argument, the row's parameter), ...)", nullptr}, {}};
  static PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(destroy)},
                                {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
                                {Py_tp_descr_get, reinterpret_cast<void*>(bind)},
                                {Py_tp_repr, reinterpret_cast<void*>(represent)},
                                {Py_tp_members, members},
                                {Py_tp_getset, attributes},
                                {Py_tp_methods, methods},
                                {0, nullptr}};
  PyType_Spec spec{"twofold.RowFunction", sizeof(RowFunction), 0,
                   Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR |
                       Py_TPFLAGS_DISALLOW_INSTANTIATION,
                   slots};
  type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return type != nullptr;
}

PyObject* row_function(const char* row, const char* spelling, Face face) {
  const Op* op = guarded(Face::plain, [&] { return &core::find_op(row); });
  if (!op) return nullptr;
  auto* f = reinterpret_cast<RowFunction*>(type->tp_alloc(type, 0));
  if (!f) return nullptr;
  f->call = call;
  f->op = op;
  f->face = face;
  f->spelling = new std::string(spelling);
  f->arguments = new std::vector<Argument>(arguments_of(*op, spelling));
  f->defaults = new std::vector<Attr>;
  for (int i = 0; i < op->sig.attrs(); ++i) f->defaults->push_back(default_of(op->sig.attr(i)));
  f->name = PyUnicode_FromString(function_name(*op, spelling).c_str());
  f->doc = PyUnicode_FromString(op->doc);
  f->signature = PyUnicode_FromString(signature_text(op->sig, *f->arguments).c_str());
  return reinterpret_cast<PyObject*>(f);
}

namespace {

// [(name, kind, variadic, optional, default text or None)]
PyObject* list_parameters(const Sig& sig) {
  PyObject* list = PyList_New(sig.size());
  for (int i = 0; list && i < sig.size(); ++i) {
    const core::Param& p = sig[i];
    const std::string name(p.name), kind(word_of(p.kind)), fallback(p.fallback);
    PyList_SET_ITEM(
        list, i,
        Py_BuildValue("ssOOz", name.c_str(), kind.c_str(), p.variadic ? Py_True : Py_False,
                      p.optional ? Py_True : Py_False, p.has_default ? fallback.c_str() : nullptr));
  }
  return list;
}

}  // namespace

PyObject* list_rows() {
  PyObject* list = PyList_New(0);
  for (const Op* op : core::all_ops()) {
    if (op->hidden) continue;
    PyObject* row =
        Py_BuildValue("{s:s,s:s,s:s,s:s,s:s,s:N,s:i,s:s}", "name", op->name, "torch", op->torch, "tf", op->tf,
                      "doc", op->doc, "unlike", op->unlike, "parameters", list_parameters(op->sig), "outputs",
                      op->sig.outputs(), "samples", op->samples ? op->samples : "");
    if (!row || PyList_Append(list, row) < 0) return Py_XDECREF(row), Py_DECREF(list), nullptr;
    Py_DECREF(row);
  }
  return list;
}

}  // namespace twofold::python
