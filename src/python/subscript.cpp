// Indexing: integers, slices, None, ... and lists, arrays, tensors or masks of indices.
#include <algorithm>
#include <numeric>

#include "core/apply.h"
#include "core/op.h"
#include "python/convert.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "python/torch_contract.h"
#include "twofold/ops.h"

namespace twofold::python {
namespace {

using core::Attr;
using core::Attrs;

std::int64_t checked_integer(PyObject* o) {
  std::int64_t value = 0;
  if (integer_of(o, value)) return value;
  if (PyErr_ExceptionMatches(PyExc_OverflowError))
    PyErr_SetString(PyExc_ValueError, "Overflow when unpacking long long");
  python_raised();
}

Tensor select_at(const Tensor& t, int axis, std::int64_t index) {
  static const core::Op& op = core::find_op("select");
  return core::apply_one(op, {t.impl()}, Attrs{Attr(std::int64_t{axis}), Attr(index)}, {});
}

Tensor sliced(const Tensor& t, int axis, PyObject* range, Face face) {
  Py_ssize_t start = 0, stop = 0, step = 0;  // a bound beyond all numbers means as far as there is
  if (PySlice_Unpack(range, &start, &stop, &step) != 0) python_raised();
  if (face == Face::torch && step < 0) {
    PyErr_SetString(PyExc_ValueError, "step must be greater than zero");
    python_raised();
  }
  return slice(t, axis, start, stop, step);
}

// The size of a dimension as a number, or as a tensor where only a run knows it.
Tensor size_along(const Tensor& t, int axis) {
  if (t.size(axis) != unknown) return tensor(t.size(axis));
  return select_at(shape_of(t, i64), 0, axis);
}

[[noreturn]] void refuse_index(std::int64_t index, int axis, std::int64_t size) {
  PyErr_Format(PyExc_IndexError, "index %lld is out of bounds for dimension %d with size %lld",
               static_cast<long long>(index), axis, static_cast<long long>(size));
  python_raised();
}

// PyTorch's refusal names the dimension. What only a run knows is checked when it runs.
void check_within(const Tensor& index, std::int64_t size, int axis) {
  if (index.symbolic() || size == unknown) return;
  for (std::int64_t i : index.to_vector<std::int64_t>())
    if (i < -size || i >= size) refuse_index(i, axis, size);
}

// "[2, 3]", as PyTorch writes sizes.
std::string sizes_text(const Shape& shape) {
  std::string text;
  for (std::int64_t n : shape.dims()) text += (text.empty() ? "" : ", ") + std::to_string(n);
  return "[" + text + "]";
}

// The shape of indices so far and one more; PyTorch's refusal names them all.
Shape joined(const Shape& common, const Shape& shape, const Tensors& indices) {
  try {
    return broadcast(common, shape);
  } catch (const ShapeError&) {
    std::string all;
    for (const Tensor& index : indices) all += (all.empty() ? "" : ", ") + sizes_text(index.shape());
    PyErr_Format(PyExc_IndexError,
                 "shape mismatch: indexing tensors could not be broadcast together with shapes %s",
                 all.c_str());
    python_raised();
  }
}

// The elements or slices at the indices into the first dimensions, which broadcast against each other.
Tensor gathered(const Tensor& t, const Tensors& indices) {
  Shape common{};
  for (const Tensor& index : indices) common = joined(common, index.shape(), indices);
  Tensors columns;
  for (std::size_t k = 0; k < indices.size(); ++k) {
    const Tensor &i = indices[k], size = size_along(t, static_cast<int>(k));
    const Tensor from_start = where(lt(i, std::int64_t{0}), add(i, size), i);
    const Tensor whole = from_start.shape() == common ? from_start : expand(from_start, common.dims());
    columns.push_back(unsqueeze(whole, -1));
  }
  return gather_nd(t, columns.size() == 1 ? columns[0] : concat(columns, -1));
}

// Dimensions [first, first + count) moved to `to`, the others in their order.
Tensor moved(const Tensor& t, int first, int count, int to) {
  Dims axes;
  for (int d = 0; d < t.rank(); ++d)
    if (d < first || d >= first + count) axes.push_back(d);
  Dims order;
  for (int d = 0; d < to; ++d) order.push_back(axes[d]);
  for (int d = first; d < first + count; ++d) order.push_back(d);
  for (int d = to; d < axes.size(); ++d) order.push_back(axes[d]);
  return permute(t, order);
}

bool is_sequence(PyObject* o) { return PySequence_Check(o) && !PyUnicode_Check(o) && !PyBytes_Check(o); }

// A list that holds anything but numbers stands for the tuple of its items (PyTorch's rule).
bool means_tuple(PyObject* key) {
  if (!PyList_Check(key)) return false;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(key); ++i) {
    PyObject* o = PyList_GET_ITEM(key, i);
    if (o == Py_None || o == Py_Ellipsis || PySlice_Check(o)) return true;
    if (is_tensor(o) ? tensor_in(o).rank() > 0 : is_sequence(o)) return true;
  }
  return false;
}

bool is_mask(PyObject* o) {
  return PyBool_Check(o) || (is_tensor(o) && (tensor_in(o).dtype() == bool_ || tensor_in(o).dtype() == u8));
}

bool is_advanced(PyObject* o) {
  return is_mask(o) || (is_tensor(o) ? tensor_in(o).rank() > 0 : is_sequence(o));
}

Tensor index_tensor(PyObject* o) {
  if (PyBool_Check(o)) return tensor(o == Py_True);
  const Tensor t = is_tensor(o) ? tensor_in(o) : copy_array_like(o, -1);
  if (!t.defined()) python_raised();
  if (t.dtype() == u8) return t.to(bool_);
  if (t.dtype() == bool_ || t.dtype() == i64) return t;
  if (is_integer(t.dtype())) return t.to(i64);
  if (t.numel() == 0) return t.to(i64);
  PyErr_SetString(PyExc_IndexError, "tensors used as indices must be long, int, byte or bool tensors");
  python_raised();
}

class Subscript {
 public:
  Subscript(Tensor t, Face face) : t_(std::move(t)), whole_(t_), rank_(t_.rank()), face_(face) {}

  // `key`: one item or a tuple of them.
  Tensor apply(PyObject* key) {
    if (!PyTuple_Check(key)) return one(key, 0, 1), finish();
    const Py_ssize_t n = PyTuple_GET_SIZE(key);
    count(key);
    for (Py_ssize_t i = 0; i < n; ++i) one(PyTuple_GET_ITEM(key, i), static_cast<int>(i), n);
    return finish();
  }

 private:
  // How many dimensions the items name: what `...` leaves over is the rest.
  void count(PyObject* key) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); ++i) {
      PyObject* o = PyTuple_GET_ITEM(key, i);
      if (o != Py_None && o != Py_Ellipsis && !PyBool_Check(o))
        named_ += is_mask(o) ? tensor_in(o).rank() : 1;
    }
  }

  void one(PyObject* o, int position, Py_ssize_t items) {
    if (is_advanced(o)) return advanced(o);
    if (o == Py_None) {
      t_ = unsqueeze(t_, axis_++);
    } else if (o == Py_Ellipsis) {
      if (items > 1 && t_.shape().has_rank() && t_.rank() - axis_ < named_) too_many();
      axis_ += items == 1 ? t_.rank() : t_.rank() - axis_ - named_;
    } else if (PySlice_Check(o)) {
      check_room();
      if (takes_all(o))
        ++axis_;
      else
        t_ = sliced(t_, axis_++, o, face_);
      --named_;
    } else {
      check_room();
      t_ = select_at(t_, axis_, checked_index(o, position)), --named_;
    }
  }

  // PyTorch's refusals name the place in the subscript.
  std::int64_t checked_index(PyObject* o, int position) const {
    if (face_ != Face::torch) return checked_integer(o);
    if (PyUnicode_Check(o)) {
      PyErr_SetString(PyExc_TypeError, "new(): invalid data type 'str'");
      python_raised();
    }
    if (!PyIndex_Check(o)) {
      PyErr_Format(PyExc_IndexError,
                   "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid "
                   "indices (got %s)",
                   Py_TYPE(o)->tp_name);
      python_raised();
    }
    const std::int64_t index = checked_integer(o), size = t_.size(axis_);
    if (size == unknown || (index >= -size && index < size)) return index;
    refuse_index(index, position, size);
  }

  // `:` takes nothing away, and is no step of PyTorch's either.
  bool takes_all(PyObject* range) const {
    auto* s = reinterpret_cast<PySliceObject*>(range);
    return face_ == Face::torch && s->start == Py_None && s->stop == Py_None && s->step == Py_None;
  }

  void check_room() {
    if (axis_ < t_.rank()) return;
    if (rank_ == 0)
      PyErr_SetString(
          PyExc_IndexError,
          "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ "
          "to convert a 0-dim tensor to a number");
    else
      too_many();
    python_raised();
  }

  [[noreturn]] void too_many() const {
    PyErr_Format(PyExc_IndexError, "too many indices for tensor of dimension %d", rank_);
    python_raised();
  }

  void advanced(PyObject* o) {
    const Tensor index = index_tensor(o);
    if (index.dtype() != bool_) {
      check_room();
      check_within(index, t_.size(axis_), axis_);
      --named_;
      return keep(index);
    }
    if (index.rank() == 0) {  // a dimension of its own, with one element or none
      t_ = unsqueeze(t_, axis_);
      return keep(full({index.item<bool>() ? 1 : 0}, 0, i64));
    }
    check_mask(index);
    const Tensor places = nonzero(index);
    for (int d = 0; d < index.rank(); ++d) keep(select_at(places, 1, d));
    named_ -= index.rank();
  }

  void keep(const Tensor& index) {
    indices_.push_back(index);
    axes_.push_back(axis_++);
  }

  void check_mask(const Tensor& mask) {
    for (int d = 0; d < mask.rank(); ++d) {
      if (axis_ + d < t_.rank() && mask.size(d) == t_.size(axis_ + d)) continue;
      PyErr_Format(PyExc_IndexError,
                   "The shape of the mask %s at index %d does not match the shape of the indexed tensor %s "
                   "at index %d",
                   sizes_text(mask.shape()).c_str(), d, sizes_text(t_.shape()).c_str(), axis_ + d);
      python_raised();
    }
  }

  // The dimensions that indices name become those of the indices: where they stood if they are neighbours,
  // else in front.
  Tensor finish() {
    if (indices_.empty()) return t_.impl() == whole_.impl() ? alias_of_all() : t_;
    const int count = axes_.size(), last = axes_[count - 1];
    const bool neighbours = last - axes_[0] == count - 1;
    Dims order = axes_;
    for (int d = 0; d < t_.rank(); ++d)
      if (std::find(axes_.begin(), axes_.end(), d) == axes_.end()) order.push_back(d);
    const bool in_front = neighbours && axes_[0] == 0;
    const Tensor out = gathered(in_front ? t_ : permute(t_, order), indices_);
    if (in_front || !neighbours) return out;
    return moved(out, 0, out.rank() - (t_.rank() - count), static_cast<int>(axes_[0]));
  }

  // A subscript that takes everything gives a tensor of its own all the same.
  Tensor alias_of_all() const {
    return t_.rank() == 0 ? view(t_, {}) : slice(t_, 0, 0, std::numeric_limits<std::int64_t>::max());
  }

  Tensor t_, whole_;
  int rank_;  // before any item
  Face face_;
  int axis_ = 0, named_ = 0;
  Tensors indices_;
  Dims axes_;  // that the indices name
};

Tensor subscripted(const Tensor& t, PyObject* key, Face face) {
  return guarded(face, [&] { return Subscript(t, face).apply(key); });
}

// f(key), a list that means a tuple being made one.
template <class F>
auto with_tuple(PyObject* key, const F& f) {
  PyObject* tuple = means_tuple(key) ? PyList_AsTuple(key) : Py_NewRef(key);
  const auto result = f(tuple);
  Py_DECREF(tuple);
  return result;
}

PyObject* get(PyObject* self, PyObject* key) {
  const Face face = face_of(self);
  const Tensor& t = tensor_in(self);
  const core::LocationScope line(face == Face::plain ? user_line() : Location());
  Tensor result = PyLong_CheckExact(key) && t.shape().has_rank() && t.rank() > 0
                      ? guarded(face, [&] { return select_at(t, 0, checked_integer(key)); })
                      : with_tuple(key, [&](PyObject* k) { return subscripted(t, k, face); });
  return result.defined() ? wrap(std::move(result), face) : nullptr;
}

bool has_advanced(PyObject* key) {
  if (!PyTuple_Check(key)) return is_advanced(key);
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); ++i)
    if (is_advanced(PyTuple_GET_ITEM(key, i))) return true;
  return false;
}

// For each element of t, which element of the values is assigned to it, or -1. Of several, the last.
Tensor assigned_from(const Tensor& t, const Tensor& places) {
  std::vector<std::int64_t> from(static_cast<std::size_t>(t.numel()), -1);
  std::int64_t j = 0;
  for (std::int64_t place : places.to_vector<std::int64_t>()) from[static_cast<std::size_t>(place)] = j++;
  return tensor(from, t.shape());
}

bool is_whole_mask(PyObject* key, const Tensor& t) {
  return is_tensor(key) && tensor_in(key).dtype() == bool_ && tensor_in(key).shape() == t.shape();
}

bool broadcasts_to(const Shape& from, const Shape& to) {
  if (from.rank() > to.rank()) return false;
  for (int d = 1; d <= from.rank(); ++d)
    if (from[from.rank() - d] != 1 && from[from.rank() - d] != to[to.rank() - d]) return false;
  return true;
}

// What indexing gives of the elements' own numbers says where the values go.
void write_places(Tensor t, PyObject* key, const Tensor& value, Face face) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(t.numel()));
  std::iota(numbers.begin(), numbers.end(), 0);
  const Tensor places = Subscript(tensor(numbers, t.shape()), face).apply(key);
  if (places.numel() == 0) return;
  Tensor values = value;
  while (values.rank() > places.rank() && values.size(0) == 1) values = select_at(values, 0, 0);
  if (!broadcasts_to(values.shape(), places.shape())) {
    PyErr_Format(
        PyExc_RuntimeError,
        "shape mismatch: value tensor of shape %s cannot be broadcast to indexing result of shape %s",
        sizes_text(value.shape()).c_str(), sizes_text(places.shape()).c_str());
    python_raised();
  }
  const Tensor from = assigned_from(t, places);
  const Tensor flat = reshape(expand(values.to(t.dtype()), places.shape().dims()), {-1});
  t.copy_(where(ge(from, std::int64_t{0}), take(flat, maximum(from, std::int64_t{0}), 0), t));
}

// "torch.FloatTensor"
std::string type_name(const Tensor& t) {
  static const char* const names[dtype_count] = {"Bool", "Byte", "Char",     "Short", "Int",
                                                 "Long", "Half", "BFloat16", "Float", "Double"};
  return std::string("torch.") + names[static_cast<int>(t.dtype())] + "Tensor";
}

// PyTorch's words for a value that does not spread over what is assigned to.
[[noreturn]] void refuse_value(const Tensor& value, const Tensor& target) {
  const std::string sizes = sizes_text(target.shape()), own = sizes_text(value.shape());
  if (value.rank() > target.rank())
    PyErr_Format(PyExc_RuntimeError,
                 "expand(%s{%s}, size=%s): the number of sizes provided (%d) must be greater or "
                 "equal to the number of dimensions in the tensor (%d)",
                 type_name(value).c_str(), own.c_str(), sizes.c_str(), target.rank(), value.rank());
  else
    for (int d = target.rank() - 1, k = value.rank() - 1; k >= 0 && !PyErr_Occurred(); --d, --k)
      if (value.size(k) != 1 && value.size(k) != target.size(d))
        PyErr_Format(PyExc_RuntimeError,
                     "The expanded size of the tensor (%lld) must match the existing size (%lld) at "
                     "non-singleton dimension %d.  Target sizes: %s.  Tensor sizes: %s",
                     static_cast<long long>(target.size(d)), static_cast<long long>(value.size(k)), d,
                     sizes.c_str(), own.c_str());
  python_raised();
}

// Values may have dimensions of size 1 in front that the target lacks.
Tensor fitted(Tensor value, const Tensor& target) {
  while (value.rank() > target.rank() && value.size(0) == 1) value = select_at(value, 0, 0);
  if (value.shape().known() && target.shape().known() && !broadcasts_to(value.shape(), target.shape()))
    refuse_value(value, target);
  return value;
}

void write_items(Tensor target, const Tensor& value, Face face) {
  edit_in(face, target, &Tensor::copy_, fitted(value, target));
}

void write_subscript(Tensor t, PyObject* key, const Tensor& value, Face face) {
  if (!has_advanced(key))
    write_items(Subscript(t, face).apply(key), value, face);
  else if (is_whole_mask(key, t) && value.numel() == 1)
    t.copy_(where(tensor_in(key), value.to(t.dtype()), t));
  else
    write_places(t, key, value, face);
}

int set(PyObject* self, PyObject* key, PyObject* value) {
  Tensor v;
  if (!value) return PyErr_SetString(PyExc_TypeError, "tensor items cannot be deleted"), -1;
  if (PyUnicode_Check(value))
    return PyErr_Format(PyExc_TypeError, "can't assign a str to a %s", type_name(tensor_in(self)).c_str()),
           -1;
  if (!operand_of(value, v)) v = PyErr_Occurred() ? Tensor() : copy_array_like(value, -1);
  if (!v.defined()) return -1;
  const bool done = with_tuple(key, [&](PyObject* k) {
    return guarded(face_of(self), [&] {
      const core::LocationScope line(user_line());
      return write_subscript(tensor_in(self), k, v, face_of(self)), true;
    });
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
  if (t.size(0) == unknown)
    return PyErr_SetString(PyExc_TypeError, "iteration over a dimension whose size only a run knows"),
           nullptr;
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
