// Hooks on gradients, and functions whose derivative the user wrote.
#include <gtest/gtest.h>

#include "core/custom.h"
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

struct Twice final : core::Custom {
  Tensors backward(const Tensors& g) override { return {g[0] * 2}; }
};
struct Wrong final : core::Custom {
  Tensors backward(const Tensors&) override { return {}; }
};

Tensor custom(const Tensor& x, std::shared_ptr<core::Custom> function) {
  const Tensor out = (x * 2).detach();
  core::Impl* in[] = {x.impl()};
  core::record_custom(in, {&out, 1}, std::move(function), {});
  return out;
}

TEST(Custom, HasTheDerivativeThatTheUserWrote) {
  const Tensor x = parameter(tensor({1.0f, 2.0f}));
  (custom(x, std::make_shared<Twice>()) * 5).sum().backward();
  EXPECT_EQ(x.grad().to_vector<float>(), (Floats{10, 10}));
  EXPECT_THROW(custom(x, std::make_shared<Wrong>()).sum().backward(), ValueError);
  EXPECT_TRUE(custom(zeros({2}), std::make_shared<Twice>()).is_leaf());
}

}  // namespace
}  // namespace twofold
