// The tape: retaining, higher orders, integers, errors, and memory.
#include <gtest/gtest.h>

#include <sys/resource.h>

#include "base/memory.h"
#include "twofold/graph.h"
#include "twofold/ops.h"

namespace twofold {
namespace {

using Floats = std::vector<float>;

TEST(Autograd, BackwardTwiceNeedsRetaining) {
  const Tensor x = parameter(tensor({1.0f, 2.0f}));
  const Tensor y = (x * x).sum();
  y.backward({}, true);
  y.backward();
  EXPECT_EQ(x.grad().to_vector<float>(), (Floats{4, 8}));
  EXPECT_THROW(y.backward(), StateError);
}

TEST(Autograd, NothingSavedMayRepeat) {
  const Tensor x = parameter(tensor({1.0f, 2.0f}));
  const Tensor y = (x + 1).sum();
  y.backward();
  y.backward();
  EXPECT_EQ(x.grad().to_vector<float>(), (Floats{2, 2}));
}

TEST(Autograd, ThirdDerivativeOfACube) {
  const Tensor x = parameter(tensor({2.0f}));
  Tensor d = x * x * x;
  for (const float expected : {12.0f, 12.0f, 6.0f}) {
    d = grad({d}, {x}, {.create_graph = true})[0];
    EXPECT_EQ(d.item<float>(), expected);
  }
}

TEST(Autograd, IntegersWhenAskedFor) {
  const Tensor a = tensor<std::int64_t>({1, 2}, {1, 2}).set_requires_grad(),
               b = tensor<std::int64_t>({3, 4}, {2, 1}).set_requires_grad();
  const Tensor c = matmul(a, b);
  c.backward({}, true);
  EXPECT_EQ(c.item<std::int64_t>(), 11);
  EXPECT_EQ(a.grad().to_vector<std::int64_t>(), (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(b.grad().to_vector<std::int64_t>(), (std::vector<std::int64_t>{1, 2}));
}

TEST(Autograd, IntegersMadeFromFloatsHaveNoHistory) {
  const Tensor x = parameter(tensor({3.0f, 1.0f, 2.0f}));
  EXPECT_FALSE(x.to(i64).requires_grad());
  const Tensors sorted = sort(x);
  EXPECT_TRUE(sorted[0].requires_grad());
  EXPECT_FALSE(sorted[1].requires_grad());
  (sorted[0] * tensor({1.0f, 10.0f, 100.0f})).sum().backward();
  EXPECT_EQ(x.grad().to_vector<float>(), (std::vector<float>{100, 1, 10}));
}

TEST(Autograd, RefusesAGradientWithoutAValue) {
  const Tensor y = parameter(tensor({1.0f, 2.0f})) * 2;
  const Graph g;
  Tensor symbolic;
  {
    const Graph::Scope scope(g);
    symbolic = placeholder(f32, {2});
  }
  EXPECT_THROW(y.backward(symbolic), StateError);
}

TEST(Autograd, RefusesWithTheRightClass) {
  const Tensor x = parameter(tensor({1.0f, 2.0f})), other = parameter(tensor({1.0f}));
  EXPECT_THROW((x * 2).backward(), ValueError);
  EXPECT_THROW(tensor({1.0f}).backward(), StateError);
  EXPECT_THROW(grad({x.sum()}, {other}), ValueError);
  EXPECT_THROW((x * 2).backward(tensor({1.0f})), ShapeError);
  EXPECT_FALSE(grad({x.sum()}, {other}, {.allow_unused = true})[0].defined());
  const NoGrad off;
  EXPECT_FALSE((x * 2).requires_grad());
}

TEST(Autograd, LongChainsDoNotRecurse) {
  Tensor y = parameter(tensor({1.0f})) * 1;
  for (int i = 0; i < 200000; ++i) y = y + 0.0;
  y = Tensor();
}

TEST(Autograd, MemoryStaysFlatOver100000Steps) {
  Tensor w = parameter(tensor({0.5f, -0.5f, 0.25f, 1.0f}, {2, 2}));
  const Tensor x = tensor({1.0f, 2.0f}, {1, 2});
  auto step = [&] {
    tanh(matmul(x, w)).sum().backward();
    const NoGrad off;
    w.sub_(w.grad() * 1e-6);
    w.zero_grad();
  };
  auto peak = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  for (int i = 0; i < 1000; ++i) step();
  const auto before = peak();
  for (int i = 0; i < 100000; ++i) step();
  EXPECT_LE(peak(), before + before / 50);
}

}  // namespace
}  // namespace twofold
