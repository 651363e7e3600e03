// The number protocol of tensors: operators, with Python's reflected forms, truth and conversions.
#include "core/apply.h"
#include "core/op.h"
#include "python/convert.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "python/torch_contract.h"

namespace twofold::python {
namespace {

using core::Op;

// The face of an operator: that of its left operand, if that is a tensor.
Face face_of_pair(PyObject* a, PyObject* b) { return face_of(is_tensor(a) ? a : b); }

// The error that is set, in the face's words for these operands.
PyObject* failed(Face face, const Op& op, PyObject* a, PyObject* b) {
  PyObject* operands = b ? PyTuple_Pack(2, a, b) : PyTuple_Pack(1, a);
  if (operands) reword(face, op.name, operands);
  Py_XDECREF(operands);
  return nullptr;
}

PyObject* binary(const Op& op, PyObject* a, PyObject* b) {
  Tensor x, y;
  if (!operand_of(a, x) || !operand_of(b, y)) {
    if (PyErr_Occurred()) return nullptr;
    Py_RETURN_NOTIMPLEMENTED;
  }
  const Face face = face_of_pair(a, b);
  core::Impl* in[] = {x.impl(), y.impl()};
  Tensor result = guarded(face, [&] { return apply_in(face, op, in, {}, call_line(op, face)); });
  return result.defined() ? wrap(std::move(result), face) : failed(face, op, a, b);
}

PyObject* unary(const Op& op, PyObject* a) {
  const Face face = face_of(a);
  core::Impl* in[] = {tensor_in(a).impl()};
  Tensor result = guarded(face, [&] { return apply_in(face, op, in, {}, {}); });
  return result.defined() ? wrap(std::move(result), face) : failed(face, op, a, nullptr);
}

#define TWOFOLD_BINARY(slot, row)             \
  PyObject* slot(PyObject* a, PyObject* b) {  \
    static const Op& op = core::find_op(row); \
    return binary(op, a, b);                  \
  }
#define TWOFOLD_UNARY(slot, row)              \
  PyObject* slot(PyObject* a) {               \
    static const Op& op = core::find_op(row); \
    return unary(op, a);                      \
  }
TWOFOLD_BINARY(add, "add")
TWOFOLD_BINARY(subtract, "sub")
TWOFOLD_BINARY(multiply, "mul")
TWOFOLD_BINARY(divide, "div")
TWOFOLD_BINARY(floor_divide, "floor_divide")
TWOFOLD_BINARY(remainder, "remainder")
TWOFOLD_BINARY(matrix_multiply, "matmul")
TWOFOLD_UNARY(negative, "neg")
TWOFOLD_UNARY(absolute, "abs")
TWOFOLD_BINARY(bitwise_and, "bitwise_and")
TWOFOLD_BINARY(bitwise_or, "bitwise_or")
TWOFOLD_BINARY(bitwise_xor, "bitwise_xor")

PyObject* invert(PyObject* a) {
  static const Op& op = core::find_op("bitwise_not");
  if (!is_floating(tensor_in(a).dtype())) return unary(op, a);
  PyErr_SetString(PyExc_TypeError,
                  "~ (operator.invert) is only implemented on integer and Boolean-type tensors");
  return nullptr;
}

PyObject* power(PyObject* a, PyObject* b, PyObject*) {
  static const Op &op = core::find_op("pow"), &square = core::find_op("square");
  if (is_tensor(a) && PyLong_CheckExact(b) && PyLong_AsLong(b) == 2) return unary(square, a);
  return binary(op, a, b);
}

// An in-place operator changes the left tensor for every alias of it; the line is kept for later errors.
template <Edit edit>
PyObject* in_place(PyObject* a, PyObject* b) {
  Tensor y;
  if (!operand_of(b, y)) {
    if (PyErr_Occurred()) return nullptr;
    Py_RETURN_NOTIMPLEMENTED;
  }
  if (edit_object(a, edit, y)) return Py_NewRef(a);
  if (edit == &Tensor::sub_) failed(face_of(a), core::find_op("sub"), a, b);
  return nullptr;
}

PyObject* compare(PyObject* a, PyObject* b, int how) {
  static const Op* const rows[] = {&core::find_op("lt"), &core::find_op("le"), &core::find_op("eq"),
                                   &core::find_op("ne"), &core::find_op("gt"), &core::find_op("ge")};
  return binary(*rows[how], a, b);
}

// The one element as a double; -1 with an error set otherwise.
double element(PyObject* self, const char* target) {
  const Tensor& t = tensor_in(self);
  if (t.symbolic() || t.numel() != 1)
    return PyErr_Format(PyExc_RuntimeError, "a Tensor with %lld elements cannot be converted to %s",
                        static_cast<long long>(t.symbolic() ? -1 : t.numel()), target),
           -1;
  return t.dtype() == f64 ? t.item<double>() : t.to(f64).item<double>();
}

int truth(PyObject* self) {
  const Tensor& t = tensor_in(self);
  if (t.symbolic() || t.numel() != 1) {
    const bool none = !t.symbolic() && t.numel() == 0;
    PyErr_SetString(PyExc_RuntimeError,
                    none ? "Boolean value of Tensor with no values is ambiguous"
                         : "Boolean value of Tensor with more than one value is ambiguous");
    return -1;
  }
  return guarded(face_of(self), [&] { return static_cast<int>(element(self, "Scalar") != 0); });
}

PyObject* item(PyObject* self) {
  PyObject* method = PyUnicode_InternFromString("item");
  PyObject* value = PyObject_CallMethodNoArgs(self, method);
  Py_DECREF(method);
  return value;
}

PyObject* single_item(PyObject* self) {
  const Tensor& t = tensor_in(self);
  if (t.symbolic() || t.numel() == 1) return item(self);
  PyErr_SetString(PyExc_ValueError, "only one element tensors can be converted to Python scalars");
  return nullptr;
}

PyObject* as_float(PyObject* self) {
  PyObject* value = single_item(self);
  PyObject* number = value ? PyNumber_Float(value) : nullptr;
  Py_XDECREF(value);
  return number;
}

PyObject* as_integer(PyObject* self) {
  PyObject* value = single_item(self);
  PyObject* number = value ? PyNumber_Long(value) : nullptr;
  Py_XDECREF(value);
  return number;
}

PyObject* as_index(PyObject* self) {
  const Tensor& t = tensor_in(self);
  if (!t.symbolic() && t.numel() == 1 && !is_floating(t.dtype())) return as_integer(self);
  PyErr_SetString(PyExc_TypeError, "only integer tensors of a single element can be converted to an index");
  return nullptr;
}

Py_hash_t hash_by_identity(PyObject* self) { return _Py_HashPointer(self); }

template <class F>
void* slot(F* f) {
  return reinterpret_cast<void*>(f);
}

}  // namespace

PyType_Slot number_slots[] = {
    {Py_nb_add, slot(add)},
    {Py_nb_subtract, slot(subtract)},
    {Py_nb_multiply, slot(multiply)},
    {Py_nb_true_divide, slot(divide)},
    {Py_nb_floor_divide, slot(floor_divide)},
    {Py_nb_remainder, slot(remainder)},
    {Py_nb_matrix_multiply, slot(matrix_multiply)},
    {Py_nb_power, slot(power)},
    {Py_nb_negative, slot(negative)},
    {Py_nb_absolute, slot(absolute)},
    {Py_nb_invert, slot(invert)},
    {Py_nb_and, slot(bitwise_and)},
    {Py_nb_or, slot(bitwise_or)},
    {Py_nb_xor, slot(bitwise_xor)},
    {Py_nb_inplace_add, slot(in_place<&Tensor::add_>)},
    {Py_nb_inplace_subtract, slot(in_place<&Tensor::sub_>)},
    {Py_nb_inplace_multiply, slot(in_place<&Tensor::mul_>)},
    {Py_nb_inplace_true_divide, slot(in_place<&Tensor::div_>)},
    {Py_nb_bool, slot(truth)},
    {Py_nb_float, slot(as_float)},
    {Py_nb_int, slot(as_integer)},
    {Py_nb_index, slot(as_index)},
    {Py_tp_richcompare, slot(compare)},
    {Py_tp_hash, slot(hash_by_identity)},
    {0, nullptr},
};

}  // namespace twofold::python
