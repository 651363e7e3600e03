// Making tensors from Python values, and the tape's functions.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "core/apply.h"
#include "core/promote.h"
#include "core/record.h"
#include "core/recorder.h"
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

// Does PyTorch count this operand among those that a gradient may flow to?
bool is_followed(const core::Record& r, std::size_t i) {
  const core::Kind kind =
      r.op->sig.tensors() > 0 ? r.op->sig.tensor(static_cast<int>(i)).kind : core::Kind::any;
  return kind != core::Kind::boolean && kind != core::Kind::index &&
         !r.op->reads_shape_only(static_cast<int>(i));
}

// (name, output's rank, texts of the attributes, [(record or None, output, leaf or None, operand's rank)],
// identity)
nb::tuple record_facts(nb::handle capsule) {
  const core::Record& r = *record_in(capsule);
  const auto& steps = r.shown ? r.shown->edges : r.edges;
  nb::list edges, attributes;
  for (int i = 0; i < r.attrs.size(); ++i) attributes.append(core::to_string(r.attrs[i]));
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!r.shown && !is_followed(r, i)) continue;
    const core::Edge& e = steps[i];
    nb::object record = nb::none();
    if (e.record)
      record = nb::steal(PyCapsule_New(new Ref<core::Record>(e.record), "record", [](PyObject* c) {
        delete static_cast<Ref<core::Record>*>(PyCapsule_GetPointer(c, "record"));
      }));
    const int rank = r.shown ? -1 : r.input_meta(static_cast<int>(i)).shape.rank();
    edges.append(nb::make_tuple(record, e.output, given(wrap(Tensor(e.leaf), Face::torch)), rank));
  }
  return nb::make_tuple(r.shown ? r.shown->name.c_str() : r.op->name, r.output_shape.rank(), attributes,
                        edges, reinterpret_cast<std::uintptr_t>(&r));
}

// The last step of a tensor that has just been made is shown as one of this name, on these operands.
void show_as(nb::handle tensor, const std::string& name, nb::list operands) {
  SmallVector<core::Impl*, 4> in;
  for (nb::handle o : operands)
    if (is_tensor(o.ptr())) in.push_back(tensor_in(o.ptr()).impl());
  core::show_as(*tensor_argument(tensor).impl(), name, {in.data(), in.size()});
}

void set_print_options(nb::kwargs given) {
  PrintOptions& o = print_options();
  auto take = [&](const char* name, auto& setting) {
    if (given.contains(name)) setting = nb::cast<std::remove_reference_t<decltype(setting)>>(given[name]);
  };
  take("precision", o.precision), take("threshold", o.threshold), take("edgeitems", o.edge_items);
  take("linewidth", o.line_width), take("sci_mode", o.sci_mode);
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
  // How it was filled does not count as edits.
  m.def("as_new", [](nb::handle t) {
    const Tensor made = tensor_argument(t);
    if (!made.symbolic()) made.impl()->storage->version = 0;
  });
  m.def("grad", gradients, nb::arg("outputs"), nb::arg("inputs"), nb::arg("grad_outputs").none(),
        nb::arg("retain"), nb::arg("create"), nb::arg("allow_unused"), nb::arg("face"));
  m.def("graph_is_open", [] { return core::open_recorder() != nullptr; });
  m.def("record_facts", record_facts);
  m.def("show_as", show_as);
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
  m.def("set_default_float", [](nb::handle dtype) {
    Dtype d;
    if (!dtype_of(dtype.ptr(), d)) throw nb::python_error();
    core::set_default_float(d);
  });
  m.def("set_package_folder", set_package_folder);
  m.def("set_translator",
        [](int face, nb::handle callable) { set_translator(face_number(face), callable.ptr()); });
  m.def("set_words", [](int face, nb::handle callable) { set_words(face_number(face), callable.ptr()); });
  m.def("set_writer", [](nb::handle callable) { set_writer(callable.ptr()); });
  m.def("dtype_number", [](nb::handle o) { return dtype_number(o.ptr()); });
  m.def("print_values", [](nb::handle t, int indent) { return print_values(concrete_argument(t), indent); });
  m.def("print_legacy",
        [](nb::handle t, const std::string& type) { return print_legacy(concrete_argument(t), type); });
  m.def("set_print_options", set_print_options);
  m.def("is_scalar_or_array", [](nb::handle o) { return is_ndarray(o.ptr()) || is_numpy_scalar(o.ptr()); });
  m.def("manual_seed", [](std::uint64_t seed) { manual_seed(seed); });
}

}  // namespace twofold::python
