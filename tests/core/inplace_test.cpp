// In-place operations: values through views, history, and what is refused.
#include <gtest/gtest.h>

#include "base/memory.h"
#include "twofold/ops.h"

namespace twofold {
namespace {

using Floats = std::vector<float>;

TEST(InPlace, IsSeenThroughEveryAlias) {
  Tensor base = zeros({2, 3});
  Tensor row = select(base, 0, 1), column = slice(base, 1, 0, 1);
  row.add_(2.0);
  column.fill_(7);
  EXPECT_EQ(base.to_vector<float>(), (Floats{7, 0, 0, 7, 2, 2}));
  EXPECT_EQ(row.to_vector<float>(), (Floats{7, 2, 2}));
  EXPECT_EQ(base.version(), 2u);
}

TEST(InPlace, IsSeenThroughViewsOfHalves) {
  const Tensor base = zeros({2, 2}, f16);
  reshape(base, {4}).add_(1.0);
  select(transpose(base), 0, 1).mul_(3.0);
  EXPECT_EQ(base.to(f32).to_vector<float>(), (Floats{1, 3, 1, 3}));
}

TEST(InPlace, OverlappingSourceIsReadFirst) {
  Tensor x = tensor({1.0f, 2.0f, 3.0f, 4.0f});
  slice(x, 0, 1).copy_(slice(x, 0, 0, 3));
  EXPECT_EQ(x.to_vector<float>(), (Floats{1, 1, 2, 3}));
}

TEST(InPlace, GradientFlowsThroughAWrittenView) {
  const Tensor x = parameter(tensor({1.0f, 2.0f, 3.0f})), y = parameter(tensor({10.0f}));
  Tensor h = x * 1;
  slice(h, 0, 1, 2).mul_(y);
  (h * h).sum().backward();
  EXPECT_EQ(x.grad().to_vector<float>(), (Floats{2, 400, 6}));
  EXPECT_EQ(y.grad().to_vector<float>(), (Floats{80}));
}

TEST(InPlace, AViewTakenBeforeAWriteHasTheNewHistory) {
  const Tensor w = parameter(tensor({2.0f, 5.0f}));
  Tensor base = zeros({2});
  const Tensor view = slice(base, 0, 1);
  base.add_(w);
  EXPECT_TRUE(view.requires_grad());
  EXPECT_FALSE(view.is_leaf());
  view.sum().backward();
  EXPECT_EQ(w.grad().to_vector<float>(), (Floats{0, 1}));
}

TEST(InPlace, ATensorTimesItselfIsDifferentiable) {
  const Tensor w = parameter(tensor({3.0f}));
  Tensor x = w * 1;
  x.mul_(x);
  x.sum().backward();
  EXPECT_EQ(w.grad().to_vector<float>(), (Floats{6}));
}

TEST(InPlace, RefusesWhatWouldBeWrong) {
  Tensor leaf = parameter(tensor({1.0f}));
  EXPECT_THROW(leaf.add_(1.0), StateError);
  EXPECT_THROW(select(leaf, 0, 0).add_(1.0), StateError);
  Tensor integers = tensor({1, 2});
  EXPECT_THROW(integers.add_(1.5), DtypeError);
  Tensor two = zeros({2});
  EXPECT_THROW(two.add_(zeros({3, 2})), ShapeError);
  Tensor wide = expand(zeros({1}), {3});
  EXPECT_THROW(wide.add_(1.0), StateError);
}

TEST(InPlace, AnEditedSavedValueIsNamedWithItsLine) {
  const Tensor x = parameter(tensor({1.0f, 2.0f}));
  Tensor y = x * 1;
  const Tensor z = y * y;
  y.add_(1.0);
  try {
    z.sum().backward();
    FAIL() << "not refused";
  } catch (const StateError& e) {
    const std::string line = "inplace_test.cpp:" + std::to_string(__LINE__ - 5);
    EXPECT_NE(std::string(e.what()).find(line), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace twofold
