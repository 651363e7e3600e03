// The Python tensor: a type-slot object with the Tensor inside, and its faces.
//
// `twofold.Tensor` is the base; `torch.Tensor` and TensorFlow's derive from it in Python. The face of a
// function, or of the left operand, decides the class of a result (design section 4).
#pragma once

#include <Python.h>

#include "twofold/tensor.h"

namespace twofold::python {

struct TensorObject {
  PyObject_HEAD PyObject* weak_references;
  PyObject* attributes;  // the user's own; made when the first is set
  Tensor tensor;
};

enum class Face : std::uint8_t { plain, torch, tf };
inline constexpr int face_count = 3;

// The base class; made by make_tensor_type(), which returns false with a Python error set.
extern PyTypeObject* tensor_type;
bool make_tensor_type(PyObject* module);

// The class that a face's results have; a face that was not imported uses the base.
PyTypeObject* face_type(Face face);
void set_face_type(Face face, PyTypeObject* type);
// Of a tensor's class: the nearest base that is a face's.
Face face_of(PyTypeObject* type);
inline Face face_of(PyObject* tensor) { return face_of(Py_TYPE(tensor)); }

inline bool is_tensor(PyObject* o) { return PyObject_TypeCheck(o, tensor_type); }
inline Tensor& tensor_in(PyObject* o) { return reinterpret_cast<TensorObject*>(o)->tensor; }

// A new reference; None for an undefined tensor. Null with a Python error set when memory runs out.
PyObject* wrap(Tensor tensor, PyTypeObject* type);
inline PyObject* wrap(Tensor tensor, Face face) { return wrap(std::move(tensor), face_type(face)); }
PyObject* wrap_all(const Tensors& tensors, Face face);  // a tuple

// The slots of the type, filled by operators.cpp, subscript.cpp and attributes.cpp.
extern PyType_Slot number_slots[], subscript_slots[];
extern PyGetSetDef tensor_attributes[];
extern PyMethodDef tensor_methods[];

}  // namespace twofold::python
