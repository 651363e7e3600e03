// Sessions: what each keeps to itself.
#include <gtest/gtest.h>

#include "twofold/graph.h"
#include "twofold/ops.h"

namespace twofold {
namespace {

using Floats = std::vector<float>;

TEST(Session, KeepsDeclaredVariablesToItself) {
  Graph g;
  const Tensor v = declare(f32, {2});
  const Tensor in = g.build([] { return placeholder(f32, {2}, "in"); });
  const Operation set = g.build([&] { return assign(v, in); });
  const Tensor twice = g.build([&] { return v * 2; });
  Session a(g), b(g);
  EXPECT_THROW(a.run({twice}), StateError);
  a.run({set}, {{in, tensor({1.0f, 2.0f})}});
  EXPECT_EQ(a.run({twice})[0].to_vector<float>(), (Floats{2, 4}));
  EXPECT_THROW(b.run({twice}), StateError);
  b.run({set}, {{in, tensor({5.0f, 6.0f})}});
  EXPECT_EQ(a.run({twice})[0].to_vector<float>(), (Floats{2, 4}));
  EXPECT_EQ(b.run({twice})[0].to_vector<float>(), (Floats{10, 12}));
}

TEST(Session, HandsOutTheMemoryOfAVariable) {
  Graph g;
  const Tensor v = declare(f32, {2}), w = parameter(tensor({1.0f}));
  const auto [set, sum] = g.build([&] { return std::pair(assign(v, full({2}, 3.0)), v + w); });
  Session s(g);
  s.run({set});
  s.tensor(v).add_(1.0);
  EXPECT_EQ(s.run({sum})[0].to_vector<float>(), (Floats{5, 5}));
  EXPECT_EQ(s.tensor(w).data<float>(), w.data<float>());  // a parameter is everybody's
  EXPECT_EQ(v.to_vector<float>(), (Floats{0, 0}));        // the declaration has no value
  EXPECT_THROW(Tensor(v).add_(1.0), Error);
  EXPECT_THROW(Tensor(v).copy_(2.0), Error);
  EXPECT_THROW(v.detach().add_(1.0), Error);
  EXPECT_THROW(declare(f32, {}).fill_(1.0), Error);
  EXPECT_THROW(s.tensor(sum), GraphError);
  EXPECT_THROW(s.tensor({}), GraphError);
  EXPECT_THROW(declare(f32, {unknown}), ShapeError);
}

TEST(Session, DrawsItsOwnNumbersFromGeneratorsMadePerSession) {
  Graph g;
  const auto [own, common] = g.build([] {
    return std::pair(uniform({2}, f32, Generator::per_session(1, 2)), uniform({2}, f32, Generator(1, 2)));
  });
  Session a(g), b(g);
  const Tensors first = a.run({own, common}), second = a.run({own, common}), other = b.run({own, common});
  EXPECT_EQ(first[0].to_vector<float>(), other[0].to_vector<float>());
  EXPECT_NE(first[0].to_vector<float>(), second[0].to_vector<float>());
  EXPECT_EQ(first[0].to_vector<float>(), first[1].to_vector<float>());
  EXPECT_NE(first[1].to_vector<float>(), other[1].to_vector<float>());
}

}  // namespace
}  // namespace twofold
