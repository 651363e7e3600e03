// GraphState: the nodes of a graph and how they are recorded.
#pragma once

#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "core/op.h"
#include "core/recorder.h"
#include "twofold/collections.h"
#include "twofold/graph.h"

namespace twofold::graph {

using core::Attrs;
using core::Impl;
using core::Meta;
using core::Op;

// An edge: one output of one node. node < 0: an absent optional operand.
struct Output {
  int node = -1;
  int index = 0;
  bool operator==(const Output&) const = default;
};

// An input edge, and how often the storage behind it had been edited when it was read.
struct Read {
  Output from;
  std::uint32_t root = 0;
  std::uint32_t version = 0;
};

struct Node {
  const Op* op = nullptr;  // of a row, or one of builtin.h
  std::string name;
  std::vector<Read> inputs;
  std::vector<int> controls;
  Attrs attrs;
  core::Metas outputs;
  std::vector<std::uint32_t> roots;     // of the outputs
  std::vector<std::uint32_t> versions;  // edits of those roots when the node was made
  Location where;
  Ref<Impl> value;         // a constant's value; a variable's or assignment's cell
  bool gradient = true;    // false under NoGrad: nothing flows through
  bool automatic = false;  // an in-place statement: runs if anything later in its scope does
  int scope = 0;
  std::string device;  // where the user wants it to run; "" for anywhere
};

// Edits of one storage: an in-place write makes a new value, and readers of the old one must know.
struct Root {
  std::uint32_t version = 0;
  Location last_edit;
};

class GraphState : public core::Recorder, public std::enable_shared_from_this<GraphState> {
 public:
  static std::shared_ptr<GraphState> make();

  Tensors record(const Op& op, std::span<Impl* const> in, const Attrs& attrs, const Location& where) override;
  Tensor capture(Impl& concrete, const Location& where) override;
  void wrote(Impl& root, const Tensor& value, const Location& where) override;
  Tensors assign_before(const Tensors& results, const Tensors& variables, const Tensors& values,
                        const Location& where) override;
  std::shared_ptr<core::Hooks>& hooks(std::int32_t node) override;

  // Appends a node that no operation made: placeholder, constant, variable, assign, group.
  int append(Node node, std::string_view name);
  // cell = value, when it is fetched or a control input of what is.
  virtual int append_assign(Impl& cell, const Tensor& value, const Location& where);
  Tensor read_now(Impl& cell, const Location& where) override;
  // A handle on an edge.
  Tensor tensor(Output from);
  Output output_of(Impl& impl, const char* what) const;

  const std::vector<Node>& nodes() const { return nodes_; }
  Node& node(int i) { return nodes_[static_cast<std::size_t>(i)]; }
  const Node& node(int i) const { return nodes_[static_cast<std::size_t>(i)]; }
  // Forgets what derivatives and calls of the user's may hold: this graph, perhaps.
  void let_go_of_functions();
  const Root& root(std::uint32_t id) const { return roots_[id]; }
  void copy_nodes(const GraphState& from);
  void set_seed(std::uint64_t seed) { seed_ = seed; }
  void finalize() { final_ = true; }
  void rename(int id, std::string_view name) { node(id).name = unique(name); }
  // The name, made unique within the name scope.
  std::string unique(std::string_view name);

  CollectionMap collections;
  // Where the nodes made from now on are to run; "" for anywhere.
  std::string device;
  // While a collector is set, the effects of in-place statements are gathered instead of being automatic.
  std::vector<int>* collector = nullptr;
  void forget_values_written(const std::vector<int>& assignments);
  // The next use of this variable reads it anew.
  void forget_value(const Impl& cell);
  std::string name_scope;
  // The next node that an operation makes has this name instead of its row's; used once.
  std::string next_name;
  std::vector<int> controls;
  int current_scope = 0, next_scope = 1;
  // Where the history of a value begins that in-place writes made: new numbers under NoGrad leave a tensor
  // what it was, and what `x.exp_()` writes is exp's own output.
  Output origin(Output o) const;
  // The gradient of a node's output after its hooks.
  Tensor through_hooks(Output o, Tensor gradient) const;
  // The read nodes of one variable, oldest first.
  const std::vector<int>* reads_of(const Impl& cell) const;

 protected:
  GraphState() = default;
  ~GraphState() override;
  // Bodies of control flow capture outer tensors as inputs.
  virtual bool captures_outer() const { return false; }
  virtual Tensor capture_outer(Impl& impl, const Location& where);

  struct Captured {
    Ref<Impl> original;  // keeps the key alive
    Ref<Impl> root;      // the symbolic tensor that stands for it
    std::uint32_t version = 0;
    bool stale = false;  // the variable was written by an operation that may or may not have run
    std::vector<int> reads;
  };
  std::unordered_map<const Impl*, Captured> captured_;

 private:
  Tensor capture_variable(Impl& cell, const Location& where);
  Tensor capture_constant(Impl& value, const Location& where);
  Read read(Impl* impl, const Location& where);
  int append_read(Impl& cell, const Location& where);
  Attrs with_generators(const Op& op, const Attrs& attrs, const std::string& name) const;
  // What would keep the graph alive that holds it.
  void drop_captures();

  std::vector<Node> nodes_;
  std::vector<Root> roots_;
  std::unordered_map<std::string, int> names_;
  std::unordered_map<std::int32_t, std::shared_ptr<core::Hooks>> hooks_;
  std::uint64_t seed_ = 0;
  bool final_ = false;
};

// The graph open on this thread, or null.
GraphState* open_graph();

}  // namespace twofold::graph
