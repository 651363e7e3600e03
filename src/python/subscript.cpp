// Indexing: integers, slices, None, ... and lists, arrays, tensors or masks of indices.
#include <limits>

#include "core/apply.h"
#include "core/op.h"
#include "python/convert.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "twofold/ops.h"

namespace twofold::python {
namespace {

using core::Attr;
using core::Attrs;

struct BadSubscript {};  // a Python error is set

std::int64_t checked_integer(PyObject* o) {
  std::int64_t value = 0;
  if (!integer_of(o, value)) throw BadSubscript{};
  return value;
}

Tensor select_at(const Tensor& t, int axis, std::int64_t index) {
  static const core::Op& op = core::find_op("select");
  return core::apply_one(op, {t.impl()}, Attrs{Attr(std::int64_t{axis}), Attr(index)}, {});
}

Tensor sliced(const Tensor& t, int axis, PyObject* range) {
  auto* s = reinterpret_cast<PySliceObject*>(range);
  const std::int64_t step = s->step == Py_None ? 1 : checked_integer(s->step);
  const std::int64_t far = std::numeric_limits<std::int64_t>::max();
  const std::int64_t start = s->start == Py_None ? (step > 0 ? 0 : far) : checked_integer(s->start);
  const std::int64_t stop = s->stop == Py_None ? (step > 0 ? far : -far) : checked_integer(s->stop);
  return slice(t, axis, start, stop, step);
}

// Several tensors of indices into neighbouring dimensions: those dimensions become one, and so do the
// indices.
Tensor taken(const Tensor& t, int axis, const Tensors& indices) {
  Dims shape;
  for (int d = 0; d < axis; ++d) shape.push_back(t.size(d));
  std::int64_t joined = 1;
  Tensor linear;
  for (std::size_t k = 0; k < indices.size(); ++k) {
    const std::int64_t size = t.size(axis + static_cast<int>(k));
    const Tensor i = where(lt(indices[k], std::int64_t{0}), add(indices[k], size), indices[k]);
    linear = linear.defined() ? add(mul(linear, size), i) : i;
    joined *= size;
  }
  if (indices.size() == 1) return take(t, indices[0], axis);
  shape.push_back(joined);
  for (int d = axis + static_cast<int>(indices.size()); d < t.rank(); ++d) shape.push_back(t.size(d));
  return take(reshape(t, shape), linear, axis);
}

bool is_advanced(PyObject* o) {
  return is_tensor(o) ? tensor_in(o).rank() > 0 || tensor_in(o).dtype() == bool_
                      : PyList_Check(o) || is_ndarray(o);
}

Tensor index_tensor(PyObject* o) {
  const Tensor t = is_tensor(o) ? tensor_in(o) : copy_array_like(o, -1);
  if (!t.defined()) throw BadSubscript{};
  if (t.dtype() == bool_ || t.dtype() == i64) return t;
  if (is_integer(t.dtype())) return t.to(i64);
  if (t.numel() == 0) return t.to(i64);
  PyErr_SetString(PyExc_IndexError, "tensors used as indices must be long, int, byte or bool tensors");
  throw BadSubscript{};
}

class Subscript {
 public:
  explicit Subscript(Tensor t) : t_(std::move(t)) {}

  Tensor apply(PyObject* key) {
    if (!PyTuple_Check(key)) return one(key, 1), finish();
    const Py_ssize_t n = PyTuple_GET_SIZE(key);
    count(key);
    for (Py_ssize_t i = 0; i < n; ++i) one(PyTuple_GET_ITEM(key, i), n);
    return finish();
  }

 private:
  // How many dimensions the items name: what `...` leaves over is the rest.
  void count(PyObject* key) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); ++i) {
      PyObject* o = PyTuple_GET_ITEM(key, i);
      const bool mask = is_tensor(o) && tensor_in(o).dtype() == bool_;
      if (o != Py_None && o != Py_Ellipsis) named_ += mask ? tensor_in(o).rank() : 1;
    }
  }

  void one(PyObject* o, Py_ssize_t items) {
    if (is_advanced(o)) return advanced(o);
    if (!indices_.empty()) settle();
    if (o == Py_None) {
      t_ = unsqueeze(t_, axis_++);
    } else if (o == Py_Ellipsis) {
      axis_ += items == 1 ? t_.rank() : t_.rank() - axis_ - named_;
    } else if (PySlice_Check(o)) {
      check_room();
      t_ = sliced(t_, axis_++, o), --named_;
    } else {
      check_room();
      t_ = select_at(t_, axis_, checked_integer(o)), --named_;
    }
  }

  void check_room() {
    if (axis_ < t_.rank()) return;
    if (t_.rank() == 0 && axis_ == 0)
      PyErr_SetString(
          PyExc_IndexError,
          "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ "
          "to convert a 0-dim tensor to a number");
    else
      PyErr_Format(PyExc_IndexError, "too many indices for tensor of dimension %d", axis_);
    throw BadSubscript{};
  }

  void advanced(PyObject* o) {
    const Tensor index = index_tensor(o);
    if (indices_.empty()) first_ = axis_;
    if (index.dtype() != bool_) {
      indices_.push_back(index);
      ++axis_, --named_;
      return;
    }
    check_mask(index);
    const Tensor places = nonzero(index);
    for (int d = 0; d < index.rank(); ++d) indices_.push_back(select_at(places, 1, d));
    axis_ += index.rank(), named_ -= index.rank();
  }

  void check_mask(const Tensor& mask) {
    for (int d = 0; d < mask.rank(); ++d) {
      if (axis_ + d < t_.rank() && mask.size(d) == t_.size(axis_ + d)) continue;
      PyErr_Format(PyExc_IndexError,
                   "The shape of the mask %s at index %d does not match the shape of the indexed tensor %s "
                   "at index %d",
                   to_string(mask.shape()).c_str(), d, to_string(t_.shape()).c_str(), axis_ + d);
      throw BadSubscript{};
    }
  }

  // The gathered indices take effect: what follows counts from behind them.
  void settle() {
    const int before = t_.rank(), used = static_cast<int>(indices_.size());
    t_ = taken(t_, first_, indices_);
    axis_ = first_ + t_.rank() - (before - used);
    indices_.clear();
  }

  Tensor finish() {
    if (!indices_.empty()) settle();
    return t_;
  }

  Tensor t_;
  int axis_ = 0, named_ = 0, first_ = 0;
  Tensors indices_;
};

Tensor subscripted(const Tensor& t, PyObject* key, Face face) {
  return guarded(face, [&]() -> Tensor {
    try {
      return Subscript(t).apply(key);
    } catch (BadSubscript) {
      return {};
    }
  });
}

PyObject* get(PyObject* self, PyObject* key) {
  const Face face = face_of(self);
  const Tensor& t = tensor_in(self);
  Tensor result = PyLong_CheckExact(key) && t.shape().has_rank() && t.rank() > 0
                      ? guarded(face, [&] { return select_at(t, 0, PyLong_AsLongLong(key)); })
                      : subscripted(t, key, face);
  return result.defined() ? wrap(std::move(result), face) : nullptr;
}

bool is_mask(PyObject* key) {
  return is_tensor(key) && tensor_in(key).dtype() == bool_ && tensor_in(key).rank() > 0;
}

bool has_advanced(PyObject* key) {
  if (!PyTuple_Check(key)) return is_advanced(key);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); ++i)
    if (is_advanced(PyTuple_GET_ITEM(key, i))) return true;
  return false;
}

// Lists of indices into the leading dimensions, of one length.
Tensors index_lists(PyObject* key) {
  Tensors lists;
  const Py_ssize_t n = PyTuple_Check(key) ? PyTuple_GET_SIZE(key) : 1;
  for (Py_ssize_t i = 0; i < n; ++i) {
    PyObject* item = PyTuple_Check(key) ? PyTuple_GET_ITEM(key, i) : key;
    const Tensor index = is_advanced(item) ? index_tensor(item) : Tensor();
    if (index.defined() && index.dtype() == bool_ && n == 1) {
      const Tensor places = nonzero(index);
      for (int d = 0; d < index.rank(); ++d) lists.push_back(select_at(places, 1, d));
    } else if (index.defined() && index.rank() == 1 && index.dtype() == i64 &&
               (lists.empty() || index.size(0) == lists[0].size(0))) {
      lists.push_back(index);
    } else {
      PyErr_SetString(PyExc_NotImplementedError,
                      "assignment through indices of this form is not supported yet: use a mask, or lists of "
                      "indices of one length into the first dimensions");
      throw BadSubscript{};
    }
  }
  return lists;
}

// One place after the other, so that the last of several writes to one place stays.
void write_places(const Tensor& t, const Tensors& lists, const Tensor& value) {
  if (static_cast<int>(lists.size()) > t.rank()) {
    PyErr_SetString(PyExc_IndexError, "too many indices for tensor");
    throw BadSubscript{};
  }
  std::vector<std::vector<std::int64_t>> indices;
  for (const Tensor& list : lists) indices.push_back(list.to_vector<std::int64_t>());
  for (std::size_t j = 0; j < indices[0].size(); ++j) {
    Tensor place = t;
    for (const auto& list : indices) place = select_at(place, 0, list[j]);
    const bool each = value.rank() > place.rank() && value.size(0) != 1;
    if (each && value.size(0) != static_cast<std::int64_t>(indices[0].size()))
      throw ShapeError({.op = "setitem",
                        .argument = "value",
                        .got = to_string(value.shape()),
                        .expected = std::to_string(indices[0].size()) + " values, or one for all"});
    place.copy_(each ? select_at(value, 0, static_cast<std::int64_t>(j)) : value);
  }
}

void write_subscript(Tensor t, PyObject* key, const Tensor& value) {
  if (!has_advanced(key))
    Subscript(t).apply(key).copy_(value);
  else if (is_mask(key) && value.numel() == 1 && tensor_in(key).shape() == t.shape())
    t.copy_(where(tensor_in(key), value.to(t.dtype()), t));
  else
    write_places(t, index_lists(key), value);
}

int set(PyObject* self, PyObject* key, PyObject* value) {
  Tensor v;
  if (!value) return PyErr_SetString(PyExc_TypeError, "tensor items cannot be deleted"), -1;
  if (!operand_of(value, v)) v = PyErr_Occurred() ? Tensor() : copy_array_like(value, -1);
  if (!v.defined()) return -1;
  const bool done = guarded(face_of(self), [&] {
    const core::LocationScope line(user_line());
    try {
      return write_subscript(tensor_in(self), key, v), true;
    } catch (BadSubscript) {
      return false;
    }
  });
  return done ? 0 : -1;
}

Py_ssize_t length(PyObject* self) {
  const Shape& shape = tensor_in(self).shape();
  if (shape.has_rank() && shape.rank() > 0 && shape[0] != unknown) return shape[0];
  PyErr_SetString(PyExc_TypeError, "len() of a 0-d tensor");
  return -1;
}

PyObject* item_at(PyObject* self, Py_ssize_t index) {
  const Tensor& t = tensor_in(self);
  if (t.rank() == 0) return PyErr_SetString(PyExc_TypeError, "iteration over a 0-d tensor"), nullptr;
  if (index >= t.size(0)) return PyErr_SetString(PyExc_IndexError, "index out of range"), nullptr;
  Tensor result = guarded(face_of(self), [&] { return select_at(t, 0, index); });
  return result.defined() ? wrap(std::move(result), face_of(self)) : nullptr;
}

}  // namespace

PyType_Slot subscript_slots[] = {
    {Py_mp_subscript, reinterpret_cast<void*>(get)},
    {Py_mp_ass_subscript, reinterpret_cast<void*>(set)},
    {Py_mp_length, reinterpret_cast<void*>(length)},
    {Py_sq_item, reinterpret_cast<void*>(item_at)},
    {0, nullptr},
};

}  // namespace twofold::python
