#include "python/object.h"

#include <structmember.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "core/record.h"
#include "python/callable.h"
#include "python/numpy.h"

namespace twofold::python {
namespace {

PyTypeObject* faces[face_count] = {};

// The hooks that only this object holds, through its tensor; null if there are others who would call them.
std::shared_ptr<core::Hooks>* own_hooks(PyObject* self) {
  core::Impl* impl = tensor_in(self).impl();
  if (!impl || impl->references != 1) return nullptr;
  if (impl->record && impl->record->references != 1) return nullptr;
  auto& hooks = impl->record ? impl->record->hooks : impl->hooks;
  return hooks && hooks.use_count() == 1 ? &hooks : nullptr;
}

// The user's derivative that only this object holds, likewise.
PyObject* own_function(PyObject* self) {
  core::Impl* impl = tensor_in(self).impl();
  if (!impl || impl->references != 1 || !impl->record || impl->record->references != 1) return nullptr;
  const core::Attrs& attrs = impl->record->attrs;
  const auto* custom = attrs.size() > 0 ? std::get_if<std::shared_ptr<core::Custom>>(&attrs[0]) : nullptr;
  const auto* function =
      custom && custom->use_count() == 1 ? dynamic_cast<HeldFunction*>(custom->get()) : nullptr;
  return function ? function->held().alone() : nullptr;
}

// A hook, or a derivative, may well lead back to its tensor.
int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(reinterpret_cast<TensorObject*>(self)->attributes);
  Py_VISIT(own_function(self));
  const auto* hooks = own_hooks(self);
  if (!hooks) return 0;
  for (const core::Hook& h : **hooks) {
    const Hook* hook = h.call.target<Hook>();
    if (hook) Py_VISIT(hook->f.alone());
  }
  return 0;
}

int clear(PyObject* self) {
  Py_CLEAR(reinterpret_cast<TensorObject*>(self)->attributes);
  if (auto* hooks = own_hooks(self)) std::exchange(*hooks, nullptr);
  if (own_function(self)) std::exchange(tensor_in(self).impl()->record, nullptr);
  return 0;
}

// An attribute of the user's may lead back, too: from here on the collector looks at the tensor.
int set_attribute(PyObject* self, PyObject* name, PyObject* value) {
  const int result = PyObject_GenericSetAttr(self, name, value);
  if (reinterpret_cast<TensorObject*>(self)->attributes) track(self);
  return result;
}

void destroy(PyObject* self) {
  PyObject_GC_UnTrack(self);
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

void track(PyObject* tensor) {
  if (!PyObject_GC_IsTracked(tensor)) PyObject_GC_Track(tensor);
}

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
  // The collector need not look at a tensor without hooks and attributes, unless its class may add some.
  const bool face = std::find(std::begin(faces), std::end(faces), type) != std::end(faces);
  const bool bare = face && type->tp_basicsize == sizeof(TensorObject);
  PyObject* self =
      bare ? reinterpret_cast<PyObject*>(PyObject_GC_New(TensorObject, type)) : type->tp_alloc(type, 0);
  if (!self) return nullptr;
  auto* object = reinterpret_cast<TensorObject*>(self);
  object->weak_references = object->attributes = nullptr;
  new (&object->tensor) Tensor(std::move(tensor));
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
      {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
      {Py_tp_clear, reinterpret_cast<void*>(clear)},
      {Py_tp_new, reinterpret_cast<void*>(construct)},
      {Py_tp_setattro, reinterpret_cast<void*>(set_attribute)},
      {Py_tp_members, static_cast<void*>(members)},
      {Py_tp_getset, static_cast<void*>(tensor_attributes)},
      {Py_tp_methods, static_cast<void*>(tensor_methods)},
      {Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)},
      {Py_bf_releasebuffer, reinterpret_cast<void*>(release_buffer)},
  };
  for (const PyType_Slot* s = number_slots; s->slot; ++s) slots.push_back(*s);
  for (const PyType_Slot* s = subscript_slots; s->slot; ++s) slots.push_back(*s);
  slots.push_back({0, nullptr});
  PyType_Spec spec{"twofold._core.Tensor", sizeof(TensorObject), 0,
                   Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots.data()};
  tensor_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return tensor_type &&
         PyModule_AddObjectRef(module, "Tensor", reinterpret_cast<PyObject*>(tensor_type)) == 0;
}

}  // namespace twofold::python
