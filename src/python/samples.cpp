// Sample values of a graph's tensors: what prints and debuggers show while the graph is built.
#include "twofold/samples.h"

#include "python/bindings.h"
#include "python/errors.h"

namespace nb = nanobind;

namespace twofold::python {
namespace {

Tensor value_of_variable(const nb::callable& find, const Tensor& declared) {
  try {
    const nb::object cell = nb::steal(wrap(declared, Face::plain));
    if (!cell) throw nb::python_error();
    const nb::object found = find(cell);
    return found.is_none() ? Tensor() : concrete_argument(found);
  } catch (nb::python_error& e) {
    e.restore();
    python_raised();
  }
}

// `keys` and `values` of a feed; `variable(cell)` gives a variable's value or None.
void make_samples(SampleValues* at, const Graph& graph, nb::list keys, nb::list values,
                  nb::callable variable) {
  std::vector<Feed> feeds;
  if (keys.size() != values.size()) throw nb::value_error("as many values as there are keys");
  for (std::size_t i = 0; i < keys.size(); ++i)
    feeds.push_back({tensor_argument(keys[i]), concrete_argument(values[i])});
  auto find = [variable](const Tensor& declared) { return value_of_variable(variable, declared); };
  guarded(Face::tf, [&] { new (at) SampleValues(graph, feeds, find); });
  if (PyErr_Occurred()) throw nb::python_error();
}

// The array of a tensor's value; None where it depends on a placeholder without a sample.
nb::object value_in(const SampleValues& samples, nb::handle tensor) {
  const Tensor value = guarded(Face::tf, [&] { return samples(tensor_argument(tensor)); });
  if (PyErr_Occurred()) throw nb::python_error();
  if (!value.defined()) return nb::none();
  PyObject* wrapped = wrap(value, Face::plain);
  if (!wrapped) throw nb::python_error();
  return nb::steal(wrapped);
}

}  // namespace

void bind_samples(nb::module_& m) {
  nb::class_<SampleValues>(m, "SampleValues")
      .def("__init__", make_samples)
      .def("__call__", value_in)
      .def("compute_new", [](const SampleValues& s) {
        guarded(Face::tf, [&] { s.compute_new(); });
        if (PyErr_Occurred()) throw nb::python_error();
      });
}

}  // namespace twofold::python
