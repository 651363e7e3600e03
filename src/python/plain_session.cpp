// Running graphs: Session, its callables and statistics; sample values while a graph is built.
#include <optional>

#include "core/apply.h"
#include "python/errors.h"
#include "python/numpy.h"
#include "python/plain.h"
#include "python/plain_graph.h"
#include "twofold/samples.h"

namespace twofold::python {
namespace {

// With the graph's Python object, which owns what its hooks call.
struct SessionObject {
  nb::object graph;
  Session session;

  template <class F>
  void each_object(F f) const {
    f(graph.ptr());
  }
  void clear() { graph.reset(); }
};

class SamplesObject {
 public:
  SamplesObject(nb::object graph, const std::vector<Feed>& feeds, PyObject* variable)
      : graph_(std::move(graph)), variable_(variable ? std::make_shared<Callable>(variable) : nullptr) {
    const Graph& g = nb::cast<GraphObject&>(graph_).graph();
    if (!variable_) {
      samples_.emplace(g, feeds);
      return;
    }
    samples_.emplace(g, feeds, [f = std::weak_ptr(variable_)](const Tensor& declared) {
      const auto variable = f.lock();
      return variable ? value_of(*variable, declared) : Tensor();
    });
  }

  const SampleValues& samples() const { return *samples_; }
  template <class F>
  void each_object(F f) const {
    f(graph_.ptr());
    if (variable_) f(variable_->get());
  }
  void clear() {
    std::exchange(variable_, nullptr);
    graph_.reset();
  }

 private:
  static Tensor value_of(const Callable& variable, const Tensor& declared) {
    const core::OwnLines own;
    const nb::object value = nb::steal(variable(nb::make_tuple(to_result(declared)).release().ptr()));
    if (!value.is_valid()) throw nb::python_error();
    if (value.is_none()) return {};
    static const Signature call("def SampleValues(variable: object) -> None");
    return Given(call, "variable", value).tensor_with_values();
  }

  nb::object graph_;
  std::shared_ptr<Callable> variable_;
  std::optional<SampleValues> samples_;
};

// --- what is asked for, and what is fed
Fetch fetch_of(const Given& g, nb::handle o) {
  Operation* operation = nullptr;
  if (nb::try_cast(o, operation) && operation) return *operation;
  if (!is_tensor(o.ptr())) g.refuse(o, "tensors of the graph and operations");
  return tensor_in(o.ptr());
}

bool is_list(nb::handle o) { return PyList_Check(o.ptr()) || PyTuple_Check(o.ptr()); }

std::vector<Fetch> fetches_of(const Given& g) {
  std::vector<Fetch> out;
  if (g.absent()) g.refuse("tensors of the graph and operations");
  if (!is_list(g.object())) return {fetch_of(g, g.object())};
  for (const nb::object& o : g.items("a list")) out.push_back(fetch_of(g, o));
  return out;
}

// One value for one fetch, a list for a list.
nb::object results_of(const Given& fetches, const Tensors& values) {
  return is_list(fetches.object()) ? to_result(values) : to_result(values.at(0));
}

const Tensor& fed_tensor(const Given& g, nb::handle key) {
  if (!is_tensor(key.ptr())) g.refuse(key, "tensors of the graph as keys");
  return tensor_in(key.ptr());
}

// A tensor or an array as it is; numbers and lists in the dtype that is fed.
Tensor fed_value(const Given& g, const Tensor& key, nb::handle value) {
  if (is_tensor(value.ptr())) return tensor_in(value.ptr());
  Tensor t;
  if (is_ndarray(value.ptr()))
    t = borrow_array(value.ptr());
  else if (!value.is_none())
    t = copy_array_like(value.ptr(), static_cast<int>(key.dtype()));
  if (t.defined()) return t;
  if (PyErr_Occurred()) g.refuse_as_raised();
  g.refuse(value, "a value for each key");
}

std::vector<Feed> feeds_of(const Given& g) {
  std::vector<Feed> out;
  if (g.absent()) return out;
  for (const auto& [key, value] : g.pairs("a dict of values by tensor")) {
    const Tensor fed = fed_tensor(g, key);
    out.push_back({fed, fed_value(g, fed, value)});
  }
  return out;
}

// --- callables
struct CallableObject {
  Session::Callable call;
  Tensors feeds;
  bool one;
};

nb::object call_with(const CallableObject& f, const Call& c) {
  const Given given = c["values"];
  const std::vector<nb::object> values = given.items("values");
  if (values.size() != f.feeds.size())
    throw ValueError({.op = "call",
                      .argument = "values",
                      .got = std::to_string(values.size()) + " values",
                      .expected = std::to_string(f.feeds.size())});
  Tensors in;
  for (std::size_t i = 0; i < values.size(); ++i) in.push_back(fed_value(given, f.feeds[i], values[i]));
  const Tensors out = f.call(std::span<const Tensor>(in));
  return f.one ? to_result(out.at(0)) : to_result(out);
}

CallableObject make_callable(SessionObject& s, const Call& c) {
  Tensors feeds;
  if (!c["feeds"].absent())
    for (const nb::object& key : c["feeds"].items("a list of tensors"))
      feeds.push_back(fed_tensor(c["feeds"], key));
  Session::Callable made = s.session.make_callable(fetches_of(c["fetches"]), feeds);
  return {std::move(made), std::move(feeds), !is_list(c["fetches"].object())};
}

nb::object run(SessionObject& s, const Call& c) {
  return results_of(c["fetches"], s.session.run(fetches_of(c["fetches"]), feeds_of(c["feeds"])));
}

void make_session(void* at, nb::handle, const Call& c) {
  const GraphObject& graph = c["graph"].instance<GraphObject>("a Graph");
  const SessionOptions options{.passes = c["passes"].flag(true),
                               .soft_placement = c["soft_placement"].flag(false)};
  new (at) SessionObject{nb::borrow(c["graph"].object()), Session(graph.graph(), options)};
}

void make_samples(void* at, nb::handle, const Call& c) {
  c["graph"].instance<GraphObject>("a Graph");
  PyObject* variable = c["variable"].absent() ? nullptr : c["variable"].callable().ptr();
  new (at) SamplesObject(nb::borrow(c["graph"].object()), feeds_of(c["samples"]), variable);
}

void add_stats(nb::module_& m) {
  nb::class_<SessionStats> stats(m, "SessionStats", "What a session has done so far.");
  stats.def_ro("runs", &SessionStats::runs, "Calls of run().")
      .def_ro("plans", &SessionStats::plans, "Compiled, one per (fetches, feeds, shapes).")
      .def_ro("instructions", &SessionStats::instructions, "Of the latest plan.")
      .def_ro("nodes", &SessionStats::nodes, "Of the graph when it was made.")
      .def_ro("pruned", &SessionStats::pruned, "Nodes that no fetch needed.")
      .def_ro("folded", &SessionStats::folded, "Nodes computed once, being constant.")
      .def_ro("merged", &SessionStats::merged, "Nodes that computed what another did.")
      .def_ro("in_place", &SessionStats::in_place, "Results that took over the memory of an operand.")
      .def_ro("peak_bytes", &SessionStats::peak_bytes, "Of its arena.")
      .def_ro("unplanned_bytes", &SessionStats::unplanned_bytes, "What the same values take without reuse.");
}

void add_session_class(nb::module_& m) {
  nb::class_<SessionObject> session(m, "Session", nb::type_slots(Collected<SessionObject>::slots),
                                    nb::is_weak_referenceable(), "Runs a graph; threads may share one.");
  constructor<SessionObject>(
      session,
      "def __init__(self, graph: Graph, *, passes: bool = True, soft_placement: bool = False) -> None",
      "Without `passes` the graph runs as it was written; with `soft_placement`, nodes for a device that "
      "this machine "
      "lacks run on the CPU.",
      make_session);
  method<SessionObject>(
      session, "def run(self, fetches: Fetches, feeds: Feeds | None = None) -> Any",
      "The value of a fetch, or a list for a list; None for operations. Feeds are checked against "
      "dtype and static shape.",
      run);
  nb::class_<CallableObject> callable(session, "Callable", "A run with its fetches and fed tensors fixed.");
  method<CallableObject>(callable, "def __call__(self, *values: object) -> Any",
                         "Runs with these values, by position.", call_with);
  method<SessionObject>(
      session,
      "def make_callable(self, fetches: Fetches, feeds: Sequence[Tensor] | None = None) -> Session.Callable",
      "The fast door: fetches and fed tensors fixed, values by position.", make_callable);
  method<SessionObject>(
      session, "def tensor(self, variable: Tensor) -> Tensor",
      "The memory behind a variable in this session, no copy.",
      [](SessionObject& s, const Call& c) { return s.session.tensor(c["variable"].tensor_with_values()); });
  method<SessionObject>(session, "def stats(self) -> SessionStats", "What it has done so far.",
                        [](SessionObject& s, const Call&) { return s.session.stats(); });
}

void add_samples_class(nb::module_& m) {
  nb::class_<SamplesObject> samples(
      m, "SampleValues", nb::type_slots(Collected<SamplesObject>::slots),
      "A graph debugged like eager code: values of its nodes while it is built.");
  constructor<SamplesObject>(
      samples,
      "def __init__(self, graph: Graph, samples: Feeds, variable: Callable[[Tensor], Tensor | "
      "None] | None = None) -> None",
      "Sample values for placeholders; variable(v) gives the value of a declared variable.", make_samples);
  method<SamplesObject>(samples, "def __call__(self, tensor: Tensor) -> Tensor | None",
                        "The value of a tensor; None where it depends on a placeholder without a sample.",
                        [](SamplesObject& s, const Call& c) { return s.samples()(c["tensor"].tensor()); });
  method<SamplesObject>(samples, "def compute_new(self) -> None",
                        "Computes the nodes made since: a mistake shows at the line that made it.",
                        [](SamplesObject& s, const Call&) { s.samples().compute_new(); });
}

}  // namespace

void add_sessions(nb::module_& m) {
  add_stats(m);
  add_session_class(m);
  add_samples_class(m);
}

}  // namespace twofold::python
