// What a tensor has besides operators: its shape, dtype and values, and the tape's attributes.
#include "core/alias.h"
#include "core/apply.h"
#include "core/record.h"
#include "python/convert.h"
#include "python/dlpack.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "python/torch_contract.h"
#include "twofold/graph.h"

namespace twofold::python {
namespace {

PyObject* none_or_error(bool done) { return done ? Py_NewRef(Py_None) : nullptr; }

// --- what is known without running anything
PyObject* get_shape(PyObject* self, void*) { return to_python(tensor_in(self).shape()); }
PyObject* get_dtype_number(PyObject* self, void*) {
  return PyLong_FromLong(static_cast<long>(tensor_in(self).dtype()));
}
PyObject* get_symbolic(PyObject* self, void*) { return PyBool_FromLong(tensor_in(self).symbolic()); }
PyObject* get_node_name(PyObject* self, void*) {
  return PyUnicode_FromString(name_of(tensor_in(self)).c_str());
}
// (address of the graph, node, output) of a symbolic tensor: equal for all handles of one edge.
PyObject* get_edge(PyObject* self, void*) {
  const auto& symbol = tensor_in(self).impl()->symbol;
  if (!symbol) Py_RETURN_NONE;
  return Py_BuildValue("Kii",
                       static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(symbol->graph.get())),
                       symbol->node, symbol->output);
}
PyObject* get_strides(PyObject* self, void*) {
  const Dims& strides = tensor_in(self).impl()->array.strides;
  PyObject* tuple = PyTuple_New(strides.size());
  for (int d = 0; tuple && d < strides.size(); ++d)
    PyTuple_SET_ITEM(tuple, d, PyLong_FromLongLong(strides[d]));
  return tuple;
}
PyObject* get_contiguous(PyObject* self, void*) {
  return PyBool_FromLong(tensor_in(self).impl()->array.contiguous);
}
PyObject* get_address(PyObject* self, void*) {
  return PyLong_FromVoidPtr(tensor_in(self).impl()->array.data);
}
PyObject* get_offset(PyObject* self, void*) {
  const core::Impl& i = *tensor_in(self).impl();
  if (!i.storage) return PyLong_FromLong(0);  // a tensor of a graph has no memory
  const auto* base = static_cast<const std::byte*>(i.storage->data);
  const std::ptrdiff_t bytes = static_cast<const std::byte*>(i.array.data) - base;
  return PyLong_FromLongLong(bytes / static_cast<std::ptrdiff_t>(size_of(i.array.dtype)));
}
PyObject* get_version(PyObject* self, void*) {
  return guarded(face_of(self), [&] { return PyLong_FromUnsignedLong(tensor_in(self).version()); });
}

// --- the tape
PyObject* get_requires_grad(PyObject* self, void*) {
  return guarded(face_of(self), [&] { return PyBool_FromLong(tensor_in(self).requires_grad()); });
}
int set_requires_grad(PyObject* self, PyObject* value, void*) {
  const int on = value ? PyObject_IsTrue(value) : -1;
  if (on < 0) return -1;
  return guarded(face_of(self), [&] { return tensor_in(self).set_requires_grad(on == 1), 1; }) ? 0 : -1;
}
PyObject* get_is_leaf(PyObject* self, void*) {
  return guarded(face_of(self), [&] { return PyBool_FromLong(tensor_in(self).is_leaf()); });
}
PyObject* get_grad(PyObject* self, void*) { return wrap(tensor_in(self).grad(), face_of(self)); }
int set_grad(PyObject* self, PyObject* value, void*) {
  if (value && value != Py_None && !is_tensor(value))
    return PyErr_Format(PyExc_TypeError,
                        "assigned grad expected to be a Tensor or None but got grad of type %s",
                        Py_TYPE(value)->tp_name),
           -1;
  const Tensor grad = value && value != Py_None ? tensor_in(value) : Tensor();
  return guarded(face_of(self), [&] { return tensor_in(self).set_grad(grad), true; }) ? 0 : -1;
}
PyObject* get_data(PyObject* self, void*) {
  return guarded(face_of(self), [&] { return wrap(tensor_in(self).detach(), face_of(self)); });
}
int set_data(PyObject* self, PyObject* value, void*) {
  if (!value)
    return PyErr_SetString(PyExc_RuntimeError, "Deleting tensor data is not allowed. Delete tensor instead!"),
           -1;
  if (!is_tensor(value))
    return PyErr_Format(PyExc_TypeError, "Variable data has to be a tensor, but got %s",
                        Py_TYPE(value)->tp_name),
           -1;
  return guarded(face_of(self), [&] { return tensor_in(self).set_data(tensor_in(value)), true; }) ? 0 : -1;
}
// What made this tensor: (operation, order, sequence of (record or None, output)); None for leaves.
PyObject* get_record(PyObject* self, void*) {
  core::Impl& impl = *tensor_in(self).impl();
  if (!impl.symbol) core::refresh_if_stale(impl);
  if (!impl.record) Py_RETURN_NONE;
  auto* held = new Ref<core::Record>(impl.record);
  return PyCapsule_New(held, "record", [](PyObject* capsule) {
    delete static_cast<Ref<core::Record>*>(PyCapsule_GetPointer(capsule, "record"));
  });
}

// --- values
PyObject* numpy(PyObject* self, PyObject*) {
  if (!tensor_in(self).symbolic()) return to_ndarray(tensor_in(self));
  PyErr_SetString(PyExc_RuntimeError, "a symbolic tensor has no values: run it in a session");
  return nullptr;
}

PyObject* fetched(PyObject* self, PyObject*) {
  return tensor_in(self).symbolic() ? numpy(self, nullptr) : to_fetched(tensor_in(self));
}

template <class T>
PyObject* python_number(const void* p) {
  if constexpr (std::is_same_v<T, bool>) return PyBool_FromLong(*static_cast<const bool*>(p));
  if constexpr (std::is_integral_v<T>)
    return PyLong_FromLongLong(static_cast<long long>(*static_cast<const T*>(p)));
  return PyFloat_FromDouble(static_cast<double>(*static_cast<const T*>(p)));
}

PyObject* number_at(const void* p, Dtype dtype) {
  switch (dtype) {
    case Dtype::bool_:
      return python_number<bool>(p);
    case Dtype::u8:
      return python_number<std::uint8_t>(p);
    case Dtype::i8:
      return python_number<std::int8_t>(p);
    case Dtype::i16:
      return python_number<std::int16_t>(p);
    case Dtype::i32:
      return python_number<std::int32_t>(p);
    case Dtype::i64:
      return python_number<std::int64_t>(p);
    case Dtype::f16:
      return PyFloat_FromDouble(static_cast<double>(static_cast<float>(*static_cast<const Half*>(p))));
    case Dtype::bf16:
      return PyFloat_FromDouble(static_cast<double>(static_cast<float>(*static_cast<const BFloat16*>(p))));
    case Dtype::f32:
      return python_number<float>(p);
    default:
      return python_number<double>(p);
  }
}

PyObject* item(PyObject* self, PyObject*) {
  const Tensor& t = tensor_in(self);
  if (t.symbolic() || t.numel() != 1) {
    PyErr_Format(PyExc_RuntimeError, "a Tensor with %lld elements cannot be converted to Scalar",
                 static_cast<long long>(t.symbolic() ? -1 : t.numel()));
    return nullptr;
  }
  return number_at(t.impl()->array.data, t.dtype());
}

PyObject* nested(const Array& a, const char* data, int dim) {
  if (dim == a.rank()) return number_at(data, a.dtype);
  PyObject* list = PyList_New(a.shape[dim]);
  const std::int64_t step = a.strides[dim] * static_cast<std::int64_t>(size_of(a.dtype));
  for (std::int64_t i = 0; list && i < a.shape[dim]; ++i) {
    PyObject* inner = nested(a, data + i * step, dim + 1);
    if (!inner) return Py_DECREF(list), nullptr;
    PyList_SET_ITEM(list, i, inner);
  }
  return list;
}

PyObject* to_list(PyObject* self, PyObject*) {
  const Tensor& t = tensor_in(self);
  if (t.symbolic()) return PyErr_SetString(PyExc_RuntimeError, "a symbolic tensor has no values"), nullptr;
  return nested(t.impl()->array, t.impl()->array.as<char>(), 0);
}

PyObject* detach(PyObject* self, PyObject*) { return get_data(self, nullptr); }

PyObject* backward(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* const names[] = {"gradient", "retain_graph", "create_graph", "inputs", nullptr};
  PyObject *gradient = nullptr, *retain = Py_None, *inputs = Py_None;
  int create = 0;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|OOpO", const_cast<char**>(names), &gradient, &retain,
                                   &create, &inputs))
    return nullptr;
  Tensor g;
  if (gradient && gradient != Py_None && !operand_of(gradient, g)) {
    if (!PyErr_Occurred())
      PyErr_Format(PyExc_TypeError, "gradients can be either Tensors or None, but got %s",
                   Py_TYPE(gradient)->tp_name);
    return nullptr;
  }
  const bool keep = retain == Py_None ? create : PyObject_IsTrue(retain) == 1;
  return none_or_error(guarded(face_of(self), [&] {
    const core::LocationScope line(user_line());
    return tensor_in(self).backward(g, keep, create), true;
  }));
}

template <Edit edit>
PyObject* edited(PyObject* self, PyObject* value) {
  Tensor v;
  if (!operand_of(value, v)) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "expected a tensor or a number");
    return nullptr;
  }
  if (edit_object(self, edit, v)) return Py_NewRef(self);
  if (edit == &Tensor::sub_) {
    PyObject* operands = PyTuple_Pack(2, self, value);
    if (operands) reword(face_of(self), "sub", operands);
    Py_XDECREF(operands);
  }
  return nullptr;
}

// One or two arguments by position or under their names; what was not given stays null.
bool two_arguments(PyObject* const* args, Py_ssize_t n, PyObject* names, const char* first,
                   const char* second, PyObject* (&out)[2]) {
  const Py_ssize_t named = names ? PyTuple_GET_SIZE(names) : 0;
  bool fits = n <= (second ? 2 : 1);
  for (Py_ssize_t k = 0; fits && k < n; ++k) out[k] = args[k];
  for (Py_ssize_t k = 0; fits && k < named; ++k) {
    PyObject* name = PyTuple_GET_ITEM(names, k);
    const bool is_first = PyUnicode_CompareWithASCIIString(name, first) == 0;
    PyObject*& place = out[is_first ? 0 : 1];
    fits = !place && (is_first || (second && PyUnicode_CompareWithASCIIString(name, second) == 0));
    place = args[n + k];
  }
  if (fits && out[0]) return true;
  PyErr_Format(PyExc_TypeError, "expected (%s%s%s)", first, second ? ", " : "", second ? second : "");
  return false;
}

// mul_(other)
template <Edit edit>
PyObject* edited_by_other(PyObject* self, PyObject* const* args, Py_ssize_t n, PyObject* names) {
  PyObject* given[2] = {};
  return two_arguments(args, n, names, "other", nullptr, given) ? edited<edit>(self, given[0]) : nullptr;
}

// copy_(src, non_blocking=True): there is nothing here to wait for.
PyObject* copied_from(PyObject* self, PyObject* const* args, Py_ssize_t n, PyObject* names) {
  PyObject* given[2] = {};
  return two_arguments(args, n, names, "src", "non_blocking", given) ? edited<&Tensor::copy_>(self, given[0])
                                                                     : nullptr;
}

// add_(other), add_(other, alpha=2), and as before PyTorch 0.4: add_(alpha, other).
template <Edit edit>
PyObject* edited_with_alpha(PyObject* self, PyObject* const* args, Py_ssize_t n, PyObject* names) {
  PyObject* given[2] = {};
  if (!two_arguments(args, n, names, "other", "alpha", given)) return nullptr;
  if (!given[1]) return edited<edit>(self, given[0]);
  PyObject* product = n == 2 ? PyNumber_Multiply(given[1], given[0]) : PyNumber_Multiply(given[0], given[1]);
  PyObject* result = product ? edited<edit>(self, product) : nullptr;
  Py_XDECREF(product);
  return result;
}

// The object's contents become a value of its shape and dtype that nobody else has, with the value's history.
PyObject* assign(PyObject* self, PyObject* value) {
  if (!is_tensor(value)) return PyErr_SetString(PyExc_TypeError, "expected a tensor"), nullptr;
  const bool done = guarded(face_of(self), [&] {
    core::check_target(*tensor_in(self).impl(), "copy_");
    const Tensor& v = tensor_in(value);
    core::write(*tensor_in(self).impl(), v.to(tensor_in(self).dtype()), "copy_", user_line(), true);
    return true;
  });
  return done ? Py_NewRef(self) : nullptr;
}

// From now on the Python object holds another tensor: what changes a tensor's own shape in place.
PyObject* become(PyObject* self, PyObject* other) {
  if (!is_tensor(other)) return PyErr_SetString(PyExc_TypeError, "expected a tensor"), nullptr;
  Tensor next = tensor_in(other);
  std::swap(tensor_in(self), next);
  return Py_NewRef(self);
}

PyObject* to_text(PyObject* self, PyObject*) {
  return guarded(face_of(self), [&] { return PyUnicode_FromString(to_string(tensor_in(self)).c_str()); });
}

template <class F>
PyCFunction with_keywords(F* f) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(f));
}

PyObject* shares_storage(PyObject* self, PyObject* other) {
  if (!is_tensor(other)) return PyErr_SetString(PyExc_TypeError, "expected a tensor"), nullptr;
  return PyBool_FromLong(tensor_in(self).impl()->storage == tensor_in(other).impl()->storage);
}

}  // namespace

PyGetSetDef tensor_attributes[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, "What the user has set.", nullptr},
    {"_shape", get_shape, nullptr, "Sizes, None for unknown ones; None for an unknown rank.", nullptr},
    {"_dtype", get_dtype_number, nullptr, "The dtype's number.", nullptr},
    {"_symbolic", get_symbolic, nullptr, "Is it an output of a graph's node?", nullptr},
    {"_node_name", get_node_name, nullptr, "The node's name; empty for values.", nullptr},
    {"_edge", get_edge, nullptr, "(graph, node, output) of a symbolic tensor.", nullptr},
    {"_strides", get_strides, nullptr, "In elements.", nullptr},
    {"_contiguous", get_contiguous, nullptr, "Row-major without gaps?", nullptr},
    {"_address", get_address, nullptr, "Of the first element.", nullptr},
    {"_offset", get_offset, nullptr, "Of the first element within the storage, in elements.", nullptr},
    {"_version", get_version, nullptr, "How often the storage was edited.", nullptr},
    {"_record", get_record, nullptr, "What made it, for grad_fn.", nullptr},
    {"requires_grad", get_requires_grad, set_requires_grad, "Is a gradient wanted?", nullptr},
    {"is_leaf", get_is_leaf, nullptr, "Was it made by the user rather than by an operation?", nullptr},
    {"grad", get_grad, set_grad, "The gradient that backward() accumulated, or None.", nullptr},
    {"data", get_data, set_data, "The same values without history; assignable.", nullptr},
    {}};

PyMethodDef tensor_methods[] = {
    {"numpy", numpy, METH_NOARGS, "An ndarray over the same memory."},
    {"_fetched", fetched, METH_NOARGS, "An ndarray, or a NumPy scalar for rank 0."},
    {"__dlpack__", with_keywords(to_dlpack), METH_VARARGS | METH_KEYWORDS,
     "A DLPack capsule over the same memory."},
    {"__dlpack_device__", dlpack_device, METH_NOARGS, "(1, 0): the CPU."},
    {"item", item, METH_NOARGS, "The one element as a Python number."},
    {"tolist", to_list, METH_NOARGS, "Nested lists of Python numbers."},
    {"detach", detach, METH_NOARGS, "The same values without history."},
    {"backward", with_keywords(backward), METH_VARARGS | METH_KEYWORDS,
     "Accumulates d(self)/d(leaf) into every leaf that requires a gradient."},
    {"add_", with_keywords(edited_with_alpha<&Tensor::add_>), METH_FASTCALL | METH_KEYWORDS,
     "In place: self += alpha * other."},
    {"sub_", with_keywords(edited_with_alpha<&Tensor::sub_>), METH_FASTCALL | METH_KEYWORDS,
     "In place: self -= alpha * other."},
    {"mul_", with_keywords(edited_by_other<&Tensor::mul_>), METH_FASTCALL | METH_KEYWORDS,
     "In place: self *= other."},
    {"div_", with_keywords(edited_by_other<&Tensor::div_>), METH_FASTCALL | METH_KEYWORDS,
     "In place: self /= other."},
    {"copy_", with_keywords(copied_from), METH_FASTCALL | METH_KEYWORDS,
     "In place: the values of src, broadcast."},
    {"_assign", assign, METH_O, "In place: a fresh value of this shape, with its history."},
    {"_become", become, METH_O, "This object holds the other's tensor from now on."},
    {"_to_text", to_text, METH_NOARGS, "As printed."},
    {"_shares_storage", shares_storage, METH_O, "Do both look at one memory?"},
    {}};

}  // namespace twofold::python
