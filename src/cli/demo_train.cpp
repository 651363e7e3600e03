#include "cli/demo_train.h"

#include <chrono>

#include "base/threads.h"
#include "twofold/nn.h"
#include "twofold/ops.h"
#include "twofold/optim.h"

namespace twofold::cli {
namespace {

class Mlp : public nn::Module {
 public:
  Mlp(std::int64_t in, std::int64_t classes, const Recipe& r)
      : hidden_(register_module("hidden", std::make_shared<nn::Linear>(in, r.hidden))),
        dropout_(register_module("dropout", std::make_shared<nn::Dropout>(r.dropout))),
        output_(register_module("output", std::make_shared<nn::Linear>(r.hidden, classes))) {}

  Tensor forward(const Tensor& x) override {
    const Tensor h = relu((*hidden_)(x));
    return (*output_)((*dropout_)(h));
  }

 private:
  std::shared_ptr<nn::Linear> hidden_;
  std::shared_ptr<nn::Dropout> dropout_;
  std::shared_ptr<nn::Linear> output_;
};

using Step = std::function<Tensor(const Tensor& x, const Tensor& y)>;  // trains on a batch, returns its loss

Step eager_step(Mlp& net, optim::SGD& sgd) {
  return [&](const Tensor& x, const Tensor& y) {
    sgd.zero_grad();
    const Tensor loss = cross_entropy(net(x), y);
    loss.backward();
    sgd.step();
    return loss;
  };
}

Step graph_step(Mlp& net, optim::SGD& sgd, std::int64_t features) {
  const Graph g;
  const Graph::Scope scope(g);
  const Tensor x = placeholder(f32, {unknown, features}, "x");
  const Tensor y = placeholder(i64, {unknown}, "y");
  const Tensor loss = cross_entropy(net(x), y);
  const Operation update = sgd.minimize(loss);
  const auto call = Session(g).make_callable({loss, update}, {x, y});
  return [call](const Tensor& bx, const Tensor& by) { return call({bx, by})[0]; };
}

double accuracy(Mlp& net, const data::Dataset& images) {
  const NoGrad off;
  net.eval();
  const Tensor right = eq(argmax(net(images.features())), images.labels);
  return mean(right.to(f64)).item<double>();
}

class ThreadCount {
 public:
  explicit ThreadCount(int count) : before_(thread_count()) { set_thread_count(count); }
  ~ThreadCount() { set_thread_count(before_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
};

}  // namespace

Trained train(const Mode& mode, const data::Split& images, const Recipe& recipe, const Progress& progress) {
  using Clock = std::chrono::steady_clock;
  const ThreadCount threads(mode.threads);
  const Tensor features = images.train.features();
  Mlp net(features.size(1), 10, recipe);
  net.seed(recipe.seed);
  optim::SGD sgd(net.parameters(), recipe.learning_rate, {.momentum = recipe.momentum, .nesterov = true});
  const Step step = mode.graph ? graph_step(net, sgd, features.size(1)) : eager_step(net, sgd);
  data::DataLoader loader({features, images.train.labels},
                          {.batch_size = recipe.batch_size, .seed = recipe.seed});

  Trained result;
  const std::int64_t steps = loader.batches() * recipe.epochs;
  const auto start = Clock::now();
  for (int epoch = 0; epoch < recipe.epochs; ++epoch)
    for (const Tensors& batch : loader) {
      result.losses.push_back(step(batch[0], batch[1]).item<float>());
      progress(static_cast<std::int64_t>(result.losses.size()), steps);
    }
  const std::chrono::duration<double> took = Clock::now() - start;
  result.steps_per_second = static_cast<double>(steps) / took.count();
  result.accuracy = accuracy(net, images.held_out);
  result.weights = net.state();
  return result;
}

}  // namespace twofold::cli
