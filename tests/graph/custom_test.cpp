// Functions whose derivative the user wrote, in both modes.
#include <gtest/gtest.h>

#include "twofold/control.h"
#include "twofold/function.h"
#include "twofold/graph.h"
#include "twofold/ops.h"

namespace twofold {
namespace {

using Floats = std::vector<float>;
using Function = std::function<Tensor(const Tensor&)>;

// f(x), its gradient and the gradient of that, computed at once and by a graph.
std::vector<std::vector<Floats>> in_both_modes(const Function& f, const Floats& at) {
  const Tensor value = tensor(at, {static_cast<std::int64_t>(at.size())});
  const Tensor leaf = parameter(value);
  const Tensor y = f(leaf);
  const Tensor first = grad({sum(y)}, {leaf}, {.create_graph = true})[0];
  std::vector<Floats> eager{y.detach().to_vector<float>(), first.detach().to_vector<float>()};
  Graph g;
  const auto [x, all] = g.build([&] {
    const Tensor in = placeholder(f32, {unknown});
    const Tensor out = f(in);
    const Tensor d = gradients({sum(out)}, {in})[0];
    return std::pair(in, Tensors{out, d, gradients({sum(d)}, {in})[0]});
  });
  std::vector<Floats> graph;
  for (const Tensor& t : all)
    graph.push_back(t.defined() ? Session(g).run({t}, {{x, value}})[0].to_vector<float>() : Floats{});
  eager.push_back(first.requires_grad()
                      ? grad({sum(first)}, {leaf}, {.allow_unused = true})[0].to_vector<float>()
                      : Floats{});
  return {eager, graph};
}

Tensor one(const Tensor& x, const Function& forward, std::function<Tensor(const CustomCall&)> backward) {
  return custom_function(
      {x}, [&](const Tensors& in) { return Tensors{forward(in[0])}; },
      [backward](const CustomCall& c) { return Tensors{backward(c)}; })[0];
}

struct Row {
  const char* what;
  Function f;
  Floats at, value, first, second;
};
const Row rows[] = {
    {"straight through a step",
     [](const Tensor& x) {
       return one(
           x, [](const Tensor& v) { return cast(v > 0, f32); },
           [](const CustomCall& c) { return c.gradients[0]; });
     },
     {-1, 2},
     {0, 1},
     {1, 1},
     {}},
    {"reversed",
     [](const Tensor& x) {
       return one(
                  x, [](const Tensor& v) { return v * 1; },
                  [](const CustomCall& c) { return -c.gradients[0]; }) *
              x;
     },
     {3, 2},
     {9, 4},
     {0, 0},
     {-2, -2}},
    {"by its output, twice differentiable",
     [](const Tensor& x) {
       return one(
           x, [](const Tensor& v) { return v * v * v; },
           [](const CustomCall& c) { return c.gradients[0] * c.outputs[0] * 2; });
     },
     {2, 1},
     {8, 1},
     {16, 2},
     {32, 4}},
    {"by its input, twice differentiable",
     [](const Tensor& x) {
       return one(
           x, [](const Tensor& v) { return v * v; },
           [](const CustomCall& c) { return c.gradients[0] * c.inputs[0] * 2; });
     },
     {2, 3},
     {4, 9},
     {4, 6},
     {2, 2}},
    {"of several inputs and outputs, one without gradient",
     [](const Tensor& x) {
       const Tensors out = custom_function(
           {x, x * 2},
           [](const Tensors& in) {
             return Tensors{in[0] + in[1], in[0] > 0, in[0] * in[1]};
           },
           [](const CustomCall& c) {
             EXPECT_FALSE(c.gradients[2].defined());
             return Tensors{{}, c.gradients[0] * 10};
           });
       return out[0] * where(out[1], tensor(1.0f), tensor(0.0f));
     },
     {1, -1},
     {3, 0},
     {20, 0},
     {}},
    {"which gives its input back",
     [](const Tensor& x) {
       return one(
           x, [](const Tensor& v) { return v; }, [](const CustomCall& c) { return c.gradients[0] * 5; });
     },
     {1, 2},
     {1, 2},
     {5, 5},
     {}},
    {"with a constant gradient that broadcast",
     [](const Tensor& x) {
       return one(
           x, [](const Tensor& v) { return v * 1; },
           [](const CustomCall&) {
             return tensor({1.0f, 2.0f, 3.0f, 4.0f}, {2, 2});
           });
     },
     {1, 2},
     {1, 2},
     {4, 6},
     {}},
    {"in a branch",
     [](const Tensor& x) {
       return cond(
           sum(x) > 0,
           [&] {
             return Tensors{one(
                 x, [](const Tensor& v) { return v * v; },
                 [](const CustomCall& c) { return c.gradients[0] * c.inputs[0] * 20; })};
           },
           [&] { return Tensors{x}; })[0];
     },
     {2, 3},
     {4, 9},
     {40, 60},
     {20, 20}},
    {"in a loop",
     [](const Tensor& x) {
       return while_loop([](const Tensors& v) { return v[0] < 3; },
                         [](const Tensors& v) {
                           return Tensors{v[0] + 1,
                                          one(
                                              v[1], [](const Tensor& t) { return t * 2; },
                                              [](const CustomCall& c) { return c.gradients[0] * 10; })};
                         },
                         {tensor(std::int64_t{0}), x})[1];
     },
     {1, 2},
     {8, 16},
     {1000, 1000},
     {}},
};

TEST(Custom, HasTheDerivativeThatTheUserWroteInBothModes) {
  for (const Row& row : rows)
    for (const auto& got : in_both_modes(row.f, row.at)) {
      EXPECT_EQ(got[0], row.value) << row.what;
      EXPECT_EQ(got[1], row.first) << row.what;
      const Floats none(row.at.size(), 0.0f);
      EXPECT_TRUE(got[2] == row.second || (row.second.empty() && (got[2].empty() || got[2] == none)))
          << row.what;
    }
}

TEST(Custom, RefusesGradientsThatDoNotFit) {
  const auto wrong = [](Tensors gradients) {
    return [=](const Tensor& x) {
      return custom_function(
          {x}, [](const Tensors& in) { return Tensors{in[0] * 1}; },
          [=](const CustomCall&) { return gradients; })[0];
    };
  };
  EXPECT_THROW(in_both_modes(wrong({}), {1, 2}), ValueError);
  EXPECT_THROW(in_both_modes(wrong({full({7}, 1.0)}), {1, 2}), ShapeError);
  Graph g;
  g.build([&] {
    const Tensor x = placeholder(f32, {2});
    EXPECT_THROW(gradients({sum(wrong({})(x))}, {x}), ValueError);
    EXPECT_THROW(gradients({sum(wrong({full({7}, 1.0)})(x))}, {x}), ShapeError);
    return 0;
  });
}

TEST(Custom, WhatItKeepsMustStayUnedited) {
  const auto f = [](const Tensor& x) {
    return one(
        x, [](const Tensor& v) { return v * 2; }, [](const CustomCall& c) { return c.gradients[0] * 2; });
  };
  const Tensor x = parameter(tensor({1.0f, 2.0f}));
  const Tensor doubled = x * 1;
  const Tensor y = f(doubled);
  Tensor edited = doubled.detach();
  edited.add_(1);
  EXPECT_THROW(sum(y).backward(), StateError);
}

TEST(Custom, WithoutAGradientItIsAPlainCall) {
  const Tensor x = full({2}, 1.0);
  const auto never = [](const CustomCall&) -> Tensor { throw std::logic_error("called"); };
  EXPECT_TRUE(one(
                  x, [](const Tensor& v) { return v * 2; }, never)
                  .is_leaf());
  const Tensor p = parameter(x);
  const NoGrad off;
  EXPECT_FALSE(one(
                   p, [](const Tensor& v) { return v * 2; }, never)
                   .requires_grad());
}

TEST(Custom, AFunctionThatKnowsItsGraphDoesNotKeepIt) {
  const auto counted = std::make_shared<int>();
  {
    Graph g;
    g.build([&] {
      const Tensor x = placeholder(f32, {2});
      const auto f = [&](const Tensor& v) {
        return one(
            v, [](const Tensor& t) { return t * 2; },
            [x, counted](const CustomCall& c) { return c.gradients[0] * x; });
      };
      f(x);
      cond(
          sum(x) > 0, [&] { return Tensors{f(x)}; }, [&] { return Tensors{x}; });
      return 0;
    });
    EXPECT_GT(counted.use_count(), 1);
  }
  EXPECT_EQ(counted.use_count(), 1);
}

}  // namespace
}  // namespace twofold
