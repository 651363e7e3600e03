#include "graph/runner.h"

#include "graph/builtin.h"

namespace twofold::graph {
namespace {

// Programs with many shapes must not hoard plans: the oldest goes.
constexpr std::size_t plans_kept = 64;

bool same_shapes(const std::vector<Shape>& shapes, std::span<Impl* const> values) {
  for (std::size_t i = 0; i < shapes.size(); ++i)
    if (!(shapes[i] == values[i]->array.shape)) return false;
  return true;
}

}  // namespace

void check_feed(const Node& n, int output, const Impl& value) {
  if (value.symbol || !value.array.data)
    throw StateError({.op = "run",
                      .argument = n.name,
                      .got = "a value that is itself a tensor of a graph",
                      .expected = "a concrete tensor"});
  const Meta& meta = n.outputs[static_cast<std::size_t>(output)];
  if (value.array.dtype != meta.dtype)
    throw DtypeError({.op = "run",
                      .argument = n.name,
                      .got = "a value of " + std::string(name_of(value.array.dtype)),
                      .expected = std::string(name_of(meta.dtype)),
                      .note = "made at " + to_string(n.where)});
  if (!meta.shape.accepts(value.array.shape))
    throw ShapeError({.op = "run",
                      .argument = n.name,
                      .got = "a value of shape " + to_string(value.array.shape),
                      .expected = to_string(meta.shape),
                      .note = "made at " + to_string(n.where)});
}

Runner::Runner(const GraphState& graph, Request request, bool passes, std::shared_ptr<Private> own)
    : graph_(graph), request_(std::move(request)), passes_(passes), own_(std::move(own)) {}

void Runner::check_feeds(std::span<Impl* const> values) const {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Output o = request_.feeds[i];
    check_feed(graph_.node(o.node), o.index, *values[i]);
  }
}

Plan& Runner::make_plan(std::span<Impl* const> values) {
  std::vector<Shape> shapes;
  for (Impl* v : values) shapes.push_back(v->array.shape);
  Program program = prepare(graph_, request_, shapes, passes_);
  if (own_) own_->replace(program);
  for (const Step& s : program.steps)
    if (s.op == &placeholder_op && !s.dead &&
        std::find(program.feeds.begin(), program.feeds.end(), s.outputs[0]) == program.feeds.end()) {
      const Node& n = graph_.node(s.node);
      StateError e({.op = "run",
                    .argument = n.name,
                    .got = "no value for a placeholder of " + std::string(name_of(n.outputs[0].dtype)) +
                           to_string(n.outputs[0].shape),
                    .expected = "one to be fed"});
      e.locate(nullptr, n.where);
      throw e;
    }
  ++made_;
  if (plans_.size() == plans_kept) plans_.pop_front();
  plans_.push_back({std::move(shapes), std::make_unique<Plan>(std::move(program), passes_)});
  latest_ = &plans_.back();
  return *latest_->plan;
}

Plan& Runner::plan_for(std::span<Impl* const> values) {
  check_feeds(values);
  if (latest_ && same_shapes(latest_->shapes, values) && latest_->plan->fits_variables())
    return *latest_->plan;
  latest_ = nullptr;
  // A variable that changed its shape (set_data) makes its plans useless.
  plans_.remove_if([](const Planned& p) { return !p.plan->fits_variables(); });
  for (Planned& p : plans_)
    if (same_shapes(p.shapes, values)) return *(latest_ = &p)->plan;
  return make_plan(values);
}

// Nobody waits for a runner that is busy, in another thread or further up this one (a host function may run
// the graph that called it): another one with plans of its own takes the run.
Runner& Runner::next() {
  std::call_once(next_made_, [this] { next_ = std::make_unique<Runner>(graph_, request_, passes_, own_); });
  return *next_;
}

void Runner::run(std::span<Impl* const> values, Tensors& fetched) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return ++runs_, next().run(values, fetched);
  core::RecorderScope closed(nullptr);  // a run inside a build scope computes, it does not record
  NoGrad off;
  Plan& plan = plan_for(values);
  ++runs_;
  plan.run(values, fetched);
}

void Runner::make_ready(std::span<Impl* const> values) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return next().make_ready(values);
  plan_for(values);
}

SessionStats Runner::stats() const {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  SessionStats s =
      lock && latest_ ? latest_->plan->stats() : SessionStats{};  // of a plan that is not running
  s.runs = runs_;
  s.plans = made_;
  return s;
}

}  // namespace twofold::graph
