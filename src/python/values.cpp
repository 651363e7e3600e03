// Making tensors from Python values, and the tape's functions.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "core/apply.h"
#include "core/record.h"
#include "core/torch_generator.h"
#include "python/bindings.h"
#include "python/convert.h"
#include "python/dlpack.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "python/object.h"
#include "python/row_function.h"
#include "twofold/ops.h"
#include "twofold/print.h"

namespace nb = nanobind;

namespace twofold::python {
namespace {

nb::object given(PyObject* o) {
  if (!o) throw nb::python_error();
  return nb::steal(o);
}

Face face_number(int face) {
  if (face < 0 || face >= face_count) throw nb::value_error("a face is 0, 1 or 2");
  return static_cast<Face>(face);
}

nb::object tensor_from(nb::handle values, nb::handle dtype, int face) {
  Dtype d;
  const int to = dtype.is_none() ? -1 : dtype_of(dtype.ptr(), d) ? static_cast<int>(d) : -2;
  if (to == -2) throw nb::python_error();
  const Tensor t = copy_array_like(values.ptr(), to);
  if (!t.defined()) throw nb::python_error();
  return given(wrap(t, face_number(face)));
}

nb::object shared_from(nb::handle array, int face) {
  if (!is_ndarray(array.ptr())) throw nb::type_error("expected np.ndarray (got something else)");
  const Tensor t = share_array(array.ptr());
  if (!t.defined()) throw nb::python_error();
  return given(wrap(t, face_number(face)));
}

nb::object dlpack_from(nb::handle source, int face) {
  const Tensor t = from_dlpack(source.ptr());
  if (!t.defined()) throw nb::python_error();
  return given(wrap(t, face_number(face)));
}

nb::object uninitialised(nb::handle shape, nb::handle dtype, int face) {
  Shape s;
  Dtype d;
  if (!shape_of(shape.ptr(), s, face_number(face)) || !dtype_of(dtype.ptr(), d)) throw nb::python_error();
  Tensor t = guarded(face_number(face), [&] {
    if (!s.known())
      throw ShapeError({.op = "empty", .argument = "shape", .got = to_string(s), .expected = "known sizes"});
    return core::handle(core::allocate(d, s));
  });
  if (!t.defined()) throw nb::python_error();
  return given(wrap(std::move(t), face_number(face)));
}

// Another handle on the same tensor, of another class: torch.Tensor -> Parameter.
nb::object as_class(nb::handle tensor, nb::handle type) {
  const bool derived =
      PyType_Check(type.ptr()) && PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(type.ptr()), tensor_type);
  if (!derived) throw nb::type_error("expected a class of tensors");
  return given(wrap(tensor_argument(tensor), reinterpret_cast<PyTypeObject*>(type.ptr())));
}

nb::tuple gradients(nb::list outputs, nb::list inputs, nb::object grad_outputs, bool retain, bool create,
                    bool allow_unused, int face) {
  Tensors y, x;
  GradOptions options{.retain_graph = retain, .create_graph = create, .allow_unused = allow_unused};
  if (!operands_of(outputs.ptr(), y) || !operands_of(inputs.ptr(), x)) throw nb::python_error();
  if (!grad_outputs.is_none() && !operands_of(grad_outputs.ptr(), options.grad_outputs))
    throw nb::python_error();
  const Tensors out = guarded(face_number(face), [&] {
    const core::LocationScope line(user_line());
    return grad(y, x, options);
  });
  if (PyErr_Occurred()) throw nb::python_error();
  return nb::steal<nb::tuple>(wrap_all(out, face_number(face)));
}

const Ref<core::Record>& record_in(nb::handle capsule) {
  auto* held = static_cast<Ref<core::Record>*>(PyCapsule_GetPointer(capsule.ptr(), "record"));
  if (!held) throw nb::python_error();
  return *held;
}

// (row, file, line, output's rank, [(record or None, output, leaf or None)])
nb::tuple record_facts(nb::handle capsule) {
  const core::Record& r = *record_in(capsule);
  nb::list edges;
  for (const core::Edge& e : r.edges) {
    nb::object record = nb::none();
    if (e.record)
      record = nb::steal(PyCapsule_New(new Ref<core::Record>(e.record), "record", [](PyObject* c) {
        delete static_cast<Ref<core::Record>*>(PyCapsule_GetPointer(c, "record"));
      }));
    edges.append(nb::make_tuple(record, e.output, given(wrap(Tensor(e.leaf), Face::torch))));
  }
  return nb::make_tuple(r.op->name, r.where.file ? r.where.file : "", r.where.line, r.output_shape.rank(),
                        edges, reinterpret_cast<std::uintptr_t>(&r));
}

void set_print_options(nb::kwargs given) {
  PrintOptions& o = print_options();
  auto take = [&](const char* name, auto& setting) {
    if (given.contains(name)) setting = nb::cast<std::remove_reference_t<decltype(setting)>>(given[name]);
  };
  take("precision", o.precision), take("threshold", o.threshold), take("edgeitems", o.edge_items);
  take("linewidth", o.line_width), take("sci_mode", o.sci_mode);
}

// Draws from torch's generator into a tensor of any layout, and counts as an edit of it.
template <auto fill, class Number>
void fill_with(nb::handle tensor, Number a, Number b) {
  Tensor& t = concrete_argument(tensor);
  const bool done = guarded(Face::torch, [&] {
    Ref<core::Impl> drawn = core::allocate(t.dtype(), t.shape());
    fill(core::default_torch_generator(), drawn->array, a, b);
    const core::LocationScope line(user_line());
    return t.copy_(core::handle(std::move(drawn))), true;
  });
  if (!done) throw nb::python_error();
}

// Gradients are recorded, or not, on this thread from now on; returns what it was.
bool set_grad_enabled(bool on) {
  static thread_local std::unique_ptr<NoGrad> mode;
  const bool before = grad_enabled();
  mode.reset();
  mode =
      std::make_unique<NoGrad>(!on);  // on, too, overrides what surrounds it: backward() calls hooks without
  return before;
}

}  // namespace

void bind_values(nb::module_& m) {
  m.def("tensor", tensor_from, nb::arg("values"), nb::arg("dtype").none(), nb::arg("face") = 0);
  m.def("from_dlpack", dlpack_from, nb::arg("source"), nb::arg("face") = 0);
  m.def("share", shared_from, nb::arg("array"), nb::arg("face") = 0);
  m.def("empty", uninitialised, nb::arg("shape"), nb::arg("dtype"), nb::arg("face") = 0);
  m.def("as_class", as_class);
  m.def("grad", gradients, nb::arg("outputs"), nb::arg("inputs"), nb::arg("grad_outputs").none(),
        nb::arg("retain"), nb::arg("create"), nb::arg("allow_unused"), nb::arg("face"));
  m.def("record_facts", record_facts);
  m.def("set_grad_enabled", set_grad_enabled);
  m.def("grad_enabled", grad_enabled);
  m.def("rows", [] { return given(list_rows()); });
  m.def("row_function", [](const char* row, const char* spelling, int face) {
    return given(row_function(row, spelling, face_number(face)));
  });
  m.def("set_face_type", [](int face, nb::handle type) {
    if (!PyType_Check(type.ptr())) throw nb::type_error("expected a class");
    set_face_type(face_number(face), reinterpret_cast<PyTypeObject*>(type.ptr()));
  });
  m.def("set_package_folder", set_package_folder);
  m.def("set_translator",
        [](int face, nb::handle callable) { set_translator(face_number(face), callable.ptr()); });
  m.def("dtype_number", [](nb::handle o) { return dtype_number(o.ptr()); });
  m.def("print_values", [](nb::handle t, int indent) { return print_values(concrete_argument(t), indent); });
  m.def("print_legacy",
        [](nb::handle t, const std::string& type) { return print_legacy(concrete_argument(t), type); });
  m.def("set_print_options", set_print_options);
  m.def("torch_seed", [](std::uint64_t seed) { core::default_torch_generator().manual_seed(seed); });
  m.def("torch_initial_seed", [] { return core::default_torch_generator().initial_seed(); });
  m.def("torch_uniform", fill_with<core::fill_uniform, double>);
  m.def("torch_normal", fill_with<core::fill_normal, double>);
  m.def("torch_integers", fill_with<core::fill_integers, std::int64_t>);
  m.def("torch_permutation", [](nb::handle t) {
    const Array& a = concrete_argument(t).impl()->array;
    if (a.dtype != i64 || !a.contiguous) throw nb::type_error("expected a contiguous int64 tensor");
    core::fill_permutation(core::default_torch_generator(), a);
  });
  m.def("is_scalar_or_array", [](nb::handle o) { return is_ndarray(o.ptr()) || is_numpy_scalar(o.ptr()); });
  m.def("manual_seed", [](std::uint64_t seed) { manual_seed(seed); });
}

}  // namespace twofold::python
