#include "python/convert.h"

#include <nanobind/nanobind.h>

#include <charconv>
#include <string>

#include "core/impl.h"
#include "python/errors.h"
#include "python/numpy.h"

namespace twofold::python {
namespace {

// Steals `o`; false with an error set where it is null.
bool integer_from(PyObject* o, std::int64_t& out) {
  if (!o) return false;
  out = PyLong_AsLongLong(o);
  Py_DECREF(o);
  return out != -1 || !PyErr_Occurred();
}

// The items of a sequence as a tuple: a list could be changed by what their conversion calls.
PyObject* items_of(PyObject* sequence, const char* refusal) {
  if (PyList_Check(sequence)) return PyList_AsTuple(sequence);
  PyObject* items = PyTuple_Check(sequence) ? Py_NewRef(sequence) : PySequence_Tuple(sequence);
  if (!items && PyErr_ExceptionMatches(PyExc_TypeError)) PyErr_SetString(PyExc_TypeError, refusal);
  return items;
}

bool number_operand(PyObject* o, Tensor& out) {
  if (PyFloat_Check(o)) return out = number_of(PyFloat_AS_DOUBLE(o)), true;
  if (PyBool_Check(o)) return out = Arg(o == Py_True).tensor(), true;
  if (!PyLong_Check(o)) return false;
  const std::int64_t v = PyLong_AsLongLong(o);
  if (v == -1 && PyErr_Occurred()) return false;
  return out = number_of(v), true;
}

// A NumPy scalar counts as the number it holds.
bool scalar_operand(PyObject* o, Tensor& out) {
  PyObject* number = PyObject_CallMethod(o, "item", nullptr);
  if (!number) return false;
  const bool good = number_operand(number, out);
  Py_DECREF(number);
  return good;
}

bool protocol_operand(PyObject* o, Tensor& out) {
  static PyObject* const name = PyUnicode_InternFromString("__twofold_tensor__");
  PyObject* method = PyObject_GetAttr(reinterpret_cast<PyObject*>(Py_TYPE(o)), name);
  if (!method) return PyErr_Clear(), false;
  PyObject* made = PyObject_CallOneArg(method, o);
  Py_DECREF(method);
  if (!made) return false;
  const bool good = is_tensor(made);
  if (good) out = tensor_in(made);
  Py_DECREF(made);
  return good;
}

int dtype_of_name(PyObject* o) {
  const char* name = PyUnicode_AsUTF8(o);
  Dtype d;
  if (name && parse_dtype(name, d)) return static_cast<int>(d);
  for (int k = 0; name && k < dtype_count; ++k)
    if (std::string_view(name) == numpy_name(static_cast<Dtype>(k))) return k;
  return PyErr_Clear(), -1;
}

int dtype_of_attribute(PyObject* o) {
  static PyObject* const name = PyUnicode_InternFromString("_dtype");
  PyObject* number = PyObject_GetAttr(o, name);
  if (!number) return PyErr_Clear(), -1;
  const int d = PyLong_Check(number) ? static_cast<int>(PyLong_AsLong(number)) : -1;
  Py_DECREF(number);
  return d;
}

}  // namespace

Tensor number_of(double v) { return Arg(v).tensor(); }
Tensor number_of(std::int64_t v) { return Arg(v).tensor(); }

bool operand_of(PyObject* o, Tensor& out) {
  if (is_tensor(o)) return out = tensor_in(o), true;
  if (number_operand(o, out)) return true;
  if (PyErr_Occurred()) return false;
  if (is_ndarray(o)) return out = borrow_array(o), out.defined();
  if (is_numpy_scalar(o)) return scalar_operand(o, out);
  return protocol_operand(o, out);
}

int dtype_number(PyObject* o) {
  if (PyUnicode_Check(o)) return dtype_of_name(o);
  if (o == reinterpret_cast<PyObject*>(&PyFloat_Type)) return static_cast<int>(f32);
  if (o == reinterpret_cast<PyObject*>(&PyLong_Type)) return static_cast<int>(i64);
  if (o == reinterpret_cast<PyObject*>(&PyBool_Type)) return static_cast<int>(bool_);
  const int d = dtype_of_attribute(o);
  return d >= 0 ? d : dtype_of_numpy(o);
}

bool dtype_of(PyObject* o, Dtype& out) {
  const int d = dtype_number(o);
  if (d < 0) return PyErr_Format(PyExc_TypeError, "%R names no dtype", o), false;
  return out = static_cast<Dtype>(d), true;
}

bool integer_of(PyObject* o, std::int64_t& out) {
  if (PyLong_CheckExact(o)) {
    out = PyLong_AsLongLong(o);
    return out != -1 || !PyErr_Occurred();
  }
  return integer_from(PyNumber_Index(o), out);
}

bool integers_of(PyObject* o, Dims& out) {
  out = Dims();
  if (o == Py_None) return true;
  std::int64_t value = 0;
  if (PyIndex_Check(o) && !is_ndarray(o)) {
    if (!integer_of(o, value)) return false;
    out.push_back(value);
    return true;
  }
  PyObject* list = items_of(o, "expected an integer or a sequence of integers");
  if (!list) return false;
  bool good = true;
  for (Py_ssize_t i = 0; good && i < PyTuple_GET_SIZE(list); ++i) {
    good = integer_of(PyTuple_GET_ITEM(list, i), value);
    if (good && i >= max_rank)
      good = (PyErr_SetString(PyExc_ValueError, "at most 8 dimensions are supported"), false);
    if (good) out.push_back(value);
  }
  Py_DECREF(list);
  return good;
}

bool shape_of(PyObject* o, Shape& out, Face face) {
  if (o == Py_None) return out = Shape::unknown_rank(), true;
  PyObject* list = PySequence_List(o);
  if (!list) return false;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i)
    if (PyList_GET_ITEM(list, i) == Py_None) PyList_SetItem(list, i, PyLong_FromLong(unknown));
  Dims dims;
  const bool good = integers_of(list, dims);
  Py_DECREF(list);
  if (!good) return false;
  return guarded(face, [&] { return out = Shape(dims), true; });
}

bool operands_of(PyObject* sequence, Tensors& out) {
  PyObject* list = items_of(sequence, "expected a sequence of tensors");
  if (!list) return false;
  bool good = true;
  for (Py_ssize_t i = 0; good && i < PyTuple_GET_SIZE(list); ++i) {
    Tensor t;
    PyObject* item = PyTuple_GET_ITEM(list, i);
    good = operand_of(item, t);
    if (!good && !PyErr_Occurred())
      PyErr_Format(PyExc_TypeError, "expected Tensor as element %zd in argument 0, but got %s", i,
                   Py_TYPE(item)->tp_name);
    out.push_back(t);
  }
  Py_DECREF(list);
  return good;
}

bool attribute_of(PyObject* o, core::Kind kind, core::Attr& out) {
  using core::Kind;
  std::int64_t integer = 0;
  Dims dims;
  Dtype dtype;
  switch (kind) {
    case Kind::flag: {
      const int truth = PyObject_IsTrue(o);
      return out = truth == 1, truth >= 0;
    }
    case Kind::int_:
      return integer_of(o, integer) && (out = integer, true);
    case Kind::real: {
      const double v = PyFloat_AsDouble(o);
      return out = v, v != -1 || !PyErr_Occurred();
    }
    case Kind::dtype:
      return dtype_of(o, dtype) && (out = dtype, true);
    case Kind::ints:
      return integers_of(o, dims) && (out = dims, true);
    case Kind::text: {
      const char* text = PyUnicode_AsUTF8(o);
      return text && (out = std::string(text), true);
    }
    case Kind::generator: {
      Generator* generator = nullptr;
      const bool good = nanobind::try_cast(nanobind::handle(o), generator) && generator;
      if (!good) PyErr_Format(PyExc_TypeError, "expected a Generator, not %s", Py_TYPE(o)->tp_name);
      return good && (out = *generator, true);
    }
    default:
      return PyErr_SetString(PyExc_TypeError, "this argument cannot be given from Python"), false;
  }
}

core::Attr default_of(const core::Param& p) {
  using core::Kind;
  const std::string_view text = p.fallback;
  std::int64_t integer = 0;
  double real = 0;
  Dtype dtype = f32;
  switch (p.kind) {
    case Kind::flag:
      return text == "true";
    case Kind::int_:
      std::from_chars(text.data(), text.data() + text.size(), integer);
      return integer;
    case Kind::real:
      std::from_chars(text.data(), text.data() + text.size(), real);
      return real;
    case Kind::dtype:
      parse_dtype(text, dtype);
      return dtype;
    case Kind::ints:
      return Dims();
    case Kind::text:
      return std::string(text.substr(1, text.size() - 2));
    case Kind::generator:
      return Generator();
    default:
      return std::monostate();
  }
}

PyObject* to_python(const Shape& shape) {
  if (!shape.has_rank()) Py_RETURN_NONE;
  PyObject* tuple = PyTuple_New(shape.rank());
  for (int d = 0; tuple && d < shape.rank(); ++d)
    PyTuple_SET_ITEM(tuple, d, shape[d] == unknown ? Py_NewRef(Py_None) : PyLong_FromLongLong(shape[d]));
  return tuple;
}

}  // namespace twofold::python
