#define NPY_NO_DEPRECATED_API NPY_1_22_API_VERSION
#include "python/numpy.h"

#include <numpy/arrayobject.h>
#include <numpy/arrayscalars.h>

#include <memory>

#include "core/impl.h"
#include "kernels/index.h"
#include "python/errors.h"
#include "python/object.h"

namespace twofold::python {
namespace {

constexpr int numpy_types[dtype_count] = {NPY_BOOL,  NPY_UINT8, NPY_INT8, NPY_INT16,   NPY_INT32,
                                          NPY_INT64, NPY_HALF,  -1,       NPY_FLOAT32, NPY_FLOAT64};
constexpr const char* numpy_names[dtype_count] = {"bool",  "uint8",   "int8",     "int16",   "int32",
                                                  "int64", "float16", "bfloat16", "float32", "float64"};
constexpr const char* formats[dtype_count] = {"?", "B", "b", "h", "i", "q", "e", nullptr, "f", "d"};

int dtype_of_number(int type) {
  if (type == NPY_LONGLONG) return static_cast<int>(i64);
  for (int d = 0; d < dtype_count; ++d)
    if (numpy_types[d] == type) return d;
  return -1;
}

int dtype_of_descr(PyArray_Descr* descr) {
  return PyArray_ISNBO(descr->byteorder) ? dtype_of_number(descr->type_num) : -1;
}

// The last tensor that looks at an array lets go of it, on whichever thread.
void let_go(void* array) {
  if (!Py_IsInitialized()) return;
  const PyGILState_STATE state = PyGILState_Ensure();
  Py_DECREF(static_cast<PyObject*>(array));
  PyGILState_Release(state);
}

void refuse_dtype(PyArrayObject* array) {
  PyErr_Format(
      PyExc_TypeError,
      "can't convert np.ndarray of type %s. The only supported types are: float64, float32, float16, "
      "int64, int32, int16, int8, uint8, and bool.",
      PyArray_DESCR(array)->typeobj->tp_name);
}

// Do all elements lie where a tensor's can: aligned, and apart by multiples of their size?
bool is_regular(PyArrayObject* array) {
  bool regular = PyArray_ISALIGNED(array);
  for (int d = 0; d < PyArray_NDIM(array); ++d)
    regular &= PyArray_DIM(array, d) <= 1 || PyArray_STRIDE(array, d) % PyArray_ITEMSIZE(array) == 0;
  return regular;
}

bool array_dims(PyArrayObject* array, Dims& shape, Dims& strides) {
  const int rank = PyArray_NDIM(array);
  if (rank > max_rank) return PyErr_SetString(PyExc_ValueError, "arrays have at most 8 dimensions"), false;
  if (!is_regular(array))
    return PyErr_SetString(PyExc_ValueError, "the array's elements are not aligned: share a copy of it"),
           false;
  for (int d = 0; d < rank; ++d) {
    shape.push_back(PyArray_DIM(array, d));
    strides.push_back(PyArray_STRIDE(array, d) / PyArray_ITEMSIZE(array));
  }
  return true;
}

}  // namespace

bool import_numpy() { return _import_array() >= 0; }
bool is_ndarray(PyObject* o) { return PyArray_Check(o); }
int dtype_of_array(PyObject* array) {
  return dtype_of_descr(PyArray_DESCR(reinterpret_cast<PyArrayObject*>(array)));
}
bool is_numpy_scalar(PyObject* o) { return PyArray_IsScalar(o, Generic); }
const char* numpy_name(Dtype dtype) { return numpy_names[static_cast<int>(dtype)]; }

int dtype_of_numpy(PyObject* o) {
  if (PyArray_DescrCheck(o)) return dtype_of_descr(reinterpret_cast<PyArray_Descr*>(o));
  if (!PyType_Check(o)) return -1;
  PyArray_Descr* descr = nullptr;
  if (!PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(o), &PyGenericArrType_Type)) return -1;
  if (PyArray_DescrConverter(o, &descr) == NPY_FAIL) return PyErr_Clear(), -1;
  const int d = dtype_of_descr(descr);
  Py_DECREF(descr);
  return d;
}

Tensor share_array(PyObject* object) {
  auto* array = reinterpret_cast<PyArrayObject*>(object);
  const int dtype = dtype_of_descr(PyArray_DESCR(array));
  Dims shape, strides;
  if (dtype < 0) return refuse_dtype(array), Tensor();
  if (!array_dims(array, shape, strides)) return {};
  return guarded(Face::plain, [&] {
    const Tensor t = from_blob(PyArray_DATA(array), static_cast<Dtype>(dtype), Shape(shape), strides);
    core::Storage& storage = *t.impl()->storage;
    Py_INCREF(object);
    storage.owner = object;
    storage.let_go = let_go;
    storage.read_only = !PyArray_ISWRITEABLE(array);
    return t;
  });
}

Tensor same_memory(const Tensor& tensor) { return core::handle(core::shallow_copy(*tensor.impl())); }

Tensor borrow_array(PyObject* array) {
  return is_regular(reinterpret_cast<PyArrayObject*>(array)) ? share_array(array)
                                                             : copy_array_like(array, -1);
}

Tensor copy_array_like(PyObject* values, int dtype) {
  PyObject* array = PyArray_FROM_OF(values, NPY_ARRAY_DEFAULT | NPY_ARRAY_NOTSWAPPED);
  if (!array) return {};
  const Tensor shared = share_array(array);
  Py_DECREF(array);
  if (!shared.defined()) return {};
  return guarded(Face::plain, [&] {
    const core::Impl& from = *shared.impl();
    const Dtype to = dtype < 0 ? from.array.dtype : static_cast<Dtype>(dtype);
    Ref<core::Impl> out = core::allocate(to, from.array.shape);
    copy(from.array, out->array);
    return core::handle(std::move(out));
  });
}

PyObject* to_ndarray(const Tensor& tensor) {
  const Array& a = tensor.impl()->array;
  const int type = numpy_types[static_cast<int>(a.dtype)];
  if (type < 0) return PyErr_SetString(PyExc_TypeError, "Got unsupported ScalarType BFloat16"), nullptr;
  const int flags = NPY_ARRAY_ALIGNED | (tensor.impl()->storage->read_only ? 0 : NPY_ARRAY_WRITEABLE);
  npy_intp shape[max_rank], strides[max_rank];
  const auto size = static_cast<npy_intp>(size_of(a.dtype));
  for (int d = 0; d < a.rank(); ++d) shape[d] = a.shape[d], strides[d] = a.strides[d] * size;
  PyObject* array = PyArray_New(&PyArray_Type, a.rank(), shape, type, strides, a.data, 0, flags, nullptr);
  if (!array) return nullptr;
  PyObject* owner = wrap(same_memory(tensor), tensor_type);
  if (!owner || PyArray_SetBaseObject(reinterpret_cast<PyArrayObject*>(array), owner) < 0)
    return Py_DECREF(array), nullptr;
  PyArray_UpdateFlags(reinterpret_cast<PyArrayObject*>(array), NPY_ARRAY_UPDATE_ALL);
  return array;
}

PyObject* to_fetched(const Tensor& tensor) {
  PyObject* array = to_ndarray(tensor);
  return array && tensor.rank() == 0 ? PyArray_Return(reinterpret_cast<PyArrayObject*>(array)) : array;
}

// --- the buffer protocol
// ---------------------------------------------------------------------------------------

namespace {

// What a buffer needs until it is released.
struct Exported {
  Tensor memory;
  Py_ssize_t shape[max_rank], strides[max_rank];
};

// The order in memory that the consumer of a buffer asks for.
char order_asked(int flags) {
  const auto asks = [flags](int kind) { return (flags & kind) == kind; };
  if (asks(PyBUF_ANY_CONTIGUOUS)) return 'A';
  if (asks(PyBUF_F_CONTIGUOUS)) return 'F';
  return asks(PyBUF_C_CONTIGUOUS) || !asks(PyBUF_STRIDES) ? 'C' : 0;
}

bool fill_view(PyObject* self, Py_buffer* view, int flags) {
  const Array& a = tensor_in(self).impl()->array;
  const char* format = formats[static_cast<int>(a.dtype)];
  const bool read_only = tensor_in(self).impl()->storage->read_only;
  const auto size = static_cast<Py_ssize_t>(size_of(a.dtype));
  auto e = std::make_unique<Exported>(Exported{same_memory(tensor_in(self)), {}, {}});
  for (int d = 0; d < a.rank(); ++d) e->shape[d] = a.shape[d], e->strides[d] = a.strides[d] * size;
  Py_buffer made{.buf = a.data,
                 .obj = nullptr,
                 .len = static_cast<Py_ssize_t>(a.bytes()),
                 .itemsize = size,
                 .readonly = read_only,
                 .ndim = a.rank(),
                 .format = const_cast<char*>(format),
                 .shape = e->shape,
                 .strides = e->strides,
                 .suboffsets = nullptr,
                 .internal = nullptr};
  const char order = order_asked(flags);
  if (!format || (read_only && (flags & PyBUF_WRITABLE)) || (order && !PyBuffer_IsContiguous(&made, order)))
    return PyErr_SetString(PyExc_BufferError, "this tensor has no such buffer"), false;
  if (!(flags & PyBUF_FORMAT)) made.format = nullptr;
  if (!(flags & PyBUF_ND)) made.shape = nullptr;
  if ((flags & PyBUF_STRIDES) != PyBUF_STRIDES) made.strides = nullptr;
  made.obj = Py_NewRef(self);
  made.internal = e.release();
  *view = made;
  return true;
}

}  // namespace

int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  view->obj = nullptr;
  if (tensor_in(self).symbolic()) {
    PyErr_SetString(PyExc_BufferError, "a symbolic tensor has no values");
    return -1;
  }
  // NumPy then asks __array__, which refuses in PyTorch's words.
  if (face_of(self) == Face::torch && tensor_in(self).requires_grad()) {
    PyErr_SetString(PyExc_BufferError, "a tensor that requires a gradient gives no buffer: detach it");
    return -1;
  }
  return guarded(face_of(self), [&] { return fill_view(self, view, flags); }) ? 0 : -1;
}

void release_buffer(PyObject*, Py_buffer* view) { delete static_cast<Exported*>(view->internal); }

}  // namespace twofold::python
