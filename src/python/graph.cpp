// Graphs for the TensorFlow face: nodes under TensorFlow's names.
#include "graph/state.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "core/apply.h"
#include "core/custom.h"
#include "graph/builtin.h"
#include "python/bindings.h"
#include "python/callable.h"
#include "python/convert.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "python/object.h"
#include "twofold/control.h"
#include "twofold/graph.h"

namespace nb = nanobind;

namespace twofold::python {
namespace {

using graph::GraphState;
using graph::Node;

// A Python error that is already set.
[[noreturn]] void python_error() { throw nb::python_error(); }

nb::object wrapped(Tensor t, Face face = Face::tf) { return stolen(wrap(std::move(t), face)); }

// While a branch or a loop's body is traced, what a program adds to its graph belongs to the body.
thread_local GraphState* traced = nullptr;

GraphState& state_of(const Graph& g) { return *g.state(); }
GraphState& target(const Graph& g) {
  GraphState* open = graph::open_graph();
  return open && traced == g.state().get() ? *open : state_of(g);
}

// `body` with the graph open on this thread and engine errors as Python errors.
template <class F>
auto in_graph(const Graph& g, F&& body) {
  try {
    if (&target(g) != g.state().get()) return body();
    const Graph::Scope scope(g);
    return body();
  } catch (const Error& e) {
    raise(e, Face::tf);
    python_error();
  }
}

// --- making nodes
// ------------------------------------------------------------------------------------------------

core::Attrs attributes(const core::Op& op, nb::dict given) {
  std::vector<core::Attr> attrs;
  std::size_t used = 0;
  for (int i = 0; i < op.sig.attrs(); ++i) {
    const core::Param& p = op.sig.attr(i);
    attrs.push_back(default_of(p));
    const std::string name(p.name);
    if (!given.contains(name.c_str())) {
      if (p.has_default || p.kind == core::Kind::generator) continue;
      PyErr_Format(PyExc_TypeError, "%s: '%s' is missing", op.name, name.c_str());
      python_error();
    }
    ++used;
    const nb::object value = given[name.c_str()];
    if (!attribute_of(value.ptr(), p.kind, attrs.back())) python_error();
  }
  if (used != given.size())
    throw nb::type_error((std::string(op.name) + ": got an attribute that it does not have").c_str());
  return core::Attrs(std::move(attrs));
}

// TensorFlow converts nothing: an operand that PyTorch's contract would convert first is refused.
void check_operands(const core::Op& op, const Tensors& in) {
  for (std::size_t i = 0; i < in.size(); ++i)
    if (in[i].defined()) core::check_class(op, static_cast<int>(i), in[i].dtype(), in[i].shape());
}

// As many operands as the row has; optional ones that were left out are absent.
void complete(const core::Op& op, Tensors& in) {
  const core::Sig& sig = op.sig;
  int required = sig.tensors();
  while (required > 0 && (sig[required - 1].optional || sig[required - 1].variadic)) --required;
  const int given = static_cast<int>(in.size());
  if (given < required || (given > sig.tensors() && !sig.variadic())) {
    PyErr_Format(PyExc_TypeError, "%s: %d operands, but %d were given", op.name, sig.tensors(), given);
    python_error();
  }
  if (!sig.variadic()) in.resize(static_cast<std::size_t>(sig.tensors()));
}

// One row as nodes under an exact name: a composition's inner nodes lie in a scope of that name, and the node
// of its result takes the name itself.
nb::object record(const Graph& g, const char* row, nb::list inputs, nb::dict attrs, const std::string& name) {
  Tensors in;
  if (!operands_of(inputs.ptr(), in)) python_error();
  return in_graph(g, [&] {
    const core::Op& op = core::find_op(row);
    complete(op, in);
    const core::Attrs made = attributes(op, attrs);
    GraphState& s = target(g);
    const core::LocationScope line(user_line());
    const core::Handles handles(in);
    check_operands(op, in);
    const std::string before = std::exchange(s.name_scope, op.compose ? name + "/" : "");
    if (!op.compose) s.next_name = name;
    Tensors out;
    try {
      out = core::apply(op, handles.span(), made, user_line());
    } catch (...) {
      s.name_scope = before, s.next_name.clear();
      throw;
    }
    s.name_scope = before;
    s.next_name.clear();
    nb::list results;
    for (Tensor& t : out) {
      if (op.compose) t = named(t, "");
      if (op.compose) s.node(t.impl()->symbol->node).name = name;
      results.append(wrapped(t));
    }
    return nb::object(results);
  });
}

nb::object constant(const Graph& g, nb::handle value, const std::string& name) {
  const Tensor v = concrete_argument(value);
  return in_graph(g, [&] {
    Node n;
    n.op = &graph::constant_op;
    n.where = user_line();
    n.outputs = {core::Meta{v.dtype(), v.shape()}};
    n.value = Ref<core::Impl>(same_memory(v).impl());
    GraphState& s = target(g);
    const int id = s.append(std::move(n), "constant");
    s.node(id).name = name;
    return wrapped(s.tensor({id, 0}));
  });
}

nb::object make_placeholder(const Graph& g, nb::handle dtype, nb::handle shape, const std::string& name) {
  Dtype d;
  Shape s;
  if (!dtype_of(dtype.ptr(), d) || !shape_of(shape.ptr(), s, Face::tf)) python_error();
  return in_graph(g, [&] {
    Tensor t = placeholder(d, s, "placeholder");
    state_of(g).node(t.impl()->symbol->node).name = name;
    state_of(g).node(t.impl()->symbol->node).where = user_line();
    return wrapped(std::move(t));
  });
}

// A variable of which each session keeps its own memory, without a value until its initialiser has run.
nb::object declare_cell(nb::handle dtype, nb::handle shape, bool trainable) {
  Dtype d;
  Shape s;
  if (!dtype_of(dtype.ptr(), d) || !shape_of(shape.ptr(), s, Face::tf)) python_error();
  try {
    Tensor cell = declare(d, s);
    if (trainable && is_floating(d)) cell.set_requires_grad();
    return wrapped(cell, Face::plain);
  } catch (const Error& e) {
    raise(e, Face::tf);
    python_error();
  }
}

nb::object read_cell(const Graph& g, nb::handle cell, const std::string& name) {
  const Tensor c = concrete_argument(cell);
  return in_graph(g, [&] {
    GraphState& s = target(g);
    const auto before = static_cast<int>(s.nodes().size());
    const Tensor read = s.read_now(*c.impl(), user_line());
    const int id = read.impl()->symbol->node;
    if (id >= before && !name.empty()) s.node(id).name = name;
    return wrapped(read);
  });
}

// All reads of a variable so far: what feeding it replaces.
nb::list reads_of_cell(const Graph& g, nb::handle cell) {
  nb::list out;
  if (const std::vector<int>* reads = state_of(g).reads_of(*concrete_argument(cell).impl()))
    for (int id : *reads) out.append(wrapped(state_of(g).tensor({id, 0})));
  return out;
}

// The assignment alone, run only when it is fetched or a control input: TensorFlow's Assign.
Operation assign_cell(const Graph& g, nb::handle cell, nb::handle value, const std::string& name) {
  const Tensor c = concrete_argument(cell), v = tensor_argument(value);
  return in_graph(g, [&] {
    GraphState& s = target(g);
    const int id = s.append_assign(*c.impl(), v, user_line());
    s.node(id).name = name;
    s.forget_value(*c.impl());
    return Operation(s.shared_from_this(), id);
  });
}

Operation make_group(const Graph& g, nb::list operations, const std::string& name) {
  std::vector<Operation> list;
  for (nb::handle o : operations) list.push_back(nb::cast<Operation>(o));
  return in_graph(g, [&] {
    const Operation made = group(list, "group", std::source_location::current());
    made.graph()->node(made.node()).name = name;
    made.graph()->node(made.node()).where = user_line();
    return made;
  });
}

nb::list make_gradients(const Graph& g, nb::list ys, nb::list xs, nb::object grad_ys,
                        const std::string& scope) {
  Tensors y, x, given;
  if (!operands_of(ys.ptr(), y) || !operands_of(xs.ptr(), x)) python_error();
  if (!grad_ys.is_none() && !operands_of(grad_ys.ptr(), given)) python_error();
  return in_graph(g, [&] {
    GraphState& s = state_of(g);
    const std::string before = std::exchange(s.name_scope, scope);
    Tensors out;
    try {
      const core::LocationScope line(user_line());
      out = gradients(y, x, given);
    } catch (...) {
      s.name_scope = before;
      throw;
    }
    s.name_scope = before;
    nb::list results;
    for (const Tensor& t : out) results.append(wrapped(t));
    return results;
  });
}

// Operations made while `body` runs are preceded by these.
nb::object with_controls(const Graph& g, nb::list operations, nb::callable body) {
  GraphState& s = target(g);
  std::vector<int> given;
  for (nb::handle o : operations) {
    const auto operation = nb::cast<Operation>(o);
    if (operation.graph() != g.state() && operation.graph().get() != &s)
      throw nb::value_error("control inputs are operations of the same graph");
    // What a body's operation waits for outside, its control flow waits for.
    if (operation.graph().get() == &s) given.push_back(operation.node());
  }
  const std::size_t before = s.controls.size();
  s.controls.insert(s.controls.end(), given.begin(), given.end());
  auto undo = [&] {
    s.controls.resize(std::min(before, s.controls.size()));
  };  // other threads may have undone theirs
  try {
    nb::object result = body();
    undo();
    return result;
  } catch (...) {
    undo();
    throw;
  }
}

// A Python function that a graph calls when it runs, with arrays that are its own.
class HostFunction final : public core::Host {
 public:
  HostFunction(nb::callable f, std::vector<Dtype> outputs) : f_(f.ptr()), outputs_(std::move(outputs)) {}

  Tensors call(const Tensors& inputs) override {
    const nb::object result = call_python(inputs);
    Tensors out;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const nb::object value = nb::steal(PySequence_GetItem(result.ptr(), static_cast<Py_ssize_t>(i)));
      out.push_back(value.is_valid() ? copy_array_like(value.ptr(), static_cast<int>(outputs_[i]))
                                     : Tensor());
      if (!out.back().defined()) python_raised();
    }
    return out;
  }

 private:
  nb::object call_python(const Tensors& inputs) const {
    PyObject* arrays = PyTuple_New(static_cast<Py_ssize_t>(inputs.size()));
    for (std::size_t i = 0; arrays && i < inputs.size(); ++i) {
      PyObject* array = to_fetched(inputs[i]);
      if (!array) Py_CLEAR(arrays);
      if (array) PyTuple_SET_ITEM(arrays, static_cast<Py_ssize_t>(i), array);
    }
    PyObject* result = f_(arrays);
    if (!result) python_raised();
    return nb::steal(result);
  }

  Callable f_;
  std::vector<Dtype> outputs_;
};

nb::list make_host(const Graph& g, nb::callable f, nb::list inputs, nb::list dtypes,
                   const std::string& name) {
  Tensors in;
  const nb::tuple kinds(dtypes);  // its items may change the list when they are asked for what they name
  std::vector<Dtype> outputs(kinds.size());
  if (!operands_of(inputs.ptr(), in)) python_error();
  if (outputs.size() > static_cast<std::size_t>(max_rank)) throw nb::value_error("at most 8 results");
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (!dtype_of(nb::object(kinds[i]).ptr(), outputs[i])) python_error();
  return in_graph(g, [&] {
    GraphState& s = target(g);
    const core::Handles handles(in);
    const auto function = std::make_shared<HostFunction>(f, outputs);
    nb::list out;
    for (const Tensor& t : core::record_host(s, handles.span(), function, outputs, user_line())) {
      s.node(t.impl()->symbol->node).name = name;
      out.append(wrapped(t));
    }
    return out;
  });
}

// --- control flow
// ------------------------------------------------------------------------------------------------

class Tracing {
 public:
  explicit Tracing(const Graph& g) : before_(std::exchange(traced, g.state().get())) {}
  ~Tracing() { traced = before_; }
  Tracing(const Tracing&) = delete;
  Tracing& operator=(const Tracing&) = delete;

 private:
  GraphState* before_;
};

// Calls back with the tensors of a body; the callable returns a list of tensors.
Tensors call_back(const nb::callable& f, const Tensors& variables) {
  const nb::object results = f(stolen(wrap_all(variables, Face::tf)));
  Tensors out;
  if (!operands_of(results.ptr(), out)) python_error();
  return out;
}

nb::list wrapped_all(const Tensors& tensors) {
  nb::list out;
  for (const Tensor& t : tensors) out.append(wrapped(t));
  return out;
}

nb::list make_cond(const Graph& g, nb::handle condition, nb::callable then, nb::callable otherwise) {
  const Tensor test = tensor_argument(condition);
  return in_graph(g, [&] {
    const core::LocationScope line(user_line());
    const Tracing tracing(g);
    return wrapped_all(cond(
        test, [&] { return call_back(then, {}); }, [&] { return call_back(otherwise, {}); }));
  });
}

nb::list make_while(const Graph& g, nb::callable condition, nb::callable body, nb::list variables,
                    std::int64_t maximum) {
  Tensors start;
  if (!operands_of(variables.ptr(), start)) python_error();
  return in_graph(g, [&] {
    const core::LocationScope line(user_line());
    const Tracing tracing(g);
    return wrapped_all(while_loop([&](const Tensors& v) { return call_back(condition, v).at(0); },
                                  [&](const Tensors& v) { return call_back(body, v); }, start, maximum));
  });
}

// Runs `body` with the graph of a symbolic tensor open and its nodes named under `scope`.
nb::object in_graph_of(nb::handle tensor, const std::string& scope, nb::callable body) {
  const auto& symbol = tensor_argument(tensor).impl()->symbol;
  if (!symbol) throw nb::type_error("expected a tensor of a graph");
  auto& s = static_cast<GraphState&>(*symbol->graph);
  const core::RecorderScope open(&s);
  const std::string before = s.name_scope;
  if (!scope.empty()) s.name_scope = s.unique(scope) + "/";
  try {
    nb::object result = body();
    s.name_scope = before;
    return result;
  } catch (...) {
    s.name_scope = before;
    throw;
  }
}

// --- looking at nodes
// -------------------------------------------------------------------------------------------

const Node& checked_node(const Graph& g, int id) {
  if (id < 0 || id >= g.size()) throw nb::index_error("no such node");
  return state_of(g).node(id);
}

nb::object output_tensor(const Graph& g, int node, int output) {
  if (output < 0 || output >= static_cast<int>(checked_node(g, node).outputs.size()))
    throw nb::index_error("no such output");
  return wrapped(state_of(g).tensor({node, output}));
}

nb::dict node_facts(const Graph& g, int id) {
  const Node& n = checked_node(g, id);
  nb::dict d;
  nb::list inputs, controls, outputs;
  for (const graph::Read& r : n.inputs) inputs.append(nb::make_tuple(r.from.node, r.from.index));
  for (int c : n.controls) controls.append(c);
  for (std::size_t k = 0; k < n.outputs.size(); ++k)
    outputs.append(wrapped(state_of(g).tensor({id, static_cast<int>(k)})));
  d["name"] = n.name;
  d["row"] = n.op->name;
  d["inputs"] = inputs;
  d["controls"] = controls;
  d["outputs"] = outputs;
  d["file"] = n.where.file ? nb::object(nb::str(n.where.file)) : nb::none();
  d["line"] = n.where.line;
  return d;
}

// The operation, of the graph or of a body in it, that made a tensor.
Operation maker(const Graph&, nb::handle tensor) {
  const auto& symbol = tensor_argument(tensor).impl()->symbol;
  if (!symbol) throw nb::type_error("expected a tensor of a graph");
  return Operation(static_cast<GraphState&>(*symbol->graph).shared_from_this(), symbol->node);
}

int node_of(const Graph&, nb::handle tensor) {
  const auto& symbol = tensor_argument(tensor).impl()->symbol;
  if (!symbol) throw nb::type_error("expected a tensor of a graph");
  return symbol->node;
}

}  // namespace

void bind_graph(nb::module_& m) {
  nb::class_<Operation>(m, "Operation")
      .def_prop_ro("name", &Operation::name)
      .def_prop_ro("node", &Operation::node)
      .def_prop_ro("defined", &Operation::defined);
  nb::class_<Graph>(m, "Graph")
      .def(nb::init<>())
      .def_prop_ro("size", &Graph::size)
      .def_prop_ro("address",
                   [](const Graph& g) {
                     return reinterpret_cast<std::uintptr_t>(static_cast<core::Recorder*>(g.state().get()));
                   })
      .def_prop_rw(
          "device", [](const Graph& g) { return g.state()->device; },
          [](const Graph& g, const std::string& name) { g.state()->device = name; })
      .def("finalize", &Graph::finalize)
      .def("text", &Graph::to_string)
      .def("record", record)
      .def("constant", constant)
      .def("placeholder", make_placeholder, nb::arg("dtype"), nb::arg("shape").none(), nb::arg("name"))
      .def("read", read_cell)
      .def("reads", reads_of_cell)
      .def("assign", assign_cell)
      .def("group", make_group)
      .def("gradients", make_gradients, nb::arg("ys"), nb::arg("xs"), nb::arg("grad_ys").none(),
           nb::arg("scope"))
      .def("host", make_host)
      .def("cond", make_cond)
      .def("while_loop", make_while)
      .def("with_controls", with_controls)
      .def("node", node_facts)
      .def("maker", maker)
      .def("tensor", output_tensor)
      .def("node_of", node_of);
  m.def("in_graph_of", in_graph_of);
  m.def("declare", declare_cell);
}

}  // namespace twofold::python
