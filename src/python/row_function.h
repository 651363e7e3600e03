// A row of the table as a Python function, under one face's name and argument names.
//
//   torch.sum(input, dim, keepdim)   tf: reduce_sum(input_tensor, axis, keepdims)   plain: sum(x, axes,
//   keepdims)
//
// It is a vectorcall object that also works as a method (torch.Tensor.sum is torch.sum).
#pragma once

#include <Python.h>

#include "python/object.h"

namespace twofold::python {

bool make_row_function_type(PyObject* module);
// "add(input, other)" -> a new reference to the function; ValueError for a row or spelling that there is not.
// An empty spelling takes the row's own names.
PyObject* row_function(const char* row, const char* spelling, Face face);
// A callable (function's name, result, out) -> out: writes what torch's functions are told to put into `out`.
void set_writer(PyObject* callable);
// [{name, spelling of each face, doc, sig, samples}] of all public rows.
PyObject* list_rows();

}  // namespace twofold::python
