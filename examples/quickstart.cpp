// The same loss, the same optimiser, trained first define-by-run and then define-and-run.
#include <cstdio>

#include "twofold/twofold.h"

namespace tw = twofold;

static tw::Tensor loss(const tw::Tensor& x, const tw::Tensor& y, const tw::Tensor& w, const tw::Tensor& b) {
  const tw::Tensor error = tw::matmul(x, w) + b - y;  // written once, runs both ways
  return tw::mean(error * error);
}

int main() {
  const tw::Tensor x = tw::normal({100, 3}, tw::f32, tw::Generator(1));
  const tw::Tensor y = tw::matmul(x, tw::tensor<float>({2, -1, 0.5f}, {3, 1})) + 4;

  // Define-by-run: values at once, backward() when you like.
  tw::Tensor w = tw::parameter(tw::zeros({3, 1})), b = tw::parameter(tw::zeros({1}));
  tw::optim::SGD sgd({w, b}, 0.1);
  for (int step = 0; step < 50; ++step) {
    const tw::Tensor l = loss(x, y, w, b);
    l.backward();
    sgd.step();
    sgd.zero_grad();
  }
  std::printf("eager: loss %.9g\n%s\n", loss(x, y, w, b).item<float>(), to_string(w.t()).c_str());

  // Define-and-run: a graph of the same function over the same kind of parameters, compiled once.
  tw::Tensor v = tw::parameter(tw::zeros({3, 1})), c = tw::parameter(tw::zeros({1}));
  tw::optim::SGD sgd2({v, c}, 0.1);
  tw::Graph g;
  auto [px, py, l, train] = g.build([&] {
    auto in = tw::placeholder(tw::f32, {tw::unknown, 3}, "x"),
         target = tw::placeholder(tw::f32, {tw::unknown, 1}, "y");
    auto value = loss(in, target, v, c);
    return std::tuple(in, target, value, sgd2.minimize(value));
  });
  tw::Session session(g);
  for (int step = 0; step < 50; ++step) session.run({train}, {{px, x}, {py, y}});
  std::printf("graph: loss %.9g\n%s\n", session.run({l}, {{px, x}, {py, y}})[0].item<float>(),
              to_string(v.t()).c_str());
  std::printf("the weights are %s\n",
              w.to_vector<float>() == v.to_vector<float>() ? "equal, bit for bit" : "different");
}
