// Graphs: names, effects and their order, control dependencies, feeds, plans.
#include <gtest/gtest.h>

#include "twofold/control.h"
#include "twofold/graph.h"
#include "twofold/ops.h"

namespace twofold {
namespace {

using Floats = std::vector<float>;

TEST(Graph, NamesAreUniqueAsInTensorFlow) {
  Graph g;
  g.build([] {
    const Tensor x = placeholder(f32, {}, "x");
    EXPECT_EQ(name_of(x), "x");
    EXPECT_EQ(name_of(placeholder(f32, {}, "X")), "X_1");
    EXPECT_EQ(name_of(x + x), "add");
    EXPECT_EQ(name_of(x + x), "add_1");
    EXPECT_EQ(name_of(x + x), "add_2");
    const NameScope scope("layer");
    EXPECT_EQ(name_of(x + x), "layer/add");
    {
      const NameScope inner("layer");
      EXPECT_EQ(name_of(named(x, "y")), "layer/layer/y");
    }
    return 0;
  });
  g.build([] {
    const NameScope again("layer");
    EXPECT_EQ(name_of(placeholder(f32)), "layer_1/placeholder");
    return 0;
  });
}

TEST(Graph, VariablesAreReadWhenItRuns) {
  Tensor w = parameter(tensor({1.0f, 2.0f, 3.0f}));
  Graph g;
  const Tensor y = g.build([&] { return sum(w * w); });
  Session s(g);
  EXPECT_EQ(s.run({y})[0].item<float>(), 14);
  w.set_data(tensor({2.0f, 4.0f, 2.0f}));
  EXPECT_EQ(s.run({y})[0].item<float>(), 24);
  w.set_data(tensor({5.0f}));
  EXPECT_EQ(s.run({y})[0].item<float>(), 25);
}

TEST(Graph, OtherTensorsAreConstants) {
  Tensor c = tensor({1.0f});
  Graph g;
  const Tensor y = g.build([&] { return c + 1; });
  c.add_(10.0);
  EXPECT_EQ(Session(g).run({y})[0].item<float>(), 2);
}

TEST(Graph, EffectsRunInOrderOfCreation) {
  Tensor v = buffer(tensor({1.0f}));
  Graph g;
  const auto [before, step, after] = g.build([&] {
    const Tensor b = v * 1;
    const Operation add_one = assign(v, v + 1);
    const Tensor a = v * 1;
    return std::tuple(b, add_one, a);
  });
  Session s(g);
  const Tensors r = s.run({before, step, after});
  EXPECT_EQ(r[0].item<float>(), 1);
  EXPECT_EQ(r[2].item<float>(), 2);
  EXPECT_FALSE(r[1].defined());
  EXPECT_EQ(s.run({after})[0].item<float>(), 2) << "assign runs only when fetched";
  EXPECT_EQ(v.item<float>(), 2);
  EXPECT_EQ(v.version(), 1u);
}

TEST(Graph, InPlaceStatementsRunBeforeWhatFollowsThem) {
  Tensor v = buffer(tensor({1.0f}));
  Graph g;
  const auto [early, late] = g.build([&] {
    const Tensor e = v * 1;
    v.mul_(3.0);
    return std::pair(e, v + 0.5);
  });
  Session s(g);
  EXPECT_EQ(s.run({early})[0].item<float>(), 1);
  EXPECT_EQ(v.item<float>(), 1) << "nothing after the statement was fetched";
  EXPECT_EQ(s.run({late})[0].item<float>(), 3.5f);
  EXPECT_EQ(v.item<float>(), 3);
}

TEST(Graph, ControlDependenciesForceEffects) {
  Tensor v = buffer(tensor({0.0f}));
  Graph g;
  const Tensor y = g.build([&] {
    const Operation count = assign(v, v + 1);
    const ControlDependencies after({count});
    return placeholder(f32, {}, "x") * 2;
  });
  const Tensor x = g.build([&] { return placeholder(f32, {}, "unused"); });
  Session s(g);
  EXPECT_THROW(s.run({y}), StateError);
  EXPECT_EQ(v.item<float>(), 0);
}

TEST(Graph, AnyTensorMayBeFed) {
  Graph g;
  const auto [x, h, y] = g.build([] {
    const Tensor in = placeholder(f32, {unknown}, "x");
    const Tensor mid = in * 2;
    return std::tuple(in, mid, mid + 1);
  });
  Session s(g);
  EXPECT_EQ(s.run({y}, {{h, tensor({5.0f})}})[0].item<float>(), 6);
  EXPECT_EQ(s.run({y, x}, {{x, tensor({5.0f})}})[0].item<float>(), 11);
}

TEST(Graph, PlansAreKeptPerShapesAndMemoryIsReused) {
  Graph g;
  const auto [x, y] = g.build([] {
    const Tensor in = placeholder(f32, {unknown, 8}, "x");
    Tensor v = in;
    for (int i = 0; i < 20; ++i) v = tanh(v) + 1;
    return std::pair(in, sum(v));
  });
  Session s(g);
  for (const std::int64_t rows : {2, 3, 2, 3, 2}) s.run({y}, {{x, zeros({rows, 8})}});
  const SessionStats stats = s.stats();
  EXPECT_EQ(stats.runs, 5);
  EXPECT_EQ(stats.plans, 2);
  EXPECT_GE(stats.in_place, 19);
  EXPECT_LE(stats.peak_bytes, 2 * 64 * 2);
  EXPECT_GE(stats.unplanned_bytes, 19 * 64);
}

TEST(Graph, PassesPruneFoldAndMerge) {
  Graph g;
  const auto [x, y] = g.build([] {
    const Tensor in = placeholder(f32, {2}, "x");
    const Tensor unused = exp(in);
    const Tensor folded = full({2}, 2) * 3;
    const Tensor a = in + folded, b = in + folded;
    return std::pair(in, a * b);
  });
  Session s(g);
  EXPECT_EQ(s.run({y}, {{x, tensor({1.0f, 2.0f})}})[0].to_vector<float>(), (Floats{49, 64}));
  EXPECT_GE(s.stats().pruned, 1);
  EXPECT_GE(s.stats().folded, 2);
  EXPECT_EQ(s.stats().merged, 1);
  EXPECT_EQ(s.stats().instructions, 2);
}

TEST(Graph, RefusesWithTheRightClass) {
  Graph g, other;
  const Tensor x = g.build([] { return placeholder(f32, {unknown, 2}, "x"); });
  const Tensor z = other.build([] { return placeholder(f32, {2}, "z"); });
  Session s(g);
  EXPECT_THROW(s.run({x}), StateError);
  EXPECT_THROW(s.run({x}, {{x, zeros({2})}}), ShapeError);
  EXPECT_THROW(s.run({x}, {{x, zeros({1, 2}, f64)}}), DtypeError);
  EXPECT_THROW(s.run({z}), GraphError);
  EXPECT_THROW(s.run({zeros({1})}), GraphError);
  EXPECT_THROW(s.run({x}, {{x, zeros({1, 2})}, {x, zeros({1, 2})}}), ValueError);
  EXPECT_THROW(g.build([&] { return x + z; }), GraphError);
  EXPECT_THROW(x.item<float>(), StateError);
  EXPECT_THROW(placeholder(f32), GraphError);
  EXPECT_THROW(g.build([&] { return x + parameter(tensor({1.0f})) * 2 + zeros({7}); }), ShapeError);
  const Tensor history = parameter(tensor({1.0f})) * 2;
  EXPECT_THROW(g.build([&] { return x + history; }), GraphError);
  g.finalize();
  EXPECT_THROW(x + 1, GraphError);
}

TEST(Graph, ErrorsOfARunNameTheNodesLine) {
  Graph g;
  const auto [x, y] = g.build([] {
    const Tensor in = placeholder(f32, Shape::unknown_rank(), "x");
    return std::pair(in, in + zeros({3}));
  });
  try {
    Session(g).run({y}, {{x, zeros({2})}});
    FAIL() << "not refused";
  } catch (const ShapeError& e) {
    EXPECT_EQ(e.where().line, static_cast<std::uint32_t>(__LINE__ - 6));
  }
}

TEST(Graph, HandlesOutliveTheGraphObject) {
  Tensor x;
  {
    Graph g;
    x = g.build([] { return placeholder(f32, {2}, "x") * parameter(tensor({1.0f, 2.0f})); });
  }
  EXPECT_EQ(name_of(x), "mul");
}

// --- control flow
// ---------------------------------------------------------------------------------------------

Tensor powers(const Tensor& x, const Tensor& k) {
  const Tensors end = while_loop([](const Tensors& v) { return v[0] < 3; },
                                 [&](const Tensors& v) -> Tensors {
                                   return {v[0] + 1, v[1] * k};
                                 },
                                 {tensor<std::int64_t>(0), x});
  return cond(
             sum(end[1]) > 10.0, [&] { return Tensors{end[1] * k}; }, [&] { return Tensors{end[1]}; })[0]
      .sum();
}

TEST(Control, BothModesAgreeOnValuesAndGradients) {
  const Tensor x = parameter(tensor({1.0f, 2.0f})), k = parameter(tensor({3.0f, 0.5f}));
  powers(x, k).backward();
  EXPECT_EQ(x.grad().to_vector<float>(), (Floats{81, 0.0625f}));
  EXPECT_EQ(k.grad().to_vector<float>(), (Floats{108, 1}));
  Graph g;
  const auto [y, d] = g.build([&] {
    const Tensor out = powers(x, k);
    return std::pair(out, gradients({out}, {x, k}));
  });
  const Tensors r = Session(g).run({y, d[0], d[1]});
  EXPECT_EQ(r[0].item<float>(), 81.125f);
  EXPECT_EQ(r[1].to_vector<float>(), x.grad().to_vector<float>());
  EXPECT_EQ(r[2].to_vector<float>(), k.grad().to_vector<float>());
}

TEST(Control, SecondDerivativeThroughALoop) {
  const Tensor k = parameter(tensor({2.0f}));
  const Tensor y = while_loop([](const Tensors& v) { return v[0] < 3; },
                              [&](const Tensors& v) -> Tensors {
                                return {v[0] + 1, v[1] * k};
                              },
                              {tensor<std::int64_t>(0), tensor({1.0f})})[1];
  const Tensor d = grad({y}, {k}, {.create_graph = true})[0];
  EXPECT_EQ(d.item<float>(), 12);
  EXPECT_EQ(grad({d}, {k})[0].item<float>(), 12);
}

TEST(Control, RefusesBodiesThatDoNotFit) {
  const Tensor x = tensor({1.0f});
  const auto forever = [](const Tensors& v) { return v[0] < 3.0; };
  EXPECT_THROW(while_loop(forever, [](const Tensors&) -> Tensors { return {}; }, {x}), ValueError);
  EXPECT_THROW(while_loop(forever,
                          [](const Tensors& v) -> Tensors {
                            return {concat({v[0], v[0]})};
                          },
                          {x}),
               ShapeError);
  EXPECT_THROW(while_loop(forever, [](const Tensors& v) -> Tensors { return {v[0].to(f64)}; }, {x}),
               DtypeError);
  EXPECT_THROW(cond(
                   x, [&] { return Tensors{x}; }, [&] { return Tensors{x}; }),
               DtypeError);
  EXPECT_THROW(cond(
                   x.sum() > 0.0, [&] { return Tensors{x}; }, [&] { return Tensors{x.to(f64)}; }),
               ValueError);
}

TEST(Control, MaximumIterationsEndsALoop) {
  const Tensors r = while_loop([](const Tensors&) { return tensor(true); },
                               [](const Tensors& v) -> Tensors { return {v[0] * 2}; }, {tensor(1.0f)}, 10);
  EXPECT_EQ(r[0].item<float>(), 1024);
}

}  // namespace
}  // namespace twofold
