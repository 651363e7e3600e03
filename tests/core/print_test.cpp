// Printed forms, as PyTorch prints them and as torch 0.2 did.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "twofold/ops.h"
#include "twofold/print.h"

namespace twofold {
namespace {

constexpr float inf = std::numeric_limits<float>::infinity();
const float nan = std::nanf("");

// Every test leaves the process's options as it found them.
class Print : public testing::Test {
 protected:
  ~Print() override { print_options() = before_; }

 private:
  PrintOptions before_ = print_options();
};

TEST_F(Print, LooksLikePyTorch) {
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
      {tensor({nan, inf, 1.0f}), "tensor([nan, inf, 1.])"},
      {tensor({0.0f, nan}), "tensor([0., nan])"},
      {tensor({-nan, 0.5f}), "tensor([   nan, 0.5000])"},
  };
  for (const auto& [t, text] : rows) EXPECT_EQ(to_string(t), text);
}

TEST_F(Print, ZerosAskForNoRoom) {
  const std::string line = "0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0., ";
  EXPECT_EQ(print_values(zeros({25}), 7), "[" + line + line.substr(0, line.size() - 1) + "\n        0.]");
}

TEST_F(Print, ValuesWithoutTheirWrapping) {
  EXPECT_EQ(print_values(tensor({1, 2, 3, 4}, {2, 2}), 0), "[[1, 2],\n [3, 4]]");
  EXPECT_EQ(print_values(tensor({1, 2, 3, 4}, {2, 2}), 9), "[[1, 2],\n          [3, 4]]");
  EXPECT_EQ(print_values(tensor(2.5f), 7), "2.5000");
  EXPECT_EQ(print_values(zeros({2, 0}), 7), "[]");
}

TEST_F(Print, Options) {
  print_options() = {.precision = 2};
  EXPECT_EQ(to_string(tensor({1.005f, 2.0f})), "tensor([1.00, 2.00])");
  print_options() = {.threshold = 5, .edge_items = 2};
  EXPECT_EQ(to_string(arange(0, 6)), "tensor([0, 1,  ..., 4, 5])");
  print_options() = {.line_width = 20};
  EXPECT_EQ(to_string(arange(0, 6)), "tensor([0, 1, 2, 3,\n        4, 5])");
  print_options() = {.sci_mode = 1};
  EXPECT_EQ(to_string(tensor({1.0f, 2.0f})), "tensor([1.0000e+00, 2.0000e+00])");
  print_options() = {.sci_mode = 0};
  EXPECT_EQ(to_string(tensor({1e-8f, 1.0f})), "tensor([0.0000, 1.0000])");
}

std::string legacy(const Tensor& t) { return print_legacy(t, "T"); }

TEST_F(Print, LooksLikeTorch02) {
  const std::pair<Tensor, const char*> rows[] = {
      {tensor({1, 2, 3, 4, 5, 6}, {2, 3}), "\n 1  2  3\n 4  5  6\n[T of size 2x3]\n"},
      {tensor({1.0f, 2.0f}), "\n 1\n 2\n[T of size 2]\n"},
      {tensor(3.0f), "\n 3\n[T of size 1]\n"},
      {zeros({0}), "[T with no dimension]\n"},
      {tensor({0.5f, -2.0f}), "\n 0.5000\n-2.0000\n[T of size 2]\n"},
      {tensor({100.25f, 1.0f}, {1, 2}), "\n 100.2500    1.0000\n[T of size 1x2]\n"},
      {tensor({7, 123}, {1, 2}), "\n   7  123\n[T of size 1x2]\n"},
      {tensor({true, false}), "\n 1\n 0\n[T of size 2]\n"},
      {tensor({99999, 1}, {1, 2}), "\n 99999      1\n[T of size 1x2]\n"},
      {tensor({100000, 1}, {1, 2}), "\n 1.0000e+05  1.0000e+00\n[T of size 1x2]\n"},
      {tensor({0.25f, 25000.0f}, {1, 2}), "\n 2.5000e-01  2.5000e+04\n[T of size 1x2]\n"},
      {tensor({0.0f, 0.001f, 0.5f}), "\n 0.0000\n 0.0010\n 0.5000\n[T of size 3]\n"},
      {tensor({1e-5f, 2.5e-5f}), "\n1.00000e-05 *\n  1.0000\n  2.5000\n[T of size 2]\n"},
      {tensor({1e-5f, 2.5e-5f}, {1, 2}), "\n1.00000e-05 *\n  1.0000  2.5000\n[T of size 1x2]\n"},
      {tensor({123456.5f, 654321.0f}), "\n1.00000e+05 *\n  1.2346\n  6.5432\n[T of size 2]\n"},
      {tensor({nan, -inf, 1.0f}), "\nnan\n-inf\n  1\n[T of size 3]\n"},
      {tensor({-nan}), "\nnan\n[T of size 1]\n"},
  };
  for (const auto& [t, text] : rows) EXPECT_EQ(legacy(t), text);
}

TEST_F(Print, Torch02Blocks) {
  EXPECT_EQ(legacy(reshape(arange(1, 9), {2, 2, 2})),
            "\n(0 ,.,.) = \n  1  2\n  3  4\n\n(1 ,.,.) = \n  5  6\n  7  8\n[T of size 2x2x2]\n");
  EXPECT_EQ(legacy(reshape(arange(1, 5), {2, 2, 1, 1})),
            "\n(0 ,0 ,.,.) = \n  1\n\n(0 ,1 ,.,.) = \n  2\n\n(1 ,0 ,.,.) = \n  3\n\n(1 ,1 ,.,.) = \n  4\n"
            "[T of size 2x2x1x1]\n");
  const std::string eleven = legacy(zeros({11, 1, 1}));
  EXPECT_NE(eleven.find("\n(9 ,.,.) = \n"), std::string::npos);
  EXPECT_NE(eleven.find("\n(10,.,.) = \n"), std::string::npos);
}

// From seven rows or columns on, integers stand further apart: there is room for the marks of a summary.
TEST_F(Print, Torch02WideMatrices) {
  EXPECT_EQ(legacy(reshape(arange(0, 7), {1, 7})),
            "\n    0     1     2     3     4     5     6\n[T of size 1x7]\n");
  EXPECT_EQ(legacy(reshape(arange(0, 7), {1, 1, 7})),
            "\n(0 ,.,.) = \n   0   1   2   3   4   5   6\n[T of size 1x1x7]\n");
  EXPECT_EQ(
      legacy(zeros({1, 14})),
      "\n\nColumns 0 to 12 \n    0     0     0     0     0     0     0     0     0     0     0     0     0\n"
      "\nColumns 13 to 13 \n    0\n[T of size 1x14]\n");
}

TEST_F(Print, Torch02Summaries) {
  print_options() = {.threshold = 20, .edge_items = 2};
  EXPECT_EQ(legacy(arange(0, 20)), "\n  0\n  1\n ⋮ \n 18\n 19\n[T of size 20]\n");
  EXPECT_EQ(legacy(reshape(arange(0, 25), {5, 5})),
            "\n    0     1  ...      3     4\n    5     6  ...      8     9\n    ...       ⋱       ...    \n"
            "   15    16  ...     18    19\n   20    21  ...     23    24\n[T of size 5x5]\n");
  EXPECT_EQ(legacy(reshape(arange(0, 20), {10, 2})),
            "\n    0     1\n    2     3\n     ⋮      \n   16    17\n   18    19\n[T of size 10x2]\n");
  EXPECT_EQ(legacy(reshape(arange(0, 24), {2, 6, 1, 2})),
            "\n(0 ,0 ,.,.) = \n   0   1\n\n(0 ,1 ,.,.) = \n   2   3\n   ...\n"
            "\n(0 ,4 ,.,.) = \n   8   9\n\n(0 ,5 ,.,.) = \n  10  11\n     ⋮ \n"
            "\n(1 ,0 ,.,.) = \n  12  13\n\n(1 ,1 ,.,.) = \n  14  15\n   ...\n"
            "\n(1 ,4 ,.,.) = \n  20  21\n\n(1 ,5 ,.,.) = \n  22  23\n[T of size 2x6x1x2]\n");
}

}  // namespace
}  // namespace twofold
