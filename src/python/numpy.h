// Arrays in and out without copying: NumPy's C API, the buffer protocol.
#pragma once

#include <Python.h>

#include "twofold/tensor.h"

namespace twofold::python {

bool import_numpy();  // false with a Python error set
bool is_ndarray(PyObject* o);
bool is_numpy_scalar(PyObject* o);
int dtype_of_array(PyObject* array);  // a dtype number, -1 for one that no tensor has
// A tensor that shares the array's memory, strides kept, and keeps the array alive. Undefined, with a Python
// error set, for dtypes that no tensor has.
Tensor share_array(PyObject* array);
// The same, but of a copy where the elements are not aligned: an operand.
Tensor borrow_array(PyObject* array);
// Another tensor over the same memory, which `tensor.data = other` does not take from under who looks at it.
Tensor same_memory(const Tensor& tensor);
// The same values in memory of the tensor's own: an array-like of any kind, or nested lists. `dtype` < 0: the
// array's own.
Tensor copy_array_like(PyObject* values, int dtype);
// An ndarray over the tensor's memory, which lives as long as the array. Null with a Python error set.
PyObject* to_ndarray(const Tensor& tensor);
// The same, but a scalar of NumPy for rank 0: what Session.run returns.
PyObject* to_fetched(const Tensor& tensor);
// A dtype number (Dtype as int) from a NumPy dtype or scalar type, or -1 without an error set.
int dtype_of_numpy(PyObject* o);
const char* numpy_name(Dtype dtype);

int get_buffer(PyObject* tensor, Py_buffer* view, int flags);
void release_buffer(PyObject* tensor, Py_buffer* view);

}  // namespace twofold::python
