// DLPack: tensors in and out without copying, for any library that speaks it.
#pragma once

#include <Python.h>

#include "twofold/tensor.h"

namespace twofold::python {

// tensor.__dlpack__(*, stream=None, max_version=None, dl_device=None, copy=None): a capsule, versioned where
// the consumer knows versions. BufferError for what cannot be shared.
PyObject* to_dlpack(PyObject* self, PyObject* args, PyObject* keywords);
// tensor.__dlpack_device__(): (1, 0), the CPU.
PyObject* dlpack_device(PyObject* self, PyObject*);
// A tensor over the memory of an object with __dlpack__, or of such a capsule; read-only if its flag says so.
// Undefined with a Python error set for other devices, dtypes and ranks.
Tensor from_dlpack(PyObject* source);

}  // namespace twofold::python
