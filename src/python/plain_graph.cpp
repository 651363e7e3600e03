// Graphs: building them, effects, collections, derivatives.
#include "python/plain_graph.h"

#include <unordered_map>

#include "core/apply.h"
#include "graph/state.h"
#include "python/plain.h"
#include "twofold/collections.h"

namespace twofold::python {
namespace {

// The Python objects of graphs; the interpreter's lock guards them.
std::unordered_map<const core::Recorder*, GraphObject*>& objects() {
  static auto* all = new std::unordered_map<const core::Recorder*, GraphObject*>;
  return *all;
}
thread_local const core::Recorder* tracing_for = nullptr;

std::vector<Entered>& entered() {
  static thread_local std::vector<Entered> list;
  return list;
}

}  // namespace

GraphObject::GraphObject() { objects()[graph_.state().get()] = this; }
GraphObject::~GraphObject() { objects().erase(graph_.state().get()); }

void GraphObject::enter() { entered().push_back({this, std::make_shared<Graph::Scope>(graph_)}); }
void GraphObject::exit() { leave(entered(), this, "Graph"); }

Held GraphObject::keep(PyObject* function) {
  std::vector<Kept> gone;  // what a function's end runs may come back here
  std::erase_if(functions_,
                [&](Kept& k) { return k.token.expired() && (gone.push_back(std::move(k)), true); });
  const auto kept = std::make_shared<Callable>(function);
  const auto token = std::make_shared<char>();
  functions_.push_back({kept, token});
  return {kept, token};
}

Held held(PyObject* f, const core::Recorder* graph) {
  auto owner = objects().find(graph);
  if (graph && owner == objects().end()) owner = objects().find(tracing_for);
  return owner != objects().end() ? owner->second->keep(f) : Held(std::make_shared<Callable>(f));
}

TracingFor::TracingFor(const Tensors& operands) : before_(tracing_for) {
  const core::Recorder* graph = core::open_recorder();
  for (const Tensor& t : operands)
    if (!graph && t.symbolic()) graph = t.impl()->symbol->graph.get();
  if (objects().contains(graph)) tracing_for = graph;
}
TracingFor::~TracingFor() { tracing_for = before_; }

namespace {

void add_graph_class(nb::module_& m) {
  nb::class_<GraphObject> graph(m, "Graph", nb::type_slots(Collected<GraphObject>::slots),
                                nb::is_weak_referenceable(),
                                "Nodes to run in a Session. `with graph:` opens it on this thread.");
  constructor<GraphObject>(graph, "def __init__(self) -> None", "A graph without nodes.",
                           [](void* at, nb::handle, const Call&) { new (at) GraphObject; });
  add_method(graph, "def __enter__(self) -> Graph", "Opens the graph on this thread.",
             [](nb::handle self, const Call& c) {
               self_as<GraphObject>(self, c.signature()).enter();
               return nb::borrow(self);
             });
  method<GraphObject>(graph, "def __exit__(self, *exception: object) -> None", "Closes the graph.",
                      [](GraphObject& g, const Call&) { g.exit(); });
  define(graph, "def Scope(graph: Graph) -> Graph", "`with Graph.Scope(graph):` is `with graph:`.",
         [](const Call& c) {
           c["graph"].instance<GraphObject>("a Graph");
           return nb::borrow(c["graph"].object());
         });
  method<GraphObject>(graph, "def build(self, body: Callable[[], T]) -> T", "body(), with the graph open.",
                      [](GraphObject& g, const Call& c) {
                        const Graph::Scope scope(g.graph());
                        return call_user(c["body"].callable());
                      });
  method<GraphObject>(
      graph, "def set_seed(self, seed: int) -> None",
      "Seeds random nodes without a generator of their own; each is keyed by it and by its name.",
      [](GraphObject& g, const Call& c) { Graph(g.graph()).set_seed(c["seed"].seed()); });
  method<GraphObject>(graph, "def finalize(self) -> None", "No more nodes: a later operation is refused.",
                      [](GraphObject& g, const Call&) { Graph(g.graph()).finalize(); });
  method<GraphObject>(graph, "def to_string(self) -> str",
                      "One line per node: name, operation, inputs, dtype, shape, source line.",
                      [](GraphObject& g, const Call&) { return g.graph().to_string(); });
  attribute<GraphObject>(graph, "def size(self) -> int", "The number of nodes.",
                         [](GraphObject& g) { return g.graph().size(); });
}

void add_nodes(nb::module_& m) {
  define(
      m,
      "def placeholder(dtype: DtypeLike, shape: Sequence[int | None] | None = None, name: str = '') -> "
      "Tensor",
      "A value fed when the graph runs. Dimensions that are None accept any size; no shape, anything.",
      [](const Call& c) { return placeholder(c["dtype"].dtype(), c["shape"].shape(), c["name"].text("")); });
  define(m, "def named(x: Operand, name: str) -> Tensor",
         "The same tensor under a name of the user's choice; eager: the tensor itself.",
         [](const Call& c) { return named(c["x"].tensor(), c["name"].text()); });
  define(m, "def name_of(tensor: Tensor | Dtype) -> str",
         "The node's name ('layer1/add_1'), '' for a concrete tensor; or a dtype's name.", [](const Call& c) {
           Dtype d = f32;
           if (nb::try_cast(c["tensor"].object(), d)) return std::string(name_of(d));
           return name_of(c["tensor"].tensor());
         });
  define(m, "def device_of(tensor: Tensor) -> str", "Where its node belongs: what its DeviceScope said.",
         [](const Call& c) { return device_of(c["tensor"].tensor()); });
  define(m, "def declare(dtype: DtypeLike, shape: Sequence[int]) -> Tensor",
         "A variable of graphs alone: each Session keeps its own memory for it, without a value until an "
         "assignment "
         "has run there.",
         [](const Call& c) { return declare(c["dtype"].dtype(), c["shape"].shape()); });
  define(m, "def gradients(ys: Tensors, xs: Tensors, grad_ys: Tensors | None = None) -> list[Tensor | None]",
         "d(sum of ys)/d(xs) as nodes; None where ys do not depend on an x.", [](const Call& c) {
           const Tensors given = c["grad_ys"].absent() ? Tensors() : c["grad_ys"].tensors();
           return gradients(c["ys"].tensors(), c["xs"].tensors(), given);
         });
}

void add_effects(nb::module_& m) {
  define(m, "def assign(variable: Tensor, value: Operand) -> Operation",
         "variable = value. Eager: at once. In a graph: when the operation is fetched or a control input of "
         "what is.",
         [](const Call& c) { return assign(c["variable"].tensor(), c["value"].tensor()); });
  define(m, "def collect(effects: Callable[[], object], name: str = 'group') -> Operation",
         "In-place statements that `effects` makes become one operation that runs only when fetched.",
         [](const Call& c) {
           const nb::callable effects = c["effects"].callable();
           return collect([&] { call_user(effects); }, c["name"].text("group"));
         });
  define(m, "def group(operations: Sequence[Operation], name: str = 'group') -> Operation",
         "An operation that runs all of them.",
         [](const Call& c) { return group(c["operations"].operations(), c["name"].text("group")); });
}

void add_collections(nb::module_& m) {
  define(m, "def add_to_collection(name: str, tensor: Tensor) -> None",
         "Of the open graph, or of the innermost CollectionScope.",
         [](const Call& c) { add_to_collection(c["name"].text(), c["tensor"].tensor()); });
  define(m, "def collection(name: str) -> list[Tensor]",
         "What has joined; nothing under a name that nobody used.",
         [](const Call& c) { return collection(c["name"].text()); });
  define(m, "def collection_names() -> list[str]", "The names in use, in alphabetical order.",
         [](const Call&) {
           nb::list out;
           for (const std::string& name : collection_names()) out.append(name);
           return nb::object(out);
         });
}

}  // namespace

void add_graphs(nb::module_& m) {
  add_graph_class(m);
  m.attr("Operation") = nb::type<Operation>();
  add_nodes(m);
  add_effects(m);
  add_collections(m);
}

}  // namespace twofold::python
