// Hooks, device scopes and collections: what both modes have, in both modes.
#include <gtest/gtest.h>

#include "twofold/collections.h"
#include "twofold/control.h"
#include "twofold/graph.h"
#include "twofold/ops.h"

namespace twofold {
namespace {

using Floats = std::vector<float>;

// The gradient of f at x, computed at once and by a graph.
std::vector<Floats> gradient_in_both_modes(const std::function<Tensor(const Tensor&)>& f, const Floats& at) {
  const Tensor value = tensor(at, {2});
  const Tensor leaf = parameter(value);
  f(leaf).sum().backward();
  Graph g;
  const auto [x, d] = g.build([&] {
    const Tensor in = placeholder(f32, {2});
    return std::pair(in, gradients({sum(f(in))}, {in})[0]);
  });
  return {leaf.grad().to_vector<float>(), Session(g).run({d}, {{x, value}})[0].to_vector<float>()};
}

TEST(Scopes, HooksChangeTheGradientInBothModes) {
  struct Row {
    const char* what;
    std::function<Tensor(const Tensor&)> f;
    Floats expected;
  };
  const Row rows[] = {
      {"of the input, once for the sum of all that arrives",
       [](const Tensor& x) {
         x.register_hook([](const Tensor& g) { return g * g; });
         return x * 2 + x * 3;
       },
       {25, 25}},
      {"of a computed tensor, before what made it",
       [](const Tensor& x) {
         const Tensor y = x * 2;
         y.register_hook([](const Tensor& g) { return -g; });
         return y * 3 + y;
       },
       {-8, -8}},
      {"in order, and none where one gives nothing",
       [](const Tensor& x) {
         const Tensor y = x * 1;
         y.register_hook([](const Tensor& g) { return g + 1; });
         y.register_hook([](const Tensor&) { return Tensor(); });
         y.register_hook([](const Tensor& g) { return g * 10; });
         return y;
       },
       {20, 20}},
      {"not when removed",
       [](const Tensor& x) {
         x.register_hook([](const Tensor& g) { return g * 100; }).remove();
         return x * 2;
       },
       {2, 2}},
      {"a constant in the gradient's place",
       [](const Tensor& x) {
         const Tensor y = x * 2;
         y.register_hook([](const Tensor&) { return tensor({1.0f, 5.0f}); });
         return y;
       },
       {2, 10}},
      {"of a branch's tensor",
       [](const Tensor& x) {
         return cond(
             sum(x) > 0,
             [&] {
               const Tensor y = x * 2;
               y.register_hook([](const Tensor& g) { return g * 7; });
               return Tensors{y};
             },
             [&] { return Tensors{x}; })[0];
       },
       {14, 14}},
  };
  for (const Row& row : rows)
    for (const Floats& got : gradient_in_both_modes(row.f, {1, 2})) EXPECT_EQ(got, row.expected) << row.what;
}

TEST(Scopes, HooksOfAVariableServeTheGraphsThatReadIt) {
  Tensor w = parameter(tensor({1.0f, 2.0f}));
  HookHandle handle = w.register_hook([](const Tensor& g) { return g * 10; });
  Graph g;
  const Tensor d = g.build([&] { return gradients({sum(w * w + w)}, {w})[0]; });
  EXPECT_EQ(Session(g).run({d})[0].to_vector<float>(), (Floats{30, 50}));
  sum(w * w + w).backward();
  EXPECT_EQ(w.grad().to_vector<float>(), (Floats{30, 50}));
}

TEST(Scopes, AHookOfATruthIsRefusedInAGraphToo) {
  Graph g;
  g.build([] {
    const Tensor x = placeholder(f32, {2});
    EXPECT_THROW((x > 0).register_hook([](const Tensor& d) { return d; }), StateError);
    return 0;
  });
}

TEST(Scopes, AHookThatKnowsItsGraphDoesNotKeepIt) {
  const auto counted = std::make_shared<int>();
  const auto before = counted.use_count();
  {
    Graph g;
    g.build([&] {
      const Tensor x = placeholder(f32, {2});
      x.register_hook([x, counted](const Tensor& d) { return d * x; });
      add_to_collection("inputs", x);
      return 0;
    });
  }
  EXPECT_EQ(counted.use_count(), before);
}

struct DeviceRow {
  const char* name;
  bool valid, present;
};
constexpr DeviceRow devices[] = {
    {"", true, true},
    {"cpu", true, true},
    {"cpu:0", true, true},
    {"/cpu:0", true, true},
    {"/device:CPU:0", true, true},
    {"/device:CPU:*", true, true},
    {"/job:localhost/replica:0/task:0/device:CPU:0", true, true},
    {"/job:localhost", true, true},
    {"cpu:1", true, false},
    {"cuda", true, false},
    {"cuda:0", true, false},
    {"/gpu:0", true, false},
    {"/device:GPU:1", true, false},
    {"/job:ps/task:0", true, false},
    {"/job:localhost/task:1/cpu:0", true, false},
    {"abacus", false, false},
    {"cpu:x", false, false},
    {"cpu:-1", false, false},
    {"/device:", false, false},
    {"/job:", false, false},
    {"//", false, false},
    {"cpu:99999999999999999999", false, false},
};

TEST(Scopes, DevicesInBothModes) {
  for (const DeviceRow& d : devices) {
    const auto eager = [&] { return DeviceScope(d.name), full({2}, 1.0) + 1; };
    Graph g;
    const auto build = [&] {
      return g.build([&] {
        const DeviceScope scope(d.name);
        return named(tensor({1.0f}) + 1, "y");
      });
    };
    if (!d.valid) {
      EXPECT_THROW(eager(), ValueError) << d.name;
      EXPECT_THROW(build(), ValueError) << d.name;
      continue;
    }
    const Tensor y = build();
    EXPECT_EQ(device_of(y), d.name);
    EXPECT_EQ(Session(g, {.soft_placement = true}).run({y})[0].item<float>(), 2) << d.name;
    if (d.present) {
      EXPECT_EQ(eager().to_vector<float>(), (Floats{2, 2})) << d.name;
      EXPECT_EQ(Session(g).run({y})[0].item<float>(), 2) << d.name;
    } else {
      EXPECT_THROW(eager(), StateError) << d.name;
      EXPECT_THROW(Session(g).run({y}), GraphError) << d.name;
    }
  }
}

TEST(Scopes, ADeviceCountsOnlyWhereARunNeedsTheNode) {
  Graph g;
  const auto [a, b, c] = g.build([] {
    const Tensor x = placeholder(f32, {2}, "x");
    const Tensor plain = x + 1;
    const Tensor inside = cond(
        sum(x) > 0,
        [&] {
          const DeviceScope scope("/gpu:0");
          return Tensors{x * 2};
        },
        [&] { return Tensors{x}; })[0];
    return std::tuple(x, plain, inside);
  });
  const Tensor value = tensor({1.0f, 2.0f});
  EXPECT_EQ(Session(g).run({b}, {{a, value}})[0].to_vector<float>(), (Floats{2, 3}));
  EXPECT_THROW(Session(g).run({c}, {{a, value}}), GraphError);
  EXPECT_EQ(Session(g, {.soft_placement = true}).run({c}, {{a, value}})[0].to_vector<float>(),
            (Floats{2, 4}));
}

TEST(Scopes, CollectionsInBothModes) {
  const auto fill = [] {
    add_to_collection("losses", full({}, 1.0));
    add_to_collection("weights", full({2}, 2.0));
    add_to_collection("losses", full({}, 3.0));
    return add_n(collection("losses"));
  };
  EXPECT_THROW(fill(), StateError);
  EXPECT_TRUE(collection("losses").empty());
  {
    const CollectionScope outer;
    EXPECT_EQ(fill().item<float>(), 4);
    {
      const CollectionScope inner;
      EXPECT_TRUE(collection_names().empty());
    }
    EXPECT_EQ(collection_names(), (std::vector<std::string>{"losses", "weights"}));
    Graph g;
    const Tensor total = g.build([&] { return fill(); });
    EXPECT_EQ(Session(g).run({total})[0].item<float>(), 4);
    EXPECT_EQ(g.build([] { return collection("losses").size(); }), 2u);
    EXPECT_EQ(collection("losses").size(), 2u);
  }
  EXPECT_TRUE(collection_names().empty());
}

}  // namespace
}  // namespace twofold
