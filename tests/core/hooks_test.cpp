// Hooks on gradients of eager code; tests/graph/scopes_test.cpp has those of both modes.
#include <gtest/gtest.h>

#include "twofold/ops.h"

namespace twofold {
namespace {

using Floats = std::vector<float>;

TEST(Hooks, OfALeafSeesTheSumAndMayReplaceIt) {
  const Tensor x = parameter(tensor({1.0f, 2.0f}));
  Floats seen;
  HookHandle handle = x.register_hook([&](const Tensor& g) {
    seen = g.to_vector<float>();
    return g * 10;
  });
  (x * 2 + x * 3).sum().backward();
  EXPECT_EQ(seen, (Floats{5, 5}));
  EXPECT_EQ(x.grad().to_vector<float>(), (Floats{50, 50}));
  handle.remove();
  (x * 2).sum().backward();
  EXPECT_EQ(x.grad().to_vector<float>(), (Floats{52, 52}));
}

TEST(Hooks, OfAComputedTensorChangesWhatFlowsOn) {
  const Tensor x = parameter(tensor({1.0f, 2.0f}));
  const Tensor y = x * 2;
  y.register_hook([](const Tensor& g) { return -g; });
  (y * 3 + y).sum().backward();
  EXPECT_EQ(x.grad().to_vector<float>(), (Floats{-8, -8}));
}

TEST(Hooks, GradReturnsWhatTheyMade) {
  const Tensor x = parameter(tensor({1.0f}));
  x.register_hook([](const Tensor& g) { return g * 2; });
  EXPECT_EQ(grad({(x * 3).sum()}, {x})[0].to_vector<float>(), (Floats{6}));
  EXPECT_FALSE(x.grad().defined());
}

TEST(Hooks, RefuseAnotherShapeAndTensorsWithoutGradient) {
  const Tensor x = parameter(tensor({1.0f, 2.0f}));
  x.register_hook([](const Tensor& g) { return g.sum(); });
  EXPECT_THROW((x * 1).sum().backward(), ValueError);
  EXPECT_THROW(zeros({2}).register_hook([](const Tensor& g) { return g; }), StateError);
}

}  // namespace
}  // namespace twofold
