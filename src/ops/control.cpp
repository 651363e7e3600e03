// Control flow: sub-graphs as attributes. Their derivatives are written with the same rows, so they serve
// every order.
//
// Hidden outputs follow the results: what the derivative needs of the forward run. A branch's are the draws
// that it made; a loop's are, stacked by iteration, its variables before each iteration and the draws of
// each.
#include "core/body.h"
#include "core/recorder.h"

#include "base/interrupt.h"
#include "kernels/index.h"
#include "ops/rows.h"
#include "twofold/control.h"

namespace twofold::ops {
namespace {

using core::Body;
using BodyRef = std::shared_ptr<Body>;

int hidden(const Body& b) { return static_cast<int>(b.outputs().size()) - b.results(); }

void append(Tensors& to, std::span<const Tensor> from) { to.insert(to.end(), from.begin(), from.end()); }

// Operands of a body's derivative: its inputs, its draws, the gradients of its floating results.
Tensors gradients_of_results(Vjp& c, const Body& body) {
  Tensors out;
  for (int i = 0; i < body.results(); ++i) {
    if (!is_floating(body.outputs()[static_cast<std::size_t>(i)].dtype)) continue;
    out.push_back(c.g(i).defined() ? c.g(i) : zeros_like(c.y(i)));
  }
  return out;
}

// A body's derivative gives one gradient per floating input: put each where its operand stands.
void place(const Tensors& gradients, const Body& body, std::size_t first, Tensors& out) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < body.inputs().size(); ++i)
    if (is_floating(body.inputs()[i].dtype)) out[first + i] = gradients[next++];
}

// --- call
// -----------------------------------------------------------------------------------------------------

void infer_call(Infer& c) {
  const Body& body = *c.attrs.body(0);
  if (c.in.size() != body.inputs().size())
    throw InternalError({.op = c.op.name,
                         .argument = "",
                         .got = std::to_string(c.in.size()) + " operands",
                         .expected = std::to_string(body.inputs().size())});
  for (const Meta& m : body.outputs()) c.out.push_back(m);
}

Tensors call_vjp(Vjp& c) {
  const BodyRef body = c.attrs().body(0);
  Tensors in;
  for (int i = 0; i < c.inputs(); ++i) in.push_back(c.x(i));
  for (int i = 0; i < hidden(*body); ++i) in.push_back(c.y(body->results() + i));
  append(in, gradients_of_results(c, *body));
  Tensors out(static_cast<std::size_t>(c.inputs()));
  place(core::apply(core::find_op("call"), in, Attrs{Attr(body->vjp())}), *body, 0, out);
  return out;
}

// --- cond
// -----------------------------------------------------------------------------------------------------
// Operands: condition, then the inputs of both branches. Attributes: then, otherwise.

// What is known of a result whichever branch made it.
Shape common_shape(const Shape& a, const Shape& b) {
  if (!a.has_rank() || !b.has_rank() || a.rank() != b.rank()) return Shape::unknown_rank();
  Dims dims;
  for (int d = 0; d < a.rank(); ++d) dims.push_back(a[d] == b[d] ? a[d] : unknown);
  return Shape(dims);
}

void infer_cond(Infer& c) {
  const Body &then = *c.attrs.body(0), &otherwise = *c.attrs.body(1);
  if (c.in[0].shape.known() && c.in[0].shape.numel() != 1)
    throw ShapeError({.op = c.op.name,
                      .argument = "condition",
                      .got = to_string(c.in[0].shape),
                      .expected = "one element"});
  for (int i = 0; i < then.results(); ++i) {
    const Meta &a = then.outputs()[static_cast<std::size_t>(i)],
               &b = otherwise.outputs()[static_cast<std::size_t>(i)];
    c.out.push_back({a.dtype, common_shape(a.shape, b.shape)});
  }
  for (const Body* b : {&then, &otherwise})
    for (std::size_t i = static_cast<std::size_t>(b->results()); i < b->outputs().size(); ++i)
      c.out.push_back({b->outputs()[i].dtype, Shape::unknown_rank()});
}

bool truth(const char* op, const Tensor& condition) {
  if (condition.numel() != 1)
    throw ShapeError(
        {.op = op, .argument = "condition", .got = to_string(condition.shape()), .expected = "one element"});
  bool value = false;
  copy(condition.impl()->array, contiguous_array(&value, bool_, condition.shape()));
  return value;
}

Tensors run_cond(const Produce& c) {
  const Body &then = *c.attrs.body(0), &otherwise = *c.attrs.body(1);
  const Body& chosen = truth(c.op.name, c.in[0]) ? then : otherwise;
  (&chosen == &then ? otherwise : then).check(c.in.subspan(1));
  const Tensors made = chosen.run(c.in.subspan(1));
  Tensors out(made.begin(), made.begin() + chosen.results());
  for (const Body* b : {&then, &otherwise})
    for (std::size_t i = static_cast<std::size_t>(b->results()); i < b->outputs().size(); ++i)
      out.push_back(b == &chosen ? made[i] : core::handle(core::allocate(b->outputs()[i].dtype, Shape{0})));
  return out;
}

// The derivative of one branch, taking the draws of both and ignoring those of the other.
BodyRef branch_vjp(const Body& branch, const std::vector<Meta>& all, int before, int draws) {
  const BodyRef vjp = branch.vjp();
  const int inputs = static_cast<int>(branch.inputs().size());
  std::vector<int> position;
  for (int i = 0; i < static_cast<int>(vjp->inputs().size()); ++i)
    position.push_back(i < inputs                    ? i
                       : i < inputs + hidden(branch) ? i + before
                                                     : i - hidden(branch) + draws);
  return vjp->widened(all, position);
}

Tensors cond_vjp(Vjp& c) {
  const BodyRef then = c.attrs().body(0), otherwise = c.attrs().body(1);
  Tensors in;
  std::vector<Meta> metas = then->inputs();
  for (int i = 0; i < c.inputs(); ++i) in.push_back(c.x(i));
  int k = then->results();
  for (const BodyRef& b : {then, otherwise})
    for (std::size_t i = static_cast<std::size_t>(b->results()); i < b->outputs().size(); ++i) {
      in.push_back(c.y(k++));
      metas.push_back({b->outputs()[i].dtype, Shape::unknown_rank()});  // empty where the other branch ran
    }
  for (const Tensor& g : gradients_of_results(c, *then)) {
    in.push_back(g);
    metas.push_back({g.dtype(), g.shape()});
  }
  const int draws = hidden(*then) + hidden(*otherwise);
  const BodyRef then_vjp = branch_vjp(*then, metas, 0, draws);
  const BodyRef otherwise_vjp = branch_vjp(*otherwise, metas, hidden(*then), draws);
  Tensors out(static_cast<std::size_t>(c.inputs()));
  place(core::apply(core::find_op("cond"), in, Attrs{Attr(then_vjp), Attr(otherwise_vjp)}), *then, 1, out);
  return out;
}

// --- while_loop
// ------------------------------------------------------------------------------------------------- Operands:
// variables, what the condition captures, what the body captures. Attributes: condition, body, how many
// variables, how many captures of the condition, the most iterations. Outputs: the variables; the number of
// iterations; each variable's values before the iterations, stacked; the draws, stacked.

struct Loop {
  BodyRef condition, body;
  std::size_t variables, condition_captures;
  std::int64_t maximum;

  explicit Loop(const Attrs& a)
      : condition(a.body(0)),
        body(a.body(1)),
        variables(static_cast<std::size_t>(a.integer(2))),
        condition_captures(static_cast<std::size_t>(a.integer(3))),
        maximum(a.integer(4)) {}
  std::size_t body_captures() const { return variables + condition_captures; }
};

Meta stacked(const Meta& m) {
  if (!m.shape.has_rank()) return {m.dtype, Shape::unknown_rank()};
  Dims dims{unknown};
  for (std::int64_t d : m.shape) dims.push_back(d);
  return {m.dtype, Shape(dims)};
}

void infer_loop(Infer& c) {
  const Loop loop(c.attrs);
  for (std::size_t i = 0; i < loop.variables; ++i) c.out.push_back(c.in[i]);
  c.out.push_back({i64, Shape{}});
  for (std::size_t i = 0; i < loop.variables; ++i) c.out.push_back(stacked(c.in[i]));
  for (std::size_t i = loop.variables; i < loop.body->outputs().size(); ++i)
    c.out.push_back(stacked(loop.body->outputs()[i]));
}

void check_kept_shape(const Tensor& before, const Tensor& after) {
  if (!(before.shape() == after.shape()))
    throw ShapeError({.op = "while_loop",
                      .argument = "body",
                      .got = "a variable of shape " + to_string(after.shape()),
                      .expected = "the shape it had, " + to_string(before.shape())});
}

// What one of no iterations would have left: unknown dimensions are empty ones.
Shape shape_of_none(const Shape& promised) {
  Dims dims;
  for (std::int64_t d : promised) dims.push_back(d == unknown ? 0 : d);
  return Shape(dims);
}

Tensor stack(const Tensors& values, const Meta& meta) {
  Dims dims{static_cast<std::int64_t>(values.size())};
  const Shape one = values.empty() ? shape_of_none(meta.shape) : values[0].shape();
  for (std::int64_t d : one) dims.push_back(d);
  const auto out = core::allocate(meta.dtype, Shape(dims));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(values[i].shape() == one))
      throw StateError({.op = "while_loop",
                        .argument = "body",
                        .got = "random numbers of another shape in each iteration",
                        .expected = "one shape, to differentiate the loop"});
    const std::size_t bytes = values[i].impl()->array.bytes();
    copy(values[i].impl()->array,
         contiguous_array(static_cast<char*>(out->array.data) + i * bytes, meta.dtype, one));
  }
  return core::handle(out);
}

Tensors run_loop(const Produce& c) {
  const Loop loop(c.attrs);
  const std::size_t n = loop.variables;
  const bool keep = c.wanted > static_cast<int>(n);
  Tensors variables(c.in.begin(), c.in.begin() + static_cast<std::ptrdiff_t>(n));
  const auto condition_captures = c.in.subspan(n, loop.condition_captures),
             body_captures = c.in.subspan(loop.body_captures());
  std::vector<Tensors> kept(loop.body->outputs().size());
  std::int64_t count = 0;
  for (; loop.maximum < 0 || count < loop.maximum; ++count) {
    check_interrupt();
    Tensors in = variables;
    append(in, condition_captures);
    if (!truth(c.op.name, loop.condition->run(in)[0])) break;
    in.resize(n);
    append(in, body_captures);
    const Tensors out = loop.body->run(in);
    for (std::size_t i = 0; i < n; ++i) check_kept_shape(variables[i], out[i]);
    for (std::size_t i = 0; keep && i < out.size(); ++i) kept[i].push_back(i < n ? variables[i] : out[i]);
    variables.assign(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n));
  }
  Tensors out = variables;
  if (count == 0)
    for (Tensor& t : out) t = identity(t);
  out.push_back(tensor(count));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const Meta meta = i < n ? Meta{c.in[i].dtype(), c.in[i].shape()} : loop.body->outputs()[i];
    out.push_back(keep ? stack(kept[i], meta) : core::handle(core::allocate(meta.dtype, Shape{0})));
  }
  return out;
}

// The loop backwards, itself a loop: its variables are the iteration, the gradients of the floating variables
// and those of the floating captures so far.
Tensors loop_vjp(Vjp& c) {
  const Loop loop(c.attrs());
  const Body& body = *loop.body;
  const int n = static_cast<int>(loop.variables), captures = static_cast<int>(body.inputs().size()) - n;
  Tensors start{sub(c.y(n), std::int64_t{1})}, stacks, outer, draws, stack_gradients;
  std::vector<int> floating, floating_captures;
  for (int i = 0; i < n; ++i) {
    stacks.push_back(c.y(n + 1 + i));
    stack_gradients.push_back(c.g(n + 1 + i));
    if (!is_floating(body.inputs()[static_cast<std::size_t>(i)].dtype)) continue;
    floating.push_back(i);
    start.push_back(c.g(i).defined() ? c.g(i) : zeros_like(c.y(i)));
  }
  for (int i = 0; i < captures; ++i) {
    outer.push_back(c.x(static_cast<int>(loop.body_captures()) + i));
    if (!is_floating(outer.back().dtype())) continue;
    floating_captures.push_back(i);
    start.push_back(zeros_like(outer.back()));
  }
  for (int i = 0; i < hidden(body); ++i) draws.push_back(c.y(2 * n + 1 + i));
  const Attrs vjp{Attr(body.vjp())};
  auto step = [&](const Tensors& v) {
    Tensors in;
    for (const Tensor& s : stacks) in.push_back(take(s, v[0], 0));
    append(in, outer);
    for (const Tensor& d : draws) in.push_back(take(d, v[0], 0));
    for (std::size_t k = 0; k < floating.size(); ++k) in.push_back(v[1 + k]);
    const Tensors gradients = core::apply(core::find_op("call"), in, vjp);
    Tensors next{sub(v[0], std::int64_t{1})};
    for (std::size_t k = 0; k < floating.size(); ++k) {
      const Tensor& from_stack = stack_gradients[static_cast<std::size_t>(floating[k])];
      if (from_stack.defined()) {
        const Tensor here = take(from_stack, v[0], 0);
        next.push_back(add(gradients[k], here));
      } else {
        next.push_back(gradients[k]);
      }
    }
    for (std::size_t k = 0; k < floating_captures.size(); ++k)
      next.push_back(add(v[1 + floating.size() + k], gradients[floating.size() + k]));
    return next;
  };
  const Tensors total = while_loop([](const Tensors& v) { return ge(v[0], std::int64_t{0}); }, step, start);
  Tensors out(static_cast<std::size_t>(c.inputs()));
  for (std::size_t k = 0; k < floating.size(); ++k) out[static_cast<std::size_t>(floating[k])] = total[1 + k];
  for (std::size_t k = 0; k < floating_captures.size(); ++k)
    out[loop.body_captures() + static_cast<std::size_t>(floating_captures[k])] =
        total[1 + floating.size() + k];
  return out;
}

}  // namespace

constinit const Op control_rows[] = {
    {
        .name = "call",
        .sig = "*operands: any, body: body",
        .doc = "A sub-graph run once: what the derivatives of control flow are made of.",
        .promote = Promote::none,
        .hidden = true,
        .infer = infer_call,
        .produce = [](const Produce& c) { return c.attrs.body(0)->run(c.in); },
        .vjp = call_vjp,
        .saves = all_inputs | core::all_outputs,
        .samples = "functions",
    },
    {
        .name = "cond",
        .sig = "condition: boolean, *operands: any, then: body, otherwise: body",
        .torch = "cond(pred, true_fn, false_fn, operands)",
        .tf = "cond(pred, true_fn, false_fn)",
        .doc = "One of two sub-graphs, by a bool scalar.",
        .promote = Promote::none,
        .infer = infer_cond,
        .produce = run_cond,
        .vjp = cond_vjp,
        .saves = all_inputs | core::all_outputs,
        .samples = "functions",
    },
    {
        .name = "while_loop",
        .sig = "*operands: any, condition: body, body: body, variables: int, condition_captures: int, "
               "maximum_iterations: int",
        .torch = "while_loop(cond_fn, body_fn, carried_inputs)",
        .tf = "while_loop(cond, body, loop_vars)",
        .doc = "A sub-graph run on its own results while a condition holds.",
        .promote = Promote::none,
        .infer = infer_loop,
        .produce = run_loop,
        .vjp = loop_vjp,
        .saves = all_inputs | core::all_outputs,
        .samples = "functions",
    },
};
constinit Rows control{"control", control_rows};

}  // namespace twofold::ops

namespace twofold {
namespace {

using core::Meta;
using core::Traced;

std::vector<Meta> metas_of(const Tensors& tensors) {
  std::vector<Meta> out;
  for (const Tensor& t : tensors) out.push_back({t.dtype(), t.shape()});
  return out;
}

// Where each tensor stands in `all`, which grows by those that are new.
std::vector<int> positions(const Tensors& tensors, Tensors& all) {
  std::vector<int> out;
  for (const Tensor& t : tensors) {
    const auto at = std::find_if(all.begin(), all.end(), [&](const Tensor& a) { return a.same_as(t); });
    out.push_back(static_cast<int>(at - all.begin()));
    if (at == all.end()) all.push_back(t);
  }
  return out;
}

void check_branches(const core::Body& then, const core::Body& otherwise) {
  bool agree = then.results() == otherwise.results();
  for (std::size_t i = 0; agree && i < static_cast<std::size_t>(then.results()); ++i) {
    const Meta &a = then.outputs()[i], &b = otherwise.outputs()[i];
    agree = a.dtype == b.dtype && (a.shape == b.shape || !a.shape.known() || !b.shape.known());
  }
  if (!agree)
    throw ValueError({.op = "",
                      .argument = "otherwise",
                      .got = "results that differ from then's in number, dtype or shape",
                      .expected = "the same from both branches"});
}

void check_loop(const core::Body& condition, const core::Body& body, const Tensors& variables) {
  if (condition.results() != 1 || condition.outputs()[0].dtype != bool_)
    throw DtypeError({.op = "",
                      .argument = "condition",
                      .got = "a result that is not a bool scalar",
                      .expected = "one bool scalar"});
  if (condition.outputs()[0].shape.known() && condition.outputs()[0].shape.numel() != 1)
    throw ShapeError({.op = "",
                      .argument = "condition",
                      .got = to_string(condition.outputs()[0].shape),
                      .expected = "one element"});
  if (body.results() != static_cast<int>(variables.size()))
    throw ValueError({.op = "",
                      .argument = "body",
                      .got = std::to_string(body.results()) + " results",
                      .expected = std::to_string(variables.size()) + ", one per variable"});
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const Meta& m = body.outputs()[i];
    if (m.dtype != variables[i].dtype())
      throw DtypeError({.op = "",
                        .argument = "body",
                        .got = "a variable of " + std::string(name_of(m.dtype)),
                        .expected = "the dtype it had, " + std::string(name_of(variables[i].dtype()))});
    if (!m.shape.compatible(variables[i].shape()))
      throw ShapeError({.op = "",
                        .argument = "body",
                        .got = "a variable of shape " + to_string(m.shape),
                        .expected = "the shape it had, " + to_string(variables[i].shape())});
  }
}

template <class F>
Tensors located(const char* call, const Location& where, F&& body) {
  core::LocationScope scope(where);
  try {
    return body();
  } catch (Error& e) {
    e.locate(call, core::inherited_location(where));
    throw;
  }
}

// What variables hold when the operation begins.
Tensors now(const Tensors& variables, const Location& where) {
  core::Recorder* graph = core::open_recorder();
  Tensors out;
  for (const Tensor& v : variables) out.push_back(graph ? graph->read_now(*v.impl(), where) : v);
  return out;
}

// What a callable assigned to variables from outside happens when its operation has run.
Tensors with_assignments(Tensors out, std::size_t results, const Tensors& variables, const Location& where) {
  const Tensors values(out.begin() + static_cast<std::ptrdiff_t>(results),
                       out.begin() + static_cast<std::ptrdiff_t>(results + variables.size()));
  out.resize(results);
  if (variables.empty()) return out;
  core::Recorder* graph = core::open_recorder();
  if (!graph)
    throw StateError({.op = "",
                      .argument = "",
                      .got = "an assignment to a variable of graphs",
                      .expected = "one inside a graph"});
  return graph->assign_before(out, variables, values, core::inherited_location(where));
}

}  // namespace

Tensors cond(const Arg& condition, const std::function<Tensors()>& then,
             const std::function<Tensors()>& otherwise) {
  static const core::Op& op = core::find_op("cond");
  const Location& where = condition.where();
  return located("cond", where, [&] {
    const auto first = core::begin_trace([&](const Tensors&) { return then(); }, {}, "cond", where);
    const auto second = core::begin_trace([&](const Tensors&) { return otherwise(); }, {}, "cond", where);
    Tensors variables;
    positions(first->assigned(), variables), positions(second->assigned(), variables);
    const Traced a = first->close(variables, true), b = second->close(variables, true);
    check_branches(*a.body, *b.body);
    Tensors shared = now(variables, where), of_a = shared, of_b = shared;
    of_a.insert(of_a.end(), a.captures.begin(), a.captures.end());
    of_b.insert(of_b.end(), b.captures.begin(), b.captures.end());
    const std::vector<int> at_a = positions(of_a, shared), at_b = positions(of_b, shared);
    const std::vector<Meta> metas = metas_of(shared);
    const core::Attrs attrs{core::Attr(a.body->widened(metas, at_a)),
                            core::Attr(b.body->widened(metas, at_b))};
    shared.insert(shared.begin(), condition.tensor());
    const std::size_t results = static_cast<std::size_t>(a.body->results()) - variables.size();
    return with_assignments(core::apply(op, shared, attrs), results, variables, where);
  });
}

Tensors while_loop(const std::function<Tensor(const Tensors&)>& condition,
                   const std::function<Tensors(const Tensors&)>& body, const Tensors& variables,
                   std::int64_t maximum_iterations, std::source_location at) {
  static const core::Op& op = core::find_op("while_loop");
  return located("while_loop", at, [&] {
    if (variables.empty())
      throw ValueError({.op = "", .argument = "variables", .got = "none", .expected = "at least one"});
    const std::vector<Meta> metas = metas_of(variables);
    const auto first =
        core::begin_trace([&](const Tensors& v) { return Tensors{condition(v)}; }, metas, "while_loop", at);
    const auto second = core::begin_trace(body, metas, "while_loop", at);
    const Tensors& assigned = second->assigned();
    const Traced c = first->close(assigned, false), b = second->close(assigned, true);
    Tensors in = variables;
    for (const Tensor& t : now(assigned, at)) in.push_back(t);
    check_loop(*c.body, *b.body, in);
    const auto carried = static_cast<std::int64_t>(in.size());
    in.insert(in.end(), c.captures.begin(), c.captures.end());
    in.insert(in.end(), b.captures.begin(), b.captures.end());
    const core::Attrs attrs{core::Attr(c.body), core::Attr(b.body), core::Attr(carried),
                            core::Attr(static_cast<std::int64_t>(c.captures.size())),
                            core::Attr(maximum_iterations)};
    return with_assignments(core::apply(op, in, attrs), variables.size(), assigned, at);
  });
}

}  // namespace twofold
