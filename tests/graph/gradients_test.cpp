// What the fuzzer found: gradients that one mode gave, or refused, and the other did not.
#include <gtest/gtest.h>

#include <functional>

#include "twofold/graph.h"
#include "twofold/ops.h"

namespace twofold {
namespace {

// The gradient of y for x: grad() of an eager program, gradients() of a graph.
using Differentiate = std::function<Tensor(const Tensor& y, const Tensor& x)>;
// A program over a tensor that requires a gradient.
using Program = std::function<Tensor(const Tensor& x, const Differentiate& d)>;

Tensor eagerly(const Program& program, const Tensor& value) {
  const Tensor x = parameter(value);
  return program(identity(x), [](const Tensor& y, const Tensor& of) {
    return grad({y}, {of}, {.create_graph = true, .allow_unused = true})[0];
  });
}

Tensor in_a_graph(const Program& program, const Tensor& value) {
  Graph g;
  const auto [x, out] = g.build([&] {
    const Tensor in = placeholder(value.dtype(), value.shape());
    return std::tuple(in,
                      program(in, [](const Tensor& y, const Tensor& of) { return gradients({y}, {of})[0]; }));
  });
  return out.defined() ? Session(g).run({out}, {{x, value}})[0] : Tensor();
}

void expect_one_answer(const Program& program, const Tensor& value) {
  const Tensor a = eagerly(program, value), b = in_a_graph(program, value);
  ASSERT_EQ(a.defined(), b.defined());
  if (!a.defined()) return;
  EXPECT_EQ(a.to(f64).item<double>(), b.to(f64).item<double>());
}

TEST(GradientsOfBothModes, WhatNoGradientIsAskedForMayBeEdited) {
  expect_one_answer(
      [](const Tensor& x, const Differentiate& d) {
        const Tensor root = sqrt(x);
        Tensor y = root / x;  // for x it needs y, for root it does not
        y.sub_(x);
        return d(y, root);
      },
      tensor({2.0f}).to(f16));
}

TEST(GradientsOfBothModes, IntegersMadeFromFloatsHaveNoHistory) {
  expect_one_answer(
      [](const Tensor& x, const Differentiate& d) {
        Tensor y = fmod(x, cast(x, i8));
        y.copy_(y);
        return d(y, x);
      },
      tensor({2.5f}));
}

TEST(GradientsOfBothModes, AGradientDividedInPlaceAndDifferentiatedForItself) {
  expect_one_answer(
      [](const Tensor& x, const Differentiate& d) {
        Tensor first = d(x, x);
        first.div_(x);
        return d(d(first, x), first);
      },
      tensor({2.0f}));
}

}  // namespace
}  // namespace twofold
