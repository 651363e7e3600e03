// Runner: one request to one graph, with a plan per set of fed shapes.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>

#include "graph/plan.h"
#include "graph/private.h"

namespace twofold::graph {

// Throws unless `value` may stand for that output of the node.
void check_feed(const Node& n, int output, const Impl& value);

class Runner {
 public:
  // `own`: what the session keeps to itself; a body of control flow has none.
  Runner(const GraphState& graph, Request request, bool passes, std::shared_ptr<Private> own = nullptr);
  // `values` in the order of the request's feeds.
  void run(std::span<Impl* const> values, Tensors& fetched);
  // Makes the plan for these shapes, or throws what makes it impossible.
  void make_ready(std::span<Impl* const> values);
  SessionStats stats() const;
  const Request& request() const { return request_; }

 private:
  struct Planned {
    std::vector<Shape> shapes;
    std::unique_ptr<Plan> plan;
  };
  Plan& plan_for(std::span<Impl* const> values);
  Plan& make_plan(std::span<Impl* const> values);
  Runner& next();
  void check_feeds(std::span<Impl* const> values) const;

  const GraphState& graph_;
  Request request_;
  bool passes_;
  std::shared_ptr<Private> own_;
  mutable std::mutex mutex_;  // held for the length of a run
  std::list<Planned> plans_;  // in order of making
  Planned* latest_ = nullptr;
  std::atomic<std::int64_t> runs_ = 0, made_ = 0;
  std::once_flag next_made_;
  std::unique_ptr<Runner> next_;
};

}  // namespace twofold::graph
