#include <map>

#include "base/small_vector.h"
#include "core/alias.h"
#include "core/apply.h"
#include "graph/runner.h"

namespace twofold::graph {

struct CallableState {
  std::shared_ptr<GraphState> graph;
  std::shared_ptr<Runner> runner;
};

struct SessionState {
  std::shared_ptr<GraphState> graph;
  SessionOptions options;
  std::shared_ptr<Private> own = std::make_shared<Private>();
  std::mutex mutex;
  std::map<std::vector<int>, std::shared_ptr<Runner>> runners;
  std::shared_ptr<Runner> latest;
};

namespace {

[[noreturn]] void refuse_fetch(const char* got) {
  throw GraphError({.op = "run",
                    .argument = "fetches",
                    .got = got,
                    .expected = "tensors and operations of the session's graph"});
}

Output fetched_output(GraphState& graph, const Tensor& t) {
  if (!t.defined()) refuse_fetch("an undefined tensor");
  if (!t.symbolic()) refuse_fetch("a concrete tensor");
  if (t.impl()->symbol->graph.get() != &graph) refuse_fetch("a tensor of another graph");
  if (t.impl()->view && t.impl()->epoch != t.impl()->root().epoch) {
    core::RecorderScope open(&graph);  // an in-place write has changed what the view shows
    core::refresh(*t.impl());
  }
  return {t.impl()->symbol->node, t.impl()->symbol->output};
}

Request request_of(GraphState& graph, const std::vector<Fetch>& fetches, std::span<const Tensor> feeds) {
  Request r;
  for (const Fetch& f : fetches) {
    if (!f.operation().defined()) {
      r.fetches.push_back(fetched_output(graph, f.tensor()));
      continue;
    }
    if (f.operation().graph().get() != &graph) refuse_fetch("an operation of another graph");
    r.fetches.push_back({});
    r.operations.push_back(f.operation().node());
  }
  for (const Tensor& t : feeds) {
    if (!t.symbolic() || t.impl()->symbol->graph.get() != &graph)
      throw GraphError({.op = "run",
                        .argument = "feeds",
                        .got = "a key that is no tensor of the session's graph",
                        .expected = "a placeholder or another tensor of it"});
    const Output o{t.impl()->symbol->node, t.impl()->symbol->output};
    if (std::find(r.feeds.begin(), r.feeds.end(), o) != r.feeds.end())
      throw ValueError({.op = "run",
                        .argument = "feeds",
                        .got = "'" + graph.node(o.node).name + "' twice",
                        .expected = "each tensor once"});
    r.feeds.push_back(o);
  }
  return r;
}

std::vector<int> key_of(const Request& r) {
  std::vector<int> key;
  for (const Output& o : r.fetches) key.push_back(o.node), key.push_back(o.index);
  key.push_back(-2);
  key.insert(key.end(), r.operations.begin(), r.operations.end());
  key.push_back(-2);
  for (const Output& o : r.feeds) key.push_back(o.node), key.push_back(o.index);
  return key;
}

std::shared_ptr<Runner> runner_for(SessionState& s, const std::vector<Fetch>& fetches,
                                   std::span<const Tensor> feeds) {
  Request request = request_of(*s.graph, fetches, feeds);
  std::lock_guard lock(s.mutex);
  auto& runner = s.runners[key_of(request)];
  if (!runner) runner = std::make_shared<Runner>(*s.graph, std::move(request), s.options, s.own);
  return s.latest = runner;
}

}  // namespace
}  // namespace twofold::graph

namespace twofold {

Session::Session(const Graph& graph, const SessionOptions& options)
    : state_(std::make_shared<graph::SessionState>()) {
  state_->graph = graph.state();
  state_->options = options;
}

Tensors Session::run(const std::vector<Fetch>& fetches, const std::vector<Feed>& feeds,
                     std::source_location at) {
  return core::located("run", at, [&] {
    std::vector<Tensor> keys;
    SmallVector<core::Impl*, 8> values;
    for (const Feed& f : feeds) {
      if (!f.value.defined())
        throw ValueError(
            {.op = "run", .argument = "feeds", .got = "an undefined value", .expected = "a tensor"});
      keys.push_back(f.tensor);
      values.push_back(f.value.impl());
    }
    const auto runner = graph::runner_for(*state_, fetches, keys);
    Tensors out;
    runner->run({values.data(), values.size()}, out);
    return out;
  });
}

Session::Callable Session::make_callable(const std::vector<Fetch>& fetches, const std::vector<Tensor>& feeds,
                                         std::source_location at) {
  return core::located("run", at, [&] {
    Callable c;
    c.state_ = std::make_shared<graph::CallableState>();
    c.state_->graph = state_->graph;
    c.state_->runner = graph::runner_for(*state_, fetches, feeds);
    return c;
  });
}

Tensors Session::Callable::operator()(std::span<const Tensor> values, std::source_location at) const {
  return core::located("run", at, [&] {
    graph::Runner& runner = *state_->runner;
    if (values.size() != runner.request().feeds.size())
      throw ValueError({.op = "run",
                        .argument = "values",
                        .got = std::to_string(values.size()) + " values",
                        .expected = std::to_string(runner.request().feeds.size())});
    SmallVector<core::Impl*, 8> impls;
    for (const Tensor& t : values) {
      if (!t.defined())
        throw ValueError(
            {.op = "run", .argument = "values", .got = "an undefined value", .expected = "a tensor"});
      impls.push_back(t.impl());
    }
    Tensors out;
    runner.run({impls.data(), impls.size()}, out);
    return out;
  });
}

Tensor Session::tensor(const Tensor& variable, std::source_location at) const {
  return core::located("run", at, [&] {
    if (!variable.defined() || variable.symbolic())
      throw GraphError({.op = "Session::tensor",
                        .argument = "variable",
                        .got = variable.defined() ? "a tensor of a graph" : "an undefined tensor",
                        .expected = "a parameter or a declared variable"});
    return Tensor(state_->own->cell(Ref<core::Impl>(variable.impl())));
  });
}

SessionStats Session::stats() const {
  std::lock_guard lock(state_->mutex);
  SessionStats total = state_->latest ? state_->latest->stats() : SessionStats{};
  total.runs = total.plans = 0;
  for (const auto& [key, runner] : state_->runners) {
    const SessionStats s = runner->stats();
    total.runs += s.runs;
    total.plans += s.plans;
  }
  return total;
}

}  // namespace twofold
