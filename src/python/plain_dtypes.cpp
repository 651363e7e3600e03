// Dtypes and shapes: the enumeration, and what is known of its members.
#include <algorithm>

#include "python/convert.h"
#include "python/plain.h"
#include "twofold/dtype.h"

namespace twofold::python {
namespace {

nb::object dims_object(const Dims& dims) {
  nb::list out;
  for (std::int64_t d : dims) out.append(d);
  return nb::tuple(out);
}

nb::object shape_object(const Shape& shape) {
  PyObject* made = to_python(shape);
  if (!made) throw nb::python_error();
  return nb::steal(made);
}

}  // namespace

void add_dtypes(nb::module_& m) {
  nb::enum_<Dtype> dtypes(m, "Dtype", "An element type: what a tensor's elements are.");
  for (int i = 0; i < dtype_count; ++i) {
    const auto d = static_cast<Dtype>(i);
    dtypes.value(d == bool_ ? "bool_" : std::string(name_of(d)).c_str(), d);
  }
  dtypes.export_values();
  dtypes.def_prop_ro(
      "_dtype", [](Dtype d) { return static_cast<int>(d); }, "Its number.");
  nb::enum_<Device>(m, "Device", "Where a tensor's memory is.").value("cpu", Device::cpu);
  m.attr("unknown") = nb::none();
  m.attr("max_rank") = max_rank;
  m.attr("dtype_count") = dtype_count;

  define(m, "def size_of(d: DtypeLike) -> int", "Bytes of an element.",
         [](const Call& c) { return size_of(c["d"].dtype()); });
  define(m, "def is_floating(d: DtypeLike) -> bool", "Is it one of f16, bf16, f32 and f64?",
         [](const Call& c) { return is_floating(c["d"].dtype()); });
  define(m, "def is_half(d: DtypeLike) -> bool", "Is it f16 or bf16?",
         [](const Call& c) { return is_half(c["d"].dtype()); });
  define(m, "def is_integer(d: DtypeLike) -> bool", "Is it one of u8, i8, i16, i32 and i64?",
         [](const Call& c) { return is_integer(c["d"].dtype()); });
  define(m, "def compute_type(d: DtypeLike) -> Dtype",
         "The type that arithmetic on `d` runs in: f32 for the halves, `d` itself otherwise.",
         [](const Call& c) { return compute_type(c["d"].dtype()); });
  define(m, "def promote(a: DtypeLike, b: DtypeLike) -> Dtype",
         "The common dtype of two operands: PyTorch's promotion table.",
         [](const Call& c) { return promote(c["a"].dtype(), c["b"].dtype()); });
  define(m, "def parse_dtype(name: str) -> Dtype | None",
         "'f32', 'bool', ...; None when `name` names no dtype.", [](const Call& c) {
           Dtype d;
           return parse_dtype(c["name"].text(), d) ? nb::cast(d) : nb::none();
         });

  define(m, "def broadcast(a: ShapeLike, b: ShapeLike) -> Shape",
         "NumPy's rule, unknown dimensions included; ShapeError where there is no common shape.",
         [](const Call& c) { return shape_object(broadcast(c["a"].shape(), c["b"].shape())); });
  define(m, "def contiguous_strides(shape: ShapeLike) -> tuple[int, ...]", "Row-major strides, in elements.",
         [](const Call& c) { return dims_object(contiguous_strides(c["shape"].shape())); });
  define(m, "def normal_axis(axis: int, rank: int) -> int",
         "An axis counted from either end, as 0..rank-1; IndexError.", [](const Call& c) {
           const std::int64_t rank = std::clamp<std::int64_t>(c["rank"].integer(), 0, max_rank);
           return normal_axis(c["axis"].integer(), static_cast<int>(rank));
         });
  define(m, "def normal_axes(axes: Sequence[int] | int, rank: int) -> tuple[int, ...]",
         "Several axes, sorted, none twice; an empty list means all of them.", [](const Call& c) {
           const std::int64_t rank = std::clamp<std::int64_t>(c["rank"].integer(), 0, max_rank);
           return dims_object(normal_axes(c["axes"].dims(), static_cast<int>(rank)));
         });
}

}  // namespace twofold::python
