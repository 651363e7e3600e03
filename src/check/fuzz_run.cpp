#include "check/fuzz_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/threads.h"
#include "check/fuzz_fired.h"
#include "core/impl.h"
#include "twofold/ops.h"

namespace twofold::check {
namespace {

// A slot that a graph does not compute (a variable, a constant) is not compared.
struct Seen {
  bool compared = true;
  Bits bits;
};

struct Run {
  std::vector<Seen> slots;
  std::string error, message;
  int at = 0;
};

struct Execution {
  std::vector<Run> runs;
  std::vector<Bits> variables;
  std::vector<Generator::State> generators;
  SessionStats stats;
  bool failed() const { return !runs.empty() && !runs.back().error.empty(); }
};

struct Way {
  const char* name;
  bool graph = true, passes = true, unknown_dims = false, subset = false;
  int threads = 1;
};

void finish(Execution& e, const World& world) {
  for (const Tensor& v : world.variables) e.variables.push_back(bits_of(v));
  for (const Generator& g : world.generators) e.generators.push_back(g.state());
}

template <class F>
bool refused(Execution& e, const Interpreter* at, F&& body) {
  try {
    body();
    return false;
  } catch (const Error& error) {
    Run run;
    run.error = error.kind(), run.message = error.what(), run.at = at ? at->position() : 0;
    e.runs.push_back(run);
    return true;
  }
}

Execution run_eager(const FuzzProgram& program, Fired* fired) {
  Execution e;
  const World world(program);
  for (int r = 0; r < program.runs; ++r) {
    Interpreter machine(program, world, false, eager_inputs(program, world, r));
    if (refused(e, &machine, [&] { machine.run(); })) return e;
    Run run;
    for (const Tensor& t : machine.slots()) run.slots.push_back({true, bits_of(t)});
    if (fired && r == 0) note_eager(program, machine.slots(), *fired);
    e.runs.push_back(std::move(run));
  }
  finish(e, world);
  return e;
}

Shape promised(const Input& input, const Shape& shape, bool unknown_dims) {
  Dims dims = shape.dims();
  for (int d = 0; d < dims.size(); ++d)
    if (unknown_dims || (input.resized && d == 0)) dims[d] = unknown;
  return Shape(dims);
}

Tensors concrete_inputs(const FuzzProgram& program, const World& world) {
  Tensors out;
  for (std::size_t i = 0; i < program.inputs.size(); ++i)
    out.push_back(world.variables[i].defined() ? world.variables[i] : input_value(program, i, 0));
  return out;
}

// Feeds are read through a copy, as in eager_inputs(): `keys` stay what is fed when the copy is written to.
Tensors graph_inputs(const FuzzProgram& program, const Tensors& concrete, bool unknown_dims, Tensors& keys) {
  Tensors out;
  for (std::size_t i = 0; i < program.inputs.size(); ++i) {
    const Input& input = program.inputs[i];
    keys.emplace_back();
    if (input.role != Role::feed) {
      out.push_back(concrete[i]);
      continue;
    }
    keys.back() = placeholder(input.operand.dtype, promised(input, input.operand.shape, unknown_dims));
    out.push_back(identity(keys.back()));
  }
  return out;
}

std::vector<Feed> feeds_of(const FuzzProgram& program, const Tensors& keys, int r) {
  std::vector<Feed> feeds;
  for (std::size_t i = 0; i < program.inputs.size(); ++i)
    if (keys[i].defined()) feeds.push_back({keys[i], input_value(program, i, r)});
  return feeds;
}

bool fetched(const FuzzProgram& program, const Way& way, std::size_t slot) {
  return !way.subset ||
         hashed(program.seed + 17, program.number * 64 + static_cast<std::int64_t>(slot)) < 0.3;
}

// The slots that are nodes, then what makes every statement before it run.
std::vector<Fetch> fetches_of(const FuzzProgram& program, const Way& way, const Interpreter& machine,
                              const Tensor& last) {
  std::vector<Fetch> fetches;
  for (std::size_t s = 0; s < machine.slots().size(); ++s)
    if (const Tensor& t = machine.slots()[s]; t.defined() && t.symbolic() && fetched(program, way, s))
      fetches.emplace_back(t);
  fetches.emplace_back(last);
  for (const Operation& o : machine.operations()) fetches.emplace_back(o);
  return fetches;
}

Run seen(const FuzzProgram& program, const Way& way, const Interpreter& machine, const Tensors& results) {
  Run run;
  std::size_t next = 0;
  for (std::size_t s = 0; s < machine.slots().size(); ++s) {
    const Tensor& t = machine.slots()[s];
    const bool node = t.defined() && t.symbolic() && fetched(program, way, s);
    run.slots.push_back({node || !t.defined(), node ? bits_of(results[next++]) : Bits{}});
  }
  return run;
}

struct FeedChanged : InternalError {
  using InternalError::InternalError;
};

void check_feeds(const std::vector<Feed>& feeds, const std::vector<Bits>& before) {
  for (std::size_t i = 0; i < feeds.size(); ++i)
    if (!(bits_of(feeds[i].value) == before[i]))
      throw FeedChanged({.op = "run",
                         .argument = "feeds",
                         .got = "a fed tensor that the run wrote to",
                         .expected = "the caller's values"});
}

Execution run_graph(const FuzzProgram& program, const Way& way) {
  Execution e;
  const World world(program);
  Graph graph;
  Interpreter machine(program, world, true, {});
  const Tensors concrete = concrete_inputs(program, world);
  Tensor last;
  Tensors keys;
  const bool bad = refused(e, &machine, [&] {
    Graph::Scope scope(graph);
    machine.slots() = graph_inputs(program, concrete, way.unknown_dims, keys);
    machine.run();
    last = full({}, 1.0);
  });
  if (bad) return e;
  Session session(graph, {.passes = way.passes});
  for (int r = 0; r < program.runs; ++r) {
    const bool stopped = refused(e, nullptr, [&] {
      const std::vector<Feed> feeds = feeds_of(program, keys, r);
      std::vector<Bits> before;
      for (const Feed& f : feeds) before.push_back(bits_of(f.value));
      const Tensors results = session.run(fetches_of(program, way, machine, last), feeds);
      check_feeds(feeds, before);
      e.runs.push_back(seen(program, way, machine, results));
    });
    if (stopped) return e;
  }
  e.stats = session.stats();
  finish(e, world);
  return e;
}

Execution run_way(const FuzzProgram& program, const Way& way) {
  set_thread_count(way.threads);
  set_test_grain(way.threads > 1 ? 1 : 0);
  Execution e = way.graph ? run_graph(program, way) : run_eager(program, nullptr);
  set_thread_count(1);
  set_test_grain(0);
  return e;
}

// --- comparing
// --------------------------------------------------------------------------------------------------

Failure values_differ(const Way& way, std::string where, const std::string& how) {
  return {std::string("value: ") + way.name, fmt::format("{}: {}: {}", way.name, where, how), false};
}

Failure errors_differ(const Way& way, const Run& got, const Run& expected) {
  auto word = [](const Run& r) { return r.error.empty() ? "none" : r.error; };
  auto text = [](const Run& r) { return r.error.empty() ? "no error" : r.error + " (" + r.message + ")"; };
  return {fmt::format("error: {}: {} for {}", way.name, word(got), word(expected)),
          fmt::format("{}: {}, expected {}", way.name, text(got), text(expected)), true};
}

Failure compare_run(const Way& way, std::size_t r, const Run& got, const Run& expected) {
  if (got.error != expected.error) return errors_differ(way, got, expected);
  for (std::size_t s = 0; s < got.slots.size(); ++s) {
    if (!got.slots[s].compared) continue;
    const std::string d = difference(got.slots[s].bits, expected.slots[s].bits);
    if (!d.empty()) return values_differ(way, fmt::format("run {}, %{}", r, s), d);
  }
  return {};
}

Failure compare(const Way& way, const Execution& got, const Execution& expected) {
  // A mistake may show when the graph is built, where eager code meets it in a later run.
  if (got.failed() && expected.failed() && got.runs.back().error == expected.runs.back().error) return {};
  for (std::size_t r = 0; r < std::min(got.runs.size(), expected.runs.size()); ++r)
    if (Failure f = compare_run(way, r, got.runs[r], expected.runs[r]); !f.kind.empty()) return f;
  if (got.failed()) return {};
  for (std::size_t i = 0; i < got.variables.size(); ++i)
    if (const std::string d = difference(got.variables[i], expected.variables[i]); !d.empty())
      return values_differ(way, fmt::format("variable %{}", i), d);
  for (std::size_t g = 0; !way.subset && g < got.generators.size(); ++g)
    if (!(got.generators[g] == expected.generators[g]))
      return values_differ(way, fmt::format("generator {}", g), "another state");
  return {};
}

// Two draws from one generator depend on each other: what is fetched then decides what is drawn.
bool shares_generator(const FuzzProgram& program) {
  std::vector<int> drawn;
  auto note = [&](const std::vector<Instruction>& list) {
    for (const Instruction& i : list)
      if (i.generator >= 0) drawn.push_back(i.generator);
  };
  note(program.body);
  for (const Instruction& i : program.body) note(i.then), note(i.otherwise);
  std::sort(drawn.begin(), drawn.end());
  return std::adjacent_find(drawn.begin(), drawn.end()) != drawn.end();
}

Execution reference(FuzzProgram& program, Fired& fired) {
  for (;;) {
    fired = {};
    Execution e = run_eager(program, &fired);
    if (!e.failed() || e.runs.back().at + 1 == static_cast<int>(program.body.size())) return e;
    program.body.resize(static_cast<std::size_t>(e.runs.back().at) + 1);
  }
}

}  // namespace

Checked check_program(FuzzProgram& program) {
  static constexpr Way ways[] = {
      {.name = "graph"},
      {.name = "graph without passes", .passes = false},
      {.name = "graph with unknown dimensions", .unknown_dims = true},
      {.name = "eager, 2 threads", .graph = false, .threads = 2},
      {.name = "graph, 4 threads", .unknown_dims = true, .threads = 4},
      {.name = "part of the graph", .subset = true},
  };
  Checked out;
  set_thread_count(1);
  const Execution expected = reference(program, out.fired);
  out.fired.set("refused", expected.failed());
  for (const Way& way : ways) {
    if (way.subset && (expected.failed() || shares_generator(program))) continue;
    const Execution got = run_way(program, way);
    note_stats(got.stats, out.fired);
    out.failure = compare(way, got, expected);
    if (!out.failure.kind.empty()) return out;
  }
  return out;
}

}  // namespace twofold::check
