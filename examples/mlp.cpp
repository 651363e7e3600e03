// A small network on handwritten digits, trained define-by-run, or with the argument `graph` define-and-run.
//
// Its twins, examples/python/mlp_torch.py and mlp_tensorflow.py, print the same numbers.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <string_view>

#include "twofold/twofold.h"

namespace tw = twofold;

// Numbers in [-0.1, 0.1] that any language makes alike.
static tw::Tensor spread(const tw::Shape& shape) {
  std::vector<float> values;
  for (std::int64_t k = 0; k < shape.numel(); ++k)
    values.push_back(static_cast<float>(static_cast<double>(k * 7919 % 1000 - 500) / 5000));
  return tw::tensor(values, shape);
}

static tw::Tensor rows(const tw::Tensor& x, std::int64_t start, std::int64_t stop) {
  return tw::slice(x, 0, start, stop);
}

struct Net : tw::nn::Module {
  std::shared_ptr<tw::nn::Linear> hidden =
      register_module("hidden", std::make_shared<tw::nn::Linear>(64, 32));
  std::shared_ptr<tw::nn::Linear> out = register_module("out", std::make_shared<tw::nn::Linear>(32, 10));

  Net() {
    for (const auto& layer : {hidden, out}) {
      layer->weight.set_data(spread(layer->weight.shape()));
      layer->bias.set_data(tw::zeros(layer->bias.shape().dims()));
    }
  }
  tw::Tensor forward(const tw::Tensor& x) override { return (*out)(tw::relu((*hidden)(x))); }
};

// One step on a batch; returns the loss before it.
using Step = std::function<tw::Tensor(const tw::Tensor& x, const tw::Tensor& y)>;

static Step by_run(Net& net, tw::optim::SGD& sgd) {
  return [&](const tw::Tensor& x, const tw::Tensor& y) {
    const tw::Tensor loss = tw::cross_entropy(net(x), y);
    sgd.zero_grad();
    loss.backward();
    sgd.step();
    return loss;
  };
}

static Step in_graph(Net& net, tw::optim::SGD& sgd) {
  tw::Graph graph;
  const auto [x, y, loss, train] = graph.build([&] {
    const tw::Tensor in = tw::placeholder(tw::f32, {tw::unknown, 64}, "x");
    const tw::Tensor labels = tw::placeholder(tw::i64, {tw::unknown}, "y");
    const tw::Tensor value = tw::cross_entropy(net(in), labels);
    return std::tuple(in, labels, value, sgd.minimize(value));
  });
  tw::Session session(graph);
  const tw::Session::Callable run = session.make_callable({loss, train}, {x, y});
  return [run](const tw::Tensor& batch, const tw::Tensor& labels) { return run({batch, labels})[0]; };
}

int main(int argc, char** argv) {
  const tw::data::Dataset digits = tw::data::load_digits();
  const tw::Tensor x = digits.features(), y = digits.labels;
  const std::int64_t trained = 1437, all = digits.size();
  Net net;
  tw::optim::SGD sgd(net.parameters(), 0.5);
  const Step step = argc > 1 && std::string_view(argv[1]) == "graph" ? in_graph(net, sgd) : by_run(net, sgd);

  for (int epoch = 0; epoch < 10; ++epoch) {
    tw::Tensor loss;
    for (std::int64_t start = 0; start < trained; start += 128) {
      const std::int64_t stop = std::min(start + 128, trained);
      loss = step(rows(x, start, stop), rows(y, start, stop));
    }
    std::printf("epoch %d: loss %.9g\n", epoch, loss.item<float>());
  }
  const tw::Tensor right = tw::argmax(net(rows(x, trained, all)), 1) == rows(y, trained, all);
  std::printf("held out: %ld of %ld right\n", static_cast<long>(tw::sum(right).item<std::int64_t>()),
              static_cast<long>(all - trained));
}
