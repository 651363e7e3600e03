// Sessions for the TensorFlow face: runs, and runs with fixed fetches and feeds, which are the fast ones.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include "graph/builtin.h"
#include "graph/state.h"
#include "python/bindings.h"
#include "python/convert.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "python/object.h"
#include "twofold/graph.h"

namespace nb = nanobind;

namespace twofold::python {
namespace {

// The variables without a value in this session that these nodes read, by the address of what declares them.
nb::list unset_cells(const Session& session, const Graph& g, nb::list nodes) {
  const graph::GraphState& state = *g.state();
  std::vector<int> pending;
  std::vector<bool> seen(state.nodes().size());
  nb::list found;
  for (nb::handle n : nodes) {
    pending.push_back(nb::cast<int>(n));
    if (pending.back() >= g.size()) throw nb::index_error("no such node");
  }
  while (!pending.empty()) {
    const int id = pending.back();
    pending.pop_back();
    if (id < 0 || seen[static_cast<std::size_t>(id)]) continue;
    seen[static_cast<std::size_t>(id)] = true;
    const graph::Node& n = state.node(id);
    if (n.op == &graph::variable_op && session.tensor(core::handle(n.value)).impl()->unset)
      found.append(reinterpret_cast<std::uintptr_t>(n.value->array.data));
    for (const graph::Read& r : n.inputs) pending.push_back(r.from.node);
    pending.insert(pending.end(), n.controls.begin(), n.controls.end());
  }
  return found;
}

// A fetch is a tensor or an Operation; anything else was resolved in Python.
Fetch fetch_of(nb::handle o) {
  if (is_tensor(o.ptr())) return tensor_in(o.ptr());
  return nb::cast<Operation>(o);
}

struct FixedRun {
  Session::Callable call;
  std::vector<core::Meta> feeds;
};

FixedRun make_callable(Session& session, nb::list fetches, nb::list keys) {
  std::vector<Fetch> wanted;
  Tensors fed;
  for (nb::handle f : fetches) wanted.push_back(fetch_of(f));
  for (nb::handle k : keys) fed.push_back(tensor_argument(k));
  FixedRun made{guarded(Face::tf, [&] { return session.make_callable(wanted, fed); }), {}};
  if (PyErr_Occurred()) throw nb::python_error();
  for (const Tensor& t : fed) made.feeds.push_back({t.dtype(), t.shape()});
  return made;
}

PyObject* run_callable(const FixedRun& c, std::span<const Tensor> values) {
  const Tensors out = guarded(Face::tf, [&] { return c.call(values); });
  if (PyErr_Occurred()) return nullptr;
  PyObject* list = PyList_New(static_cast<Py_ssize_t>(out.size()));
  for (std::size_t i = 0; list && i < out.size(); ++i) {
    PyObject* item = out[i].defined() ? to_fetched(out[i]) : Py_NewRef(Py_None);
    if (!item) return Py_DECREF(list), nullptr;
    PyList_SET_ITEM(list, static_cast<Py_ssize_t>(i), item);
  }
  return list;
}

// Values by position; a list of arrays, None for operations.
nb::object call(const FixedRun& c, nb::handle values) {
  Tensors in;
  if (!operands_of(values.ptr(), in)) throw nb::python_error();
  return stolen(run_callable(c, in));
}

// The same for arrays that need no conversion: of the right dtype and a shape that fits. None, with nothing
// done, where one is something else.
nb::object call_with_arrays(const FixedRun& c, nb::handle values) {
  if (!PyTuple_Check(values.ptr()) ||
      PyTuple_GET_SIZE(values.ptr()) != static_cast<Py_ssize_t>(c.feeds.size()))
    return nb::none();
  SmallVector<Tensor, 4> in;
  for (std::size_t k = 0; k < c.feeds.size(); ++k) {
    PyObject* value = PyTuple_GET_ITEM(values.ptr(), static_cast<Py_ssize_t>(k));
    if (!is_ndarray(value) || dtype_of_array(value) != static_cast<int>(c.feeds[k].dtype)) return nb::none();
    in.push_back(borrow_array(value));
    if (!in.back().defined()) throw nb::python_error();
    if (!c.feeds[k].shape.accepts(in.back().shape())) return nb::none();
  }
  return stolen(run_callable(c, {in.data(), in.size()}));
}

// This session's memory of a variable, as a torch tensor; None while it has no value.
nb::object session_cell(const Session& session, nb::handle variable) {
  const Tensor own = session.tensor(concrete_argument(variable));
  return own.impl()->unset ? nb::none() : stolen(wrap(own, Face::torch));
}

// Sets a variable of this session, without a node: Variable.load.
void load_cell(const Session& session, nb::handle variable, nb::handle value) {
  const Tensor own = session.tensor(concrete_argument(variable)), v = concrete_argument(value);
  guarded(Face::tf, [&] {
    NoGrad off;
    own.detach().copy_(v);
    own.impl()->unset = false;
  });
  if (PyErr_Occurred()) throw nb::python_error();
}

nb::list run_session(Session& session, nb::list fetches, nb::list keys, nb::list values) {
  std::vector<Fetch> wanted;
  std::vector<Feed> feeds;
  if (keys.size() != values.size()) throw nb::value_error("as many values are fed as there are keys");
  for (nb::handle f : fetches) wanted.push_back(fetch_of(f));
  for (std::size_t k = 0; k < keys.size(); ++k)
    feeds.push_back({tensor_argument(keys[k]), tensor_argument(values[k])});
  const Tensors out = guarded(Face::tf, [&] { return session.run(wanted, feeds); });
  if (PyErr_Occurred()) throw nb::python_error();
  nb::list results;
  for (const Tensor& t : out) results.append(t.defined() ? stolen(to_fetched(t)) : nb::none());
  return results;
}

}  // namespace

void bind_session(nb::module_& m) {
  nb::class_<FixedRun>(m, "Callable").def("__call__", call).def("with_arrays", call_with_arrays);
  nb::class_<Session>(m, "Session")
      .def(
          "__init__",
          [](Session* at, const Graph& g, bool soft) { new (at) Session(g, {.soft_placement = soft}); },
          nb::arg("graph"), nb::arg("soft_placement") = false)
      .def("run", run_session)
      .def("callable", make_callable)
      .def("unset_cells", unset_cells)
      .def("cell", session_cell)
      .def("load", load_cell)
      .def("stats", [](const Session& s) {
        const SessionStats stats = s.stats();
        nb::dict d;
        d["runs"] = stats.runs, d["plans"] = stats.plans, d["instructions"] = stats.instructions;
        d["nodes"] = stats.nodes, d["pruned"] = stats.pruned, d["folded"] = stats.folded;
        d["merged"] = stats.merged, d["peak_bytes"] = stats.peak_bytes;
        return d;
      });
}

}  // namespace twofold::python
