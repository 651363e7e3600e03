// twofold.Tensor: what C++'s Tensor has, in Python. Its facts are attributes.
#include "core/recorder.h"
#include "python/callable.h"
#include "python/convert.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "python/object.h"
#include "python/plain.h"
#include "python/row_function.h"
#include "twofold/graph.h"
#include "twofold/ops.h"

namespace twofold::python {
namespace {

// --- facts
template <class F>
PyObject* fact(PyObject* self, F f) {
  return guarded(Face::plain, [&]() -> PyObject* { return f(tensor_in(self)); });
}
PyObject* get_shape(PyObject* self, void*) { return to_python(tensor_in(self).shape()); }
PyObject* get_dtype(PyObject* self, void*) { return nb::cast(tensor_in(self).dtype()).release().ptr(); }
PyObject* get_device(PyObject* self, void*) { return nb::cast(tensor_in(self).device()).release().ptr(); }
PyObject* get_rank(PyObject* self, void*) {
  const Shape& s = tensor_in(self).shape();
  return s.has_rank() ? PyLong_FromLong(s.rank()) : Py_NewRef(Py_None);
}
PyObject* get_numel(PyObject* self, void*) {
  const Shape& s = tensor_in(self).shape();
  return s.known() ? PyLong_FromLongLong(s.numel()) : Py_NewRef(Py_None);
}
PyObject* get_symbolic(PyObject* self, void*) { return PyBool_FromLong(tensor_in(self).symbolic()); }
PyObject* get_version(PyObject* self, void*) {
  return fact(self, [](const Tensor& t) { return PyLong_FromUnsignedLong(t.version()); });
}
PyObject* represent(PyObject* self) {
  return fact(self, [](const Tensor& t) { return PyUnicode_FromString(to_string(t).c_str()); });
}

PyGetSetDef facts[] = {
    {"shape", get_shape, nullptr, "Sizes, None for unknown ones; None for an unknown rank.", nullptr},
    {"dtype", get_dtype, nullptr, "The element type.", nullptr},
    {"device", get_device, nullptr, "Where its memory is.", nullptr},
    {"rank", get_rank, nullptr, "The number of dimensions; None for an unknown one.", nullptr},
    {"numel", get_numel, nullptr, "The number of elements; None for an unknown one.", nullptr},
    {"symbolic", get_symbolic, nullptr, "Is it an output of a graph's node?", nullptr},
    {"version", get_version, nullptr, "How often the storage has been written to.", nullptr},
    {}};

// --- methods
template <class F>
void add(nb::handle cls, const char* signature, const char* doc, F f) {
  add_method(cls, signature, doc, [f](nb::handle self, const Call& c) {
    if (!is_tensor(self.ptr())) refuse_self(c.signature(), self);
    return result_of([&] { return f(tensor_in(self.ptr()), c); });
  });
}
// A method that changes the tensor and gives it back.
template <class F>
void add_edit(nb::handle cls, const char* signature, const char* doc, F f) {
  add_method(cls, signature, doc, [f](nb::handle self, const Call& c) {
    if (!is_tensor(self.ptr())) refuse_self(c.signature(), self);
    f(tensor_in(self.ptr()), c);
    return nb::borrow(self);
  });
}

Tensor tensor_or_none(const Given& g) { return g.absent() ? Tensor() : g.tensor(); }

nb::object to_vector(const Tensor& t, const char* call) {
  if (t.symbolic())
    throw StateError({.op = call,
                      .argument = "",
                      .got = "a tensor of a graph, which has no value until a Session runs it",
                      .expected = "a tensor with values"});
  const core::RecorderScope closed(nullptr);
  return to_result(reshape(same_memory(t), {-1})).attr("tolist")();
}
nb::object item(const Tensor& t) {
  if (!t.symbolic() && t.numel() != 1)
    throw ValueError({.op = "item",
                      .argument = "",
                      .got = "a tensor of shape " + to_string(t.shape()),
                      .expected = "one element"});
  return nb::object(to_vector(t, "item")[0]);
}

void add_edits(nb::handle cls) {
  add_edit(cls, "def add_(self, other: Operand) -> Tensor", "In place: self += other.",
           [](Tensor& t, const Call& c) { t.add_(c["other"].tensor()); });
  add_edit(cls, "def sub_(self, other: Operand) -> Tensor", "In place: self -= other.",
           [](Tensor& t, const Call& c) { t.sub_(c["other"].tensor()); });
  add_edit(cls, "def mul_(self, other: Operand) -> Tensor", "In place: self *= other.",
           [](Tensor& t, const Call& c) { t.mul_(c["other"].tensor()); });
  add_edit(cls, "def div_(self, other: Operand) -> Tensor", "In place: self /= other.",
           [](Tensor& t, const Call& c) { t.div_(c["other"].tensor()); });
  add_edit(cls, "def copy_(self, source: Operand) -> Tensor", "In place: the values of source, broadcast.",
           [](Tensor& t, const Call& c) { t.copy_(c["source"].tensor()); });
  add_edit(cls, "def fill_(self, value: float) -> Tensor", "In place: every element is `value`.",
           [](Tensor& t, const Call& c) { t.fill_(c["value"].real()); });
  add_edit(cls, "def set_data(self, value: Operand) -> None",
           "Replaces the storage: graphs that captured this tensor see the new value.",
           [](Tensor& t, const Call& c) { t.set_data(c["value"].tensor()); });
}

void add_autograd(nb::handle cls) {
  add_edit(cls, "def set_requires_grad(self, on: bool = True) -> Tensor",
           "Wants a gradient from now on, or not.",
           [](Tensor& t, const Call& c) { t.set_requires_grad(c["on"].flag(true)); });
  add(cls, "def set_grad(self, grad: Tensor | None) -> None",
      "Of this tensor's shape and dtype; None for none.",
      [](Tensor& t, const Call& c) { t.set_grad(tensor_or_none(c["grad"])); });
  add(cls, "def zero_grad(self) -> None", "Forgets the gradient.",
      [](Tensor& t, const Call&) { t.zero_grad(); });
  add(cls,
      "def backward(self, gradient: Operand | None = None, retain_graph: bool = False, create_graph: bool = "
      "False) "
      "-> None",
      "Accumulates d(self)/d(leaf) into every leaf that requires a gradient. `gradient` may be omitted for "
      "one "
      "element.",
      [](Tensor& t, const Call& c) {
        t.backward(tensor_or_none(c["gradient"]), c["retain_graph"].flag(false),
                   c["create_graph"].flag(false));
      });
  add_method(cls, "def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> HookHandle",
             "Calls hook(gradient) whenever this tensor's gradient has been computed; a tensor that it gives "
             "takes the "
             "gradient's place.",
             [](nb::handle self, const Call& c) {
               if (!is_tensor(self.ptr())) refuse_self(c.signature(), self);
               return nb::cast(register_hook(self, c["hook"].callable()));
             });
  add(cls, "def detach(self) -> Tensor", "The same values without history.",
      [](Tensor& t, const Call&) { return t.detach(); });
}

void add_facts(nb::handle cls) {
  add(cls, "def size(self, axis: int) -> int | None",
      "The size of an axis, which may be counted from the end.", [](Tensor& t, const Call& c) {
        const std::int64_t n = t.size(c["axis"].integer());
        return n == unknown ? nb::object(nb::none()) : nb::cast(n);
      });
  add(cls, "def same_as(self, other: Tensor) -> bool", "Are both handles on one tensor?",
      [](Tensor& t, const Call& c) { return t.same_as(c["other"].tensor()); });
  add(cls, "def to_vector(self) -> list[float] | list[int] | list[bool]",
      "The elements in row-major order, whatever the strides.",
      [](Tensor& t, const Call&) { return to_vector(t, "to_vector"); });
  add(cls, "def item(self) -> float | int | bool", "The one element as a Python number.",
      [](Tensor& t, const Call&) { return item(t); });
  add(cls, "def to(self, dtype: DtypeLike) -> Tensor", "The elements as another dtype.",
      [](Tensor& t, const Call& c) { return t.to(c["dtype"].dtype()); });
  add(cls, "def t(self) -> Tensor", "The transpose of a matrix.",
      [](Tensor& t, const Call&) { return t.t(); });
}

// Operations as methods: a row's function is one, too.
void add_operation(nb::handle cls, const char* row) {
  cls.attr(row) = nb::steal(row_function(row, "", Face::plain));
}

PyType_Slot slots[] = {{Py_tp_getset, static_cast<void*>(facts)},
                       {Py_tp_repr, reinterpret_cast<void*>(represent)},
                       {Py_tp_str, reinterpret_cast<void*>(represent)},
                       {Py_tp_doc, const_cast<char*>("Numbers that exist, or that a graph will compute.")},
                       {0, nullptr}};

}  // namespace

void add_tensor_class(nb::module_& m) {
  PyType_Spec spec{"twofold.Tensor", sizeof(TensorObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                   slots};  // its base's collection
  const nb::object made =
      nb::steal(PyType_FromSpecWithBases(&spec, reinterpret_cast<PyObject*>(tensor_type)));
  if (!made.is_valid()) throw nb::python_error();
  set_face_type(Face::plain, reinterpret_cast<PyTypeObject*>(made.ptr()));
  add_facts(made);
  add_autograd(made);
  add_edits(made);
  add_operation(made, "sum");
  add_operation(made, "mean");
  m.attr("Tensor") = made;
}

}  // namespace twofold::python
