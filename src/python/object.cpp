#include "python/object.h"

#include <structmember.h>

#include <new>
#include <vector>

#include "python/numpy.h"

namespace twofold::python {
namespace {

PyTypeObject* faces[face_count] = {};

void destroy(PyObject* self) {
  auto* object = reinterpret_cast<TensorObject*>(self);
  if (object->weak_references) PyObject_ClearWeakRefs(self);
  Py_CLEAR(object->attributes);
  object->tensor.~Tensor();
  PyTypeObject* type = Py_TYPE(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* construct(PyTypeObject* type, PyObject* args, PyObject* keywords) {
  PyObject* source = nullptr;
  static const char* const names[] = {"tensor", nullptr};
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "O", const_cast<char**>(names), &source)) return nullptr;
  if (is_tensor(source)) return wrap(tensor_in(source), type);
  PyErr_SetString(PyExc_TypeError,
                  "Tensor(tensor): another class for an existing tensor; use tensor(values)");
  return nullptr;
}

}  // namespace

PyTypeObject* tensor_type = nullptr;

PyTypeObject* face_type(Face face) {
  PyTypeObject* type = faces[static_cast<int>(face)];
  return type ? type : tensor_type;
}

void set_face_type(Face face, PyTypeObject* type) {
  Py_INCREF(type);
  faces[static_cast<int>(face)] = type;
}

Face face_of(PyTypeObject* type) {
  for (; type && type != tensor_type; type = type->tp_base)
    for (int f = 0; f < face_count; ++f)
      if (faces[f] == type) return static_cast<Face>(f);
  return Face::plain;
}

PyObject* wrap(Tensor tensor, PyTypeObject* type) {
  if (!tensor.defined()) Py_RETURN_NONE;
  PyObject* self = type->tp_alloc(type, 0);
  if (!self) return nullptr;
  new (&reinterpret_cast<TensorObject*>(self)->tensor) Tensor(std::move(tensor));
  return self;
}

PyObject* wrap_all(const Tensors& tensors, Face face) {
  PyObject* tuple = PyTuple_New(static_cast<Py_ssize_t>(tensors.size()));
  for (std::size_t i = 0; tuple && i < tensors.size(); ++i) {
    PyObject* item = wrap(tensors[i], face);
    if (!item) return Py_DECREF(tuple), nullptr;
    PyTuple_SET_ITEM(tuple, static_cast<Py_ssize_t>(i), item);
  }
  return tuple;
}

bool make_tensor_type(PyObject* module) {
  static PyMemberDef members[] = {
      {"__weaklistoffset__", T_PYSSIZET, offsetof(TensorObject, weak_references), READONLY, nullptr},
      {"__dictoffset__", T_PYSSIZET, offsetof(TensorObject, attributes), READONLY, nullptr},
      {}};
  std::vector<PyType_Slot> slots = {
      {Py_tp_dealloc, reinterpret_cast<void*>(destroy)},
      {Py_tp_new, reinterpret_cast<void*>(construct)},
      {Py_tp_members, static_cast<void*>(members)},
      {Py_tp_getset, static_cast<void*>(tensor_attributes)},
      {Py_tp_methods, static_cast<void*>(tensor_methods)},
      {Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
      {Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)},
  };
  for (const PyType_Slot* s = number_slots; s->slot; ++s) slots.push_back(*s);
  for (const PyType_Slot* s = subscript_slots; s->slot; ++s) slots.push_back(*s);
  slots.push_back({0, nullptr});
  PyType_Spec spec{"twofold.Tensor", sizeof(TensorObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                   slots.data()};
  tensor_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return tensor_type &&
         PyModule_AddObjectRef(module, "Tensor", reinterpret_cast<PyObject*>(tensor_type)) == 0;
}

}  // namespace twofold::python
