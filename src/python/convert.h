// Python values as what operations take.
#pragma once

#include <Python.h>

#include "core/attrs.h"
#include "core/sig.h"
#include "python/object.h"
#include "twofold/tensor.h"

namespace twofold::python {

// A tensor operand: a tensor, a Python or NumPy number (which adopts the dtype of the tensors it meets), an
// array (shared), or an object with a `__twofold_tensor__()`. False: not one of these, or, with a Python
// error set, one that cannot be used.
bool operand_of(PyObject* o, Tensor& out);
// A number of C++, as operand_of() makes it.
Tensor number_of(double v);
Tensor number_of(std::int64_t v);

// Anything that names a dtype: a face's dtype object (attribute `_dtype`, its number), "float32", "f32", a
// NumPy dtype or type, float, int, bool. -1, without an error set, for anything else.
int dtype_number(PyObject* o);
bool dtype_of(PyObject* o, Dtype& out);  // false with TypeError set
bool integer_of(PyObject* o, std::int64_t& out);
// A list, tuple, shape object or single integer; None is an empty list.
bool integers_of(PyObject* o, Dims& out);
// Sizes, `None` and -1 for unknown dimensions; None itself for an unknown rank.
bool shape_of(PyObject* o, Shape& out, Face face);
// A sequence of operands.
bool operands_of(PyObject* sequence, Tensors& out);
// An attribute of a row.
bool attribute_of(PyObject* o, core::Kind kind, core::Attr& out);
// The default that a sig writes down: "[]", "false", "-1", "f32".
core::Attr default_of(const core::Param& param);

// A tuple of sizes, None for unknown ones; None for an unknown rank.
PyObject* to_python(const Shape& shape);

}  // namespace twofold::python
