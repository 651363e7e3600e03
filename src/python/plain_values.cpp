// Tensors from values, the tape, and how tensors print.
#include <algorithm>
#include <memory>
#include <utility>

#include "core/impl.h"
#include "core/storage.h"
#include "python/convert.h"
#include "python/dlpack.h"
#include "python/numpy.h"
#include "python/object.h"
#include "python/plain.h"
#include "twofold/ops.h"
#include "twofold/print.h"

namespace twofold::python {
namespace {

// --- from values
Tensor copied(const Given& values, int dtype) {
  const Tensor t = values.absent() ? Tensor() : copy_array_like(values.object().ptr(), dtype);
  if (t.defined()) return t;
  if (values.absent()) values.refuse("numbers");
  values.refuse_as_raised();
}

Tensor shaped(const Tensor& values, const Shape& shape, const char* op) {
  if (values.numel() != shape.numel())
    throw ShapeError({.op = op,
                      .argument = "values",
                      .got = std::to_string(values.numel()) + " values",
                      .expected = std::to_string(shape.numel()) + " for shape " + to_string(shape)});
  Ref<core::Impl> impl = core::shallow_copy(*values.impl());
  impl->array = contiguous_array(impl->array.data, values.dtype(), shape);
  return core::handle(std::move(impl));
}

Tensor make_tensor(const Call& c) {
  const Tensor t = copied(c["values"], c["dtype"].absent() ? -1 : static_cast<int>(c["dtype"].dtype()));
  return c["shape"].absent() ? t : shaped(t, c["shape"].shape(), "tensor");
}

Tensor share(const Call& c) {
  if (c["array"].absent() || !is_ndarray(c["array"].object().ptr())) c["array"].refuse("a NumPy array");
  const Tensor t = share_array(c["array"].object().ptr());
  if (!t.defined()) c["array"].refuse_as_raised();
  return t;
}

Tensor import_dlpack(const Call& c) {
  const Tensor t = from_dlpack(c["source"].object().ptr());
  if (!t.defined()) c["source"].refuse_as_raised();
  return t;
}

// --- memory of the caller's
void let_go_of_buffer(void* held) {
  auto* view = static_cast<Py_buffer*>(held);
  if (Py_IsInitialized()) {
    const PyGILState_STATE state = PyGILState_Ensure();
    PyBuffer_Release(view);
    PyGILState_Release(state);
  }
  delete view;
}

// Bytes from the first element to the end of the last one; refuses strides that lead before the first.
std::int64_t reach(const Shape& shape, const Dims& strides, Dtype dtype) {
  std::int64_t elements = shape.numel() > 0 ? 1 : 0;
  for (int d = 0; elements > 0 && d < shape.rank(); ++d) {
    if (strides[d] < 0)
      throw ValueError(
          {.op = "from_blob", .argument = "strides", .got = to_string(strides), .expected = "none below 0"});
    elements = checked_add(elements, checked_mul(shape[d] - 1, strides[d]));
  }
  return checked_mul(elements, static_cast<std::int64_t>(size_of(dtype)));
}

void check_blob(const Py_buffer& view, const Shape& shape, const Dims& strides, Dtype dtype) {
  const std::int64_t bytes = reach(shape, strides, dtype);
  if (bytes > view.len)
    throw ShapeError({.op = "from_blob",
                      .argument = "data",
                      .got = std::to_string(view.len) + " bytes",
                      .expected = "at least " + std::to_string(bytes)});
  if (reinterpret_cast<std::uintptr_t>(view.buf) % size_of(dtype) != 0)
    throw ValueError({.op = "from_blob",
                      .argument = "data",
                      .got = "memory that is not aligned",
                      .expected = "an address that is a multiple of the element's size"});
}

Tensor tensor_over_buffer(const Call& c) {
  const Dtype dtype = c["dtype"].dtype();
  const Shape shape = c["shape"].absent() ? Shape{} : c["shape"].shape();
  if (!shape.known()) c["shape"].refuse("known sizes");
  const Dims strides = c["strides"].absent() ? contiguous_strides(shape) : c["strides"].dims();
  if (strides.size() != shape.rank())
    throw ValueError({.op = "from_blob",
                      .argument = "strides",
                      .got = std::to_string(strides.size()) + " strides",
                      .expected = std::to_string(shape.rank()) + ", one per dimension"});
  std::unique_ptr<Py_buffer, void (*)(void*)> view(new Py_buffer{}, let_go_of_buffer);
  const nb::handle data = c["data"].object();
  if (PyObject_GetBuffer(data.ptr(), view.get(), PyBUF_WRITABLE) != 0) {
    PyErr_Clear();
    if (PyObject_GetBuffer(data.ptr(), view.get(), PyBUF_SIMPLE) != 0)
      PyErr_Clear(), c["data"].refuse("an object with a contiguous buffer");
  }
  check_blob(*view, shape, strides, dtype);
  const Tensor t = from_blob(view->buf, dtype, shape, strides);
  core::Storage& storage = *t.impl()->storage;
  storage.read_only = view->readonly;
  storage.let_go = let_go_of_buffer;
  storage.owner = view.release();
  return t;
}

void add_makers(nb::module_& m) {
  define(m,
         "def tensor(values: object, dtype: DtypeLike | None = None, shape: Sequence[int] | None = None) -> "
         "Tensor",
         "A tensor with values of its own: nested lists, numbers or any array-like. `dtype` defaults to "
         "NumPy's.",
         make_tensor);
  define(m, "def from_values(values: object, dtype: DtypeLike, shape: Sequence[int]) -> Tensor",
         "A tensor of this dtype and shape with a copy of the values.", [](const Call& c) {
           return shaped(copied(c["values"], static_cast<int>(c["dtype"].dtype())), c["shape"].shape(),
                         "from_values");
         });
  define(m,
         "def from_blob(data: Buffer, dtype: DtypeLike, shape: Sequence[int], strides: Sequence[int] | None "
         "= None) "
         "-> Tensor",
         "A tensor over the memory of any object with a contiguous buffer. Strides in elements; row-major "
         "without "
         "them.",
         tensor_over_buffer);
  define(m, "def from_numpy(array: numpy.ndarray) -> Tensor",
         "A tensor over the array's memory: writing to either is seen by both.", share);
  define(m, "def from_dlpack(source: object) -> Tensor",
         "A tensor over the memory of any object with __dlpack__; read-only where that says so.",
         import_dlpack);
  define(
      m, "def parameter(value: Operand) -> Tensor",
      "A leaf that requires a gradient and that graphs capture by reference: a copy of `value`'s contents.",
      [](const Call& c) { return parameter(c["value"].tensor()); });
  define(m, "def buffer(value: Operand) -> Tensor",
         "State without a gradient (running averages, counters) that graphs capture by reference too.",
         [](const Call& c) { return buffer(c["value"].tensor()); });
  define(m, "def zeros(shape: Sequence[int], dtype: DtypeLike = f32) -> Tensor", "A tensor of zeros.",
         [](const Call& c) { return zeros(c["shape"].dims(), c["dtype"].dtype(f32)); });
  define(m, "def ones(shape: Sequence[int], dtype: DtypeLike = f32) -> Tensor", "A tensor of ones.",
         [](const Call& c) { return ones(c["shape"].dims(), c["dtype"].dtype(f32)); });
}

// --- the tape
Tensors grad_of(const Call& c) {
  GradOptions options{.retain_graph = c["retain_graph"].flag(false),
                      .create_graph = c["create_graph"].flag(false),
                      .allow_unused = c["allow_unused"].flag(false)};
  if (!c["grad_outputs"].absent()) options.grad_outputs = c["grad_outputs"].tensors();
  return grad(c["outputs"].tensors(), c["inputs"].tensors(), options);
}

// --- printing
template <class T>
void add_option(nb::handle cls, const char* signature, T PrintOptions::*field, const char* doc) {
  attribute<PrintOptions>(
      cls, signature, doc, [field](const PrintOptions& o) { return o.*field; },
      [field](PrintOptions& o, const Given& value) {
        const std::int64_t n = value.integer();
        if (!std::in_range<int>(n)) value.refuse("a smaller number");
        o.*field = static_cast<T>(n);
      });
}

void add_printing(nb::module_& m) {
  nb::class_<PrintOptions> options(m, "PrintOptions", "How tensors print.");
  add_option(options, "def precision(self) -> int", &PrintOptions::precision, "Digits behind the point.");
  add_option(options, "def threshold(self) -> int", &PrintOptions::threshold,
             "Above this many elements only the edges are shown.");
  add_option(options, "def edge_items(self) -> int", &PrintOptions::edge_items, "Of each dimension, then.");
  add_option(options, "def line_width(self) -> int", &PrintOptions::line_width, "Columns.");
  add_option(options, "def sci_mode(self) -> int", &PrintOptions::sci_mode,
             "Scientific: 1 always, 0 never, -1 where the magnitudes ask for it.");
  define(m, "def print_options() -> PrintOptions", "The process's options: set its attributes.",
         [](const Call&) { return nb::cast(&print_options(), nb::rv_policy::reference); });
  define(m, "def print_values(tensor: Tensor, indent: int = 0) -> str",
         "The values alone, continued lines indented by `indent` more columns.", [](const Call& c) {
           const std::int64_t indent = std::clamp<std::int64_t>(c["indent"].integer(0), 0, 1000);
           return print_values(c["tensor"].tensor_with_values(), static_cast<int>(indent));
         });
  define(m, "def print_legacy(tensor: Tensor, type_name: str) -> str",
         "The form of torch 0.2, `type_name` in its last line.",
         [](const Call& c) { return print_legacy(c["tensor"].tensor_with_values(), c["type_name"].text()); });
  define(m, "def to_string(tensor: Tensor) -> str",
         "Values as PyTorch prints them; a symbolic tensor prints what is known.",
         [](const Call& c) { return to_string(c["tensor"].tensor()); });
}

}  // namespace

void add_values(nb::module_& m) {
  add_makers(m);
  add_printing(m);
  define(m, "def grad_enabled() -> bool", "Are gradients recorded on this thread?",
         [](const Call&) { return grad_enabled(); });
  define(m,
         "def grad(outputs: Tensors, inputs: Tensors, grad_outputs: Tensors | None = None, retain_graph: "
         "bool = False, "
         "create_graph: bool = False, allow_unused: bool = False) -> list[Tensor | None]",
         "d(sum of outputs)/d(inputs), without touching .grad. An input that the outputs do not depend on "
         "gives None "
         "when `allow_unused`.",
         grad_of);
}

}  // namespace twofold::python
