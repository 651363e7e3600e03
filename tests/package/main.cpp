// A user's program: one function, run both ways, with equal bits.
#include <cstdio>

#include <twofold/twofold.h>

namespace tw = twofold;

int main() {
  const tw::Tensor w = tw::parameter(tw::tensor({0.5f, -1.0f, 2.0f, 1.0f}, {2, 2}));
  const tw::Tensor x = tw::tensor({1.0f, 2.0f}, {1, 2});
  auto loss = [&w](const tw::Tensor& in) { return tw::sum(tw::tanh(tw::matmul(in, w))); };

  const tw::Tensor eager = loss(x);
  eager.backward();

  tw::Graph g;
  const auto [in, out] = g.build([&] {
    const tw::Tensor in = tw::placeholder(tw::f32, {tw::unknown, 2}, "x");
    return std::pair(in, loss(in));
  });
  const tw::Tensor graph = tw::Session(g).run({out}, {{in, x}})[0];

  std::printf("eager %a, graph %a\n", eager.item<float>(), graph.item<float>());
  return eager.item<float>() == graph.item<float>() ? 0 : 1;
}
