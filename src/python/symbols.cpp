// A tensor of a graph or of a body: what its node gives beside it, and what the program knows of its sizes.
#include "graph/state.h"
#include "python/bindings.h"
#include "python/convert.h"

namespace nb = nanobind;

namespace twofold::python {
namespace {

using graph::GraphState;

const core::Symbol& symbol_of(const Tensor& t) {
  const auto& symbol = t.impl()->symbol;
  if (!symbol) throw nb::type_error("expected a tensor of a graph");
  return *symbol;
}

nb::object output_beside(nb::handle tensor, int output) {
  const core::Symbol& symbol = symbol_of(tensor_argument(tensor));
  auto& state = static_cast<GraphState&>(*symbol.graph);
  if (output < 0 || output >= static_cast<int>(state.node(symbol.node).outputs.size()))
    throw nb::index_error("no such output");
  PyObject* made = wrap(state.tensor({symbol.node, output}), Face::tf);
  if (!made) throw nb::python_error();
  return nb::steal(made);
}

// Replaces what the graph found out; both must agree.
void refine_shape(nb::handle tensor, nb::handle shape) {
  const Tensor t = tensor_argument(tensor);
  const core::Symbol& symbol = symbol_of(t);
  Shape told;
  if (!shape_of(shape.ptr(), told, Face::tf)) throw nb::python_error();
  auto& meta = static_cast<GraphState&>(*symbol.graph)
                   .node(symbol.node)
                   .outputs[static_cast<std::size_t>(symbol.output)];
  meta.shape = t.impl()->array.shape = told;
}

}  // namespace

void bind_symbols(nb::module_& m) {
  m.def("output_beside", output_beside, nb::arg("tensor"), nb::arg("output"));
  m.def("refine_shape", refine_shape, nb::arg("tensor"), nb::arg("shape").none());
}

}  // namespace twofold::python
