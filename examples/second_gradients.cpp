// Gradients of gradients: a network that learns y = x0 * x1 and, with it, to have that function's slopes (x1,
// x0).
//
// The loss holds the network's derivative by its inputs, so training differentiates a derivative:
// define-by-run, or with the argument `graph` define-and-run. Its twins,
// examples/python/second_gradients_torch.py and second_gradients_tensorflow.py, print the same numbers.
#include <cstdio>
#include <functional>
#include <string_view>

#include "twofold/twofold.h"

namespace tw = twofold;

static constexpr std::int64_t width = 16;

// Numbers in [-0.5, 0.5] that any language makes alike.
static tw::Tensor spread(std::int64_t in, std::int64_t out) {
  std::vector<float> values;
  for (std::int64_t k = 0; k < in * out; ++k)
    values.push_back(static_cast<float>(static_cast<double>(k * 7919 % 1000 - 500) / 1000));
  return tw::parameter(tw::tensor(values, {in, out}));
}

// A grid of 9 by 9 points in [-1, 1].
static tw::Tensor grid() {
  std::vector<float> values;
  for (int i = -4; i <= 4; ++i)
    for (int j = -4; j <= 4; ++j)
      values.insert(values.end(), {0.25f * static_cast<float>(i), 0.25f * static_cast<float>(j)});
  return tw::tensor(values, {81, 2});
}

// The derivative of sum(y) by x, which can be differentiated again: the one thing that is spelled
// differently.
static tw::Tensor derivative(const tw::Tensor& y, const tw::Tensor& x) {
  return y.symbolic() ? tw::gradients({y}, {x})[0] : tw::grad({y.sum()}, {x}, {.create_graph = true})[0];
}

struct Net {
  tw::Tensor w1 = spread(2, width), b1 = spread(1, width), w2 = spread(width, width), b2 = spread(1, width),
             w3 = spread(width, 1);

  tw::Tensor operator()(const tw::Tensor& x) const {
    const tw::Tensor hidden = tw::tanh(tw::matmul(x, w1) + b1);
    return tw::matmul(tw::tanh(tw::matmul(hidden, w2) + b2), w3);
  }
};

// The mean squared errors of the values and of the slopes.
static tw::Tensors losses(const Net& net, const tw::Tensor& x) {
  const tw::Tensor y = tw::slice(x, 1, 0, 1) * tw::slice(x, 1, 1, 2), slopes = tw::flip(x, {1});
  const tw::Tensor z = net(x);
  const tw::Tensor dz = derivative(z, x);
  const tw::Tensor value = tw::mean(tw::square(z - y));
  return {value, tw::mean(tw::square(dz - slopes))};
}

static std::function<tw::Tensors()> by_run(const Net& net, tw::optim::SGD& sgd) {
  return [&, x = tw::parameter(grid())] {
    const tw::Tensors errors = losses(net, x);
    const tw::Tensor loss = errors[0] + errors[1];
    sgd.zero_grad();
    loss.backward();
    sgd.step();
    return errors;
  };
}

static std::function<tw::Tensors()> in_graph(const Net& net, tw::optim::SGD& sgd) {
  tw::Graph graph;
  const auto [x, errors, train] = graph.build([&] {
    const tw::Tensor in = tw::placeholder(tw::f32, {tw::unknown, 2}, "x");
    const tw::Tensors made = losses(net, in);
    return std::tuple(in, made, sgd.minimize(made[0] + made[1]));
  });
  tw::Session session(graph);
  const tw::Session::Callable run = session.make_callable({errors[0], errors[1], train}, {x});
  return [run, points = grid()] { return run({points}); };
}

static tw::Tensors three_derivatives(const tw::Tensor& a) {
  const tw::Tensor first = derivative(tw::tanh(a) * a, a);
  const tw::Tensor second = derivative(first, a);
  return {first, second, derivative(second, a)};
}

static tw::Tensors three_derivatives_in_graph(const tw::Tensor& a) {
  tw::Graph graph;
  const auto [in, made] = graph.build([] {
    const tw::Tensor placed = tw::placeholder(tw::f32, {3}, "a");
    return std::pair(placed, three_derivatives(placed));
  });
  return tw::Session(graph).run({made[0], made[1], made[2]}, {{in, a}});
}

int main(int argc, char** argv) {
  const bool graph = argc > 1 && std::string_view(argv[1]) == "graph";
  const Net net;
  tw::optim::SGD sgd({net.w1, net.b1, net.w2, net.b2, net.w3}, 0.02);
  const auto train = graph ? in_graph(net, sgd) : by_run(net, sgd);
  for (int step = 0; step <= 400; ++step) {
    const tw::Tensors errors = train();
    if (step % 100 == 0)
      std::printf("step %3d: value %.9g, slope %.9g\n", step, errors[0].item<float>(),
                  errors[1].item<float>());
  }

  std::puts("derivatives of a * tanh(a):");
  const tw::Tensor a = tw::tensor({0.5f, -1.0f, 2.0f});
  for (const tw::Tensor& order : graph ? three_derivatives_in_graph(a) : three_derivatives(tw::parameter(a)))
    std::printf("%.9g %.9g %.9g\n", order.data<float>()[0], order.data<float>()[1], order.data<float>()[2]);
}
