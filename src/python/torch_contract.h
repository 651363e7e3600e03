// PyTorch's rules of dtypes where they differ from the rows' own, for calls through the torch face.
#pragma once

#include "core/apply.h"
#include "python/object.h"

namespace twofold::python {

// op(in) as PyTorch's users know it: a function of floats takes integers too, + and * of booleans are "or"
// and "and", matrices of different dtypes are refused. DtypeError where PyTorch refuses.
Tensor apply_as_torch(const core::Op& op, core::Inputs in, core::Attrs attrs, const Location& where);

inline Tensor apply_in(Face face, const core::Op& op, core::Inputs in, core::Attrs attrs,
                       const Location& where) {
  return face == Face::torch ? apply_as_torch(op, in, std::move(attrs), where)
                             : core::apply_one(op, in, std::move(attrs), where);
}

using Edit = Tensor& (Tensor::*)(const Arg&);
// (target.*edit)(value); in the torch face += and *= of booleans are "or" and "and".
void edit_in(Face face, Tensor& target, Edit edit, const Tensor& value);
// The same of a Python tensor; the user's line is kept for later errors. False, with the error set, where it
// fails.
bool edit_object(PyObject* self, Edit edit, const Tensor& value);

}  // namespace twofold::python
