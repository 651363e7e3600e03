#include "python/dlpack.h"

#include "core/impl.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "python/object.h"
#include "twofold/ops.h"

namespace twofold::python {
namespace {

// --- the structures of the DLPack standard (version 1.0), as its header defines them
// ----------------------------

struct Device {
  std::int32_t type, id;
};
constexpr std::int32_t cpu_device = 1;

struct DataType {
  std::uint8_t code, bits;
  std::uint16_t lanes;
};
enum Code : std::uint8_t { signed_int = 0, unsigned_int = 1, floating = 2, bfloat = 4, boolean = 6 };

struct View {  // DLTensor
  void* data;
  Device device;
  std::int32_t rank;
  DataType dtype;
  std::int64_t* shape;
  std::int64_t* strides;  // in elements; null: row-major
  std::uint64_t byte_offset;
};

struct Managed {  // DLManagedTensor
  View view;
  void* context;
  void (*deleter)(Managed*);
};

struct Versioned {  // DLManagedTensorVersioned
  std::uint32_t major, minor;
  void* context;
  void (*deleter)(Versioned*);
  std::uint64_t flags;
  View view;
};
constexpr std::uint64_t read_only_flag = 1, copied_flag = 2;

constexpr const char* names[] = {"dltensor", "dltensor_versioned"};
constexpr const char* used_names[] = {"used_dltensor", "used_dltensor_versioned"};

DataType data_type(Dtype d) {
  const Code code = d == bool_       ? boolean
                    : d == bf16      ? bfloat
                    : is_floating(d) ? floating
                    : d == u8        ? unsigned_int
                                     : signed_int;
  return {code, static_cast<std::uint8_t>(8 * size_of(d)), 1};
}

bool dtype_from(const DataType& type, Dtype& out) {
  for (int k = 0; k < dtype_count; ++k) {
    const DataType own = data_type(static_cast<Dtype>(k));
    if (own.code == type.code && own.bits == type.bits && type.lanes == 1)
      return out = static_cast<Dtype>(k), true;
  }
  return false;
}

// --- out
// -------------------------------------------------------------------------------------------------------

// What an exported tensor needs until its consumer is done.
template <class Message>
struct Exported {
  Message message{};
  Tensor memory;
  std::int64_t shape[max_rank], strides[max_rank];

  static void destroy(Message* m) { delete static_cast<Exported*>(m->context); }
};

template <class Message>
Message* exported(const Tensor& tensor) {
  auto* e = new Exported<Message>;
  const Array& a = tensor.impl()->array;
  e->memory = same_memory(tensor);
  std::copy(a.shape.begin(), a.shape.end(), e->shape);
  std::copy(a.strides.begin(), a.strides.end(), e->strides);
  e->message.context = e;
  e->message.deleter = Exported<Message>::destroy;
  e->message.view = {a.data, {cpu_device, 0}, a.rank(), data_type(a.dtype), e->shape, e->strides, 0};
  return &e->message;
}

// A capsule that nobody consumed lets go of the tensor itself.
template <class Message>
void drop_capsule(PyObject* capsule) {
  const char* name = names[std::is_same_v<Message, Versioned>];
  if (!PyCapsule_IsValid(capsule, name)) return;
  auto* m = static_cast<Message*>(PyCapsule_GetPointer(capsule, name));
  if (m->deleter) m->deleter(m);
}

PyObject* refused(const char* words) { return PyErr_SetString(PyExc_BufferError, words), nullptr; }

bool wants_versions(PyObject* max_version) {
  if (max_version == Py_None || !PyTuple_Check(max_version) || PyTuple_GET_SIZE(max_version) < 1)
    return false;
  const long major = PyLong_AsLong(PyTuple_GET_ITEM(max_version, 0));
  if (major == -1 && PyErr_Occurred()) PyErr_Clear();
  return major >= 1;
}

// (1, 0) or None.
bool is_cpu(PyObject* device) {
  if (device == Py_None) return true;
  long type = 0, id = 0;
  if (!PyTuple_Check(device) || !PyArg_ParseTuple(device, "ll", &type, &id)) return PyErr_Clear(), false;
  return type == cpu_device;
}

}  // namespace

PyObject* to_dlpack(PyObject* self, PyObject* args, PyObject* keywords) {
  static const char* const parameters[] = {"stream", "max_version", "dl_device", "copy", nullptr};
  PyObject *stream = Py_None, *version = Py_None, *device = Py_None, *copy = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "|$OOOO", const_cast<char**>(parameters), &stream,
                                   &version, &device, &copy))
    return nullptr;
  Tensor t = tensor_in(self);
  if (t.symbolic()) return refused("a tensor of a graph has no values to share; run it in a session");
  if (t.requires_grad()) return refused("Can't export tensors that require gradient, use tensor.detach()");
  if (stream != Py_None || !is_cpu(device))
    return refused("this tensor lies on the CPU: no stream, no other device");
  const bool versioned = wants_versions(version), copied = copy == Py_True;
  if (copied) t = guarded(face_of(self), [&] { return identity(t); });
  if (!t.defined()) return nullptr;
  const bool read_only = t.impl()->storage->read_only;
  if (!versioned) {
    if (read_only) return refused("read-only memory needs a consumer that knows DLPack 1.0 (max_version)");
    return PyCapsule_New(exported<Managed>(t), names[0], drop_capsule<Managed>);
  }
  Versioned* m = exported<Versioned>(t);
  m->major = 1;
  m->flags = (read_only ? read_only_flag : 0) | (copied ? copied_flag : 0);
  return PyCapsule_New(m, names[1], drop_capsule<Versioned>);
}

PyObject* dlpack_device(PyObject*, PyObject*) { return Py_BuildValue("(ii)", cpu_device, 0); }

// --- in
// --------------------------------------------------------------------------------------------------------

namespace {

template <class Message>
void let_go(void* owner) {
  auto* m = static_cast<Message*>(owner);
  if (!m->deleter || !Py_IsInitialized()) return;
  const PyGILState_STATE state = PyGILState_Ensure();  // a producer in Python may need it
  m->deleter(m);
  PyGILState_Release(state);
}

// How far the elements of a view reach must be expressible: sizes and strides come from outside.
bool dims_of(const View& v, Dims& shape, Dims& strides) {
  if (v.rank < 0 || v.rank > max_rank || (v.rank > 0 && !v.shape))
    return PyErr_SetString(PyExc_ValueError, "tensors have at most 8 dimensions"), false;
  for (int d = 0; d < v.rank; ++d) {
    if (v.shape[d] < 0) return PyErr_SetString(PyExc_ValueError, "a negative size in a DLPack tensor"), false;
    shape.push_back(v.shape[d]);
    if (v.strides) strides.push_back(v.strides[d]);
  }
  return true;
}

template <class Message>
Tensor imported(PyObject* capsule, int kind, bool read_only) {
  auto* m = static_cast<Message*>(PyCapsule_GetPointer(capsule, names[kind]));
  const View& v = m->view;
  Dtype dtype;
  Dims shape, strides;
  if (v.device.type != cpu_device) return refused("a DLPack tensor of another device than the CPU"), Tensor();
  if (!dtype_from(v.dtype, dtype))
    return refused("a DLPack tensor of a dtype that no tensor has here"), Tensor();
  if (!dims_of(v, shape, strides)) return {};
  char* first = static_cast<char*>(v.data) + v.byte_offset;
  if (reinterpret_cast<std::uintptr_t>(first) % size_of(dtype) != 0)
    return refused("a DLPack tensor whose elements are not aligned"), Tensor();
  const Tensor t = guarded(Face::plain, [&] { return from_blob(first, dtype, Shape(shape), strides); });
  if (!t.defined()) return {};
  core::Storage& storage = *t.impl()->storage;
  storage.owner = m;
  storage.let_go = let_go<Message>;
  storage.read_only = read_only;
  PyCapsule_SetName(capsule, used_names[kind]);
  PyCapsule_SetDestructor(capsule, nullptr);
  return t;
}

// The object's capsule, asked for with versions first: older producers know no such argument.
PyObject* capsule_of(PyObject* source) {
  if (PyCapsule_CheckExact(source)) return Py_NewRef(source);
  PyObject* method = PyObject_GetAttrString(source, "__dlpack__");
  if (!method) {
    PyErr_Format(PyExc_TypeError, "from_dlpack: %s has no __dlpack__", Py_TYPE(source)->tp_name);
    return nullptr;
  }
  PyObject *none = PyTuple_New(0), *versions = Py_BuildValue("{s:(ii)}", "max_version", 1, 0);
  PyObject* capsule = none && versions ? PyObject_Call(method, none, versions) : nullptr;
  if (!capsule && none && PyErr_ExceptionMatches(PyExc_TypeError)) {
    PyErr_Clear();
    capsule = PyObject_Call(method, none, nullptr);
  }
  Py_XDECREF(none);
  Py_XDECREF(versions);
  Py_DECREF(method);
  return capsule;
}

}  // namespace

Tensor from_dlpack(PyObject* source) {
  PyObject* capsule = capsule_of(source);
  if (!capsule) return {};
  Tensor t;
  if (PyCapsule_IsValid(capsule, names[1])) {
    const auto* m = static_cast<Versioned*>(PyCapsule_GetPointer(capsule, names[1]));
    if (m->major == 1)
      t = imported<Versioned>(capsule, 1, m->flags & read_only_flag);
    else
      refused("a DLPack tensor of a version other than 1");
  } else if (PyCapsule_IsValid(capsule, names[0])) {
    t = imported<Managed>(capsule, 0, false);
  } else {
    PyErr_SetString(PyExc_ValueError, "from_dlpack: no DLPack capsule, or one that was used before");
  }
  Py_DECREF(capsule);
  return t;
}

}  // namespace twofold::python
