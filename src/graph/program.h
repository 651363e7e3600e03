// Program: the part of a graph that one set of fetches needs, with the shapes of one set of feeds. Passes
// rewrite it, plan.h freezes it into instructions.
#pragma once

#include <string>
#include <vector>

#include "core/body.h"
#include "graph/state.h"

namespace twofold::graph {

using ValueId = int;

struct Value {
  Meta meta;      // shapes may stay unknown: only the data tell
  int step = -1;  // who makes it
  int output = 0;
};

struct Step {
  const Op* op = nullptr;
  std::vector<ValueId> inputs;  // -1: absent
  std::vector<ValueId> outputs;
  std::vector<int> after;  // steps that must run before, besides the inputs'
  Attrs attrs;
  Location where;
  int node = -1;
  Ref<Impl> value;  // a constant's value; a variable's or assignment's cell
  bool dead = false;

  // Control flow is as random as its bodies.
  bool pure() const {
    for (int i = 0; i < attrs.size(); ++i)
      if (auto* b = std::get_if<std::shared_ptr<core::Body>>(&attrs[i]); b && (*b)->random()) return false;
    return op->effect == core::Effect::pure;
  }
};

struct Program {
  std::vector<Step> steps;  // in order of creation: a topological order, and the order of effects
  std::vector<Value> values;
  std::vector<ValueId> fetches;  // -1 for operations
  std::vector<ValueId> feeds;    // -1 where nothing needs the fed tensor
  std::vector<int> targets;      // steps fetched as operations
  const GraphState* graph = nullptr;
  SessionStats stats;

  const Step* maker(ValueId v) const {
    const int s = values[static_cast<std::size_t>(v)].step;
    return s < 0 ? nullptr : &steps[static_cast<std::size_t>(s)];
  }
  const Meta& meta(ValueId v) const { return values[static_cast<std::size_t>(v)].meta; }
  // Every reader of `from` reads `to` instead.
  void redirect(ValueId from, ValueId to);
};

// What is asked of a graph.
struct Request {
  std::vector<Output> fetches;  // node < 0: an operation, listed in `operations`
  std::vector<int> operations;
  std::vector<Output> feeds;
};

// The needed part of the graph, shapes inferred from the fed ones.
Program import(const GraphState& graph, const Request& request, std::span<const Shape> fed);

struct Pass {
  const char* name;
  void (*run)(Program&);
};
// In order of application. Each keeps every bit of what is fetched.
std::span<const Pass> passes();
// A hook for mutation tests: called after the pass of this name has run, to spoil its work.
struct Sabotage {
  std::string pass;
  void (*spoil)(Program&) = nullptr;
};
void set_sabotage(const Sabotage& sabotage);

// Throws InternalError unless steps are in order and values have makers and agreeing shapes.
void verify(const Program& program);
// All of it: import, devices, passes (or none), verification between them.
Program prepare(const GraphState& graph, const Request& request, std::span<const Shape> fed,
                const SessionOptions& options);

}  // namespace twofold::graph
