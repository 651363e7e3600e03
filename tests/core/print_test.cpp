// Printed forms, as PyTorch prints them.
#include <gtest/gtest.h>

#include "twofold/ops.h"

namespace twofold {
namespace {

TEST(Print, LooksLikePyTorch) {
  const std::pair<Tensor, const char*> rows[] = {
      {tensor({1.0f, 2.0f}), "tensor([1., 2.])"},
      {tensor({1.5f, -2.0f}), "tensor([ 1.5000, -2.0000])"},
      {tensor({1, 2, 3, 4}, {2, 2}), "tensor([[1, 2],\n        [3, 4]], dtype=torch.int32)"},
      {tensor<std::int64_t>({1, 10}), "tensor([ 1, 10])"},
      {tensor(3.0f), "tensor(3.)"},
      {tensor({1e-8f, 1.0f}), "tensor([1.0000e-08, 1.0000e+00])"},
      {tensor({true, false}), "tensor([ True, False])"},
      {zeros({0, 3}), "tensor([], size=(0, 3))"},
      {zeros({2, 1, 2}), "tensor([[[0., 0.]],\n\n        [[0., 0.]]])"},
      {tensor({1.0, 2.0}), "tensor([1., 2.], dtype=torch.float64)"},
      {parameter(tensor({1.0f})), "tensor([1.], requires_grad=True)"},
      {arange(0, 1001), "tensor([   0,    1,    2,  ...,  998,  999, 1000])"},
  };
  for (const auto& [t, text] : rows) EXPECT_EQ(to_string(t), text);
}

}  // namespace
}  // namespace twofold
