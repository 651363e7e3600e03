// Sample values: what a graph shows of itself while it is built.
#include "twofold/samples.h"

#include <gtest/gtest.h>

#include "twofold/ops.h"

namespace twofold {
namespace {

using Floats = std::vector<float>;

TEST(SampleValues, GiveWhatASessionGives) {
  Graph g;
  const Tensor x = g.build([] { return placeholder(f32, {unknown}, "x"); });
  const Tensor batch = tensor({1.0f, 2.0f, 3.0f}), w = parameter(tensor({2.0f}));
  const Tensor y = g.build([&] { return dropout(exp(x) * w, 0.5); });
  const Tensor sampled = SampleValues(g, {{x, batch}})(y);
  EXPECT_EQ(sampled.to_vector<float>(), Session(g).run({y}, {{x, batch}})[0].to_vector<float>());
}

TEST(SampleValues, LeaveDrawsAndVariablesAsTheyWere) {
  const auto drawn = [](bool look) {
    Tensor v = buffer(tensor({1.0f}));
    Graph g;
    const auto [noise, after] = g.build([&] {
      const Tensor n = uniform({2}, f32, Generator(3));
      v.add_(1.0);
      return std::pair(n, v * 1);
    });
    if (look) {
      const SampleValues samples(g, {});
      samples(noise), samples(noise);
      EXPECT_EQ(samples(after).to_vector<float>(), (Floats{2}));
      EXPECT_EQ(v.to_vector<float>(), (Floats{1}));
    }
    Session s(g);
    Floats all = s.run({noise})[0].to_vector<float>();
    all.push_back(s.run({after})[0].to_vector<float>()[0]);
    return all;
  };
  EXPECT_EQ(drawn(true), drawn(false));
}

TEST(SampleValues, AreMissingWithoutASample) {
  Graph g;
  const auto [x, y] = g.build([] {
    const Tensor in = placeholder(f32, {2}, "x");
    return std::pair(in, in + 1);
  });
  EXPECT_FALSE(SampleValues(g, {})(y).defined());
  EXPECT_FALSE(SampleValues(g, {})(g.build([] { return declare(f32, {}) + 1; })).defined());
  EXPECT_THROW(SampleValues(g, {{x, tensor({1.0f})}}), ShapeError);
  EXPECT_THROW(SampleValues(g, {{x, Tensor()}}), ValueError);
  EXPECT_THROW(SampleValues(g, {{tensor(1.0f), tensor(1.0f)}}), GraphError);
  EXPECT_THROW(SampleValues(g, {})(tensor(1.0f)), GraphError);
}

TEST(SampleValues, ShowAMistakeAtItsLine) {
  Graph g;
  const Tensor x = g.build([] { return placeholder(f32, Shape::unknown_rank(), "x"); });
  const SampleValues samples(g, {{x, tensor({1.0f, 2.0f})}});
  g.build([&] { return x + tensor({1.0f, 2.0f, 3.0f}); });
  try {
    samples.compute_new();
    FAIL();
  } catch (const ShapeError& e) {
    EXPECT_NE(std::string(e.what()).find("samples_test.cpp:" + std::to_string(__LINE__ - 5)),
              std::string::npos)
        << e.what();
  }
}

}  // namespace
}  // namespace twofold
