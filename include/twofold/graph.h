// Define-and-run: Graph, placeholder, effects, Session.
//
//   Graph g;
//   auto [x, y] = g.build([] {
//     auto x = placeholder(f32, {unknown, 64}, "x");
//     return std::pair(x, softmax(x));
//   });
//   Session s(g);
//   Tensor p = s.run({y}, {{x, batch}})[0];
//
// Inside build() every operation becomes a node; parameters and buffers are captured by reference, other
// concrete tensors become constants. A Session runs what the fetches need, in order of creation.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "twofold/generator.h"
#include "twofold/tensor.h"

namespace twofold {

namespace graph {
class GraphState;
struct SessionState;
struct CallableState;
}  // namespace graph

// An effect in a graph: run it by fetching it. Eager code gets an empty one, its effect being done.
class Operation {
 public:
  Operation() = default;
  Operation(std::shared_ptr<graph::GraphState> graph, int node) : graph_(std::move(graph)), node_(node) {}
  bool defined() const { return graph_ != nullptr; }
  std::string name() const;
  int node() const { return node_; }
  const std::shared_ptr<graph::GraphState>& graph() const { return graph_; }

 private:
  std::shared_ptr<graph::GraphState> graph_;
  int node_ = -1;
};

class Graph {
 public:
  Graph();
  explicit Graph(std::shared_ptr<graph::GraphState> state) : state_(std::move(state)) {}

  // Opens the graph on this thread while it lives.
  class Scope {
   public:
    explicit Scope(const Graph& graph);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    std::unique_ptr<struct ScopeState> state_;
  };
  template <class F>
  auto build(F&& body) {
    Scope scope(*this);
    return body();
  }

  // Seed of random nodes without a generator of their own; each is keyed by it and by its name.
  void set_seed(std::uint64_t seed);
  int size() const;  // nodes
  // No more nodes: a later operation is refused with a GraphError.
  void finalize();
  // One line per node: name, operation, inputs, dtype, shape, source line.
  std::string to_string() const;
  const std::shared_ptr<graph::GraphState>& state() const { return state_; }

 private:
  std::shared_ptr<graph::GraphState> state_;
};

// A value fed when the graph runs. `unknown` dimensions accept any size; Shape::unknown_rank() anything.
Tensor placeholder(Dtype dtype, const Shape& shape = Shape::unknown_rank(), std::string_view name = "",
                   std::source_location at = std::source_location::current());
// The same tensor under a name of the user's choice (an identity node); eager: the tensor itself.
Tensor named(const Arg& x, std::string_view name);
// The node's name ("layer1/add_1"); "" for a concrete tensor.
std::string name_of(const Tensor& tensor);

// variable = value. Eager: at once. In a graph: when the operation is fetched or a control input of what is.
Operation assign(const Tensor& variable, const Arg& value);
// In-place statements that `effects` makes become one operation that runs only when fetched.
Operation collect(const std::function<void()>& effects, std::string_view name = "group",
                  std::source_location at = std::source_location::current());
Operation group(const std::vector<Operation>& operations, std::string_view name = "group",
                std::source_location at = std::source_location::current());

// A variable of graphs alone: each Session keeps its own memory for it, without a value until an assignment
// has run there. Outside a session it reads as zeros and is written by nobody.
Tensor declare(Dtype dtype, const Shape& shape);

// Names of nodes made while it lives are prefixed with "name/".
class NameScope {
 public:
  explicit NameScope(std::string_view name);
  ~NameScope();
  NameScope(const NameScope&) = delete;
  NameScope& operator=(const NameScope&) = delete;

 private:
  std::shared_ptr<graph::GraphState> graph_;
  std::string before_;
};

// Nodes made while it lives run after these.
class ControlDependencies {
 public:
  explicit ControlDependencies(const std::vector<Operation>& operations);
  ~ControlDependencies();
  ControlDependencies(const ControlDependencies&) = delete;
  ControlDependencies& operator=(const ControlDependencies&) = delete;

 private:
  std::shared_ptr<graph::GraphState> graph_;
  std::size_t before_ = 0;
};

// What run() may be asked for.
class Fetch {
 public:
  Fetch(Tensor tensor) : tensor_(std::move(tensor)) {}              // NOLINT
  Fetch(Operation operation) : operation_(std::move(operation)) {}  // NOLINT
  const Tensor& tensor() const { return tensor_; }
  const Operation& operation() const { return operation_; }

 private:
  Tensor tensor_;
  Operation operation_;
};
// Any symbolic tensor may be fed, not only placeholders.
struct Feed {
  Tensor tensor;
  Tensor value;
};

struct SessionOptions {
  // Passes keep every bit; without them the graph runs as it was written (tests compare both).
  bool passes = true;
};

struct SessionStats {
  std::int64_t runs = 0;
  std::int64_t plans = 0;         // compiled, one per (fetches, feeds, shapes)
  std::int64_t instructions = 0;  // of the latest plan
  std::int64_t nodes = 0;         // of the graph when it was made
  std::int64_t pruned = 0, folded = 0, merged = 0, in_place = 0;  // what its passes did
  std::int64_t peak_bytes = 0;                                    // of its arena
  std::int64_t unplanned_bytes = 0;                               // what the same values take without reuse
};

// Threads may run one session at the same time, and a host function the session that called it. Runs that
// assign to one variable at the same time give it either's value, element by element.
class Session {
 public:
  explicit Session(const Graph& graph, const SessionOptions& options = {});

  // One tensor per fetch, undefined for operations. Feeds are checked against dtype and static shape.
  Tensors run(const std::vector<Fetch>& fetches, const std::vector<Feed>& feeds = {},
              std::source_location at = std::source_location::current());

  // The fast door: fetches and fed tensors fixed, values by position.
  class Callable {
   public:
    Tensors operator()(std::span<const Tensor> values,
                       std::source_location at = std::source_location::current()) const;
    Tensors operator()(std::initializer_list<Tensor> values,
                       std::source_location at = std::source_location::current()) const {
      return (*this)(std::span(values.begin(), values.size()), at);
    }

   private:
    friend class Session;
    std::shared_ptr<graph::CallableState> state_;
  };
  Callable make_callable(const std::vector<Fetch>& fetches, const std::vector<Tensor>& feeds = {},
                         std::source_location at = std::source_location::current());
  // The memory behind a variable in this session, no copy: what other code may train or inspect.
  Tensor tensor(const Tensor& variable, std::source_location at = std::source_location::current()) const;
  SessionStats stats() const;
  const std::shared_ptr<graph::SessionState>& state() const { return state_; }

 private:
  std::shared_ptr<graph::SessionState> state_;
};

// d(sum of ys)/d(xs) as nodes (tf.gradients); undefined where ys do not depend on an x.
Tensors gradients(const Tensors& ys, const Tensors& xs, const Tensors& grad_ys = {},
                  std::source_location at = std::source_location::current());

}  // namespace twofold
