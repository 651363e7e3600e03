#include "twofold/optim.h"

#include <gtest/gtest.h>

#include <cmath>

#include "twofold/ops.h"

namespace twofold::test {
namespace {

using optim::Adam;
using optim::AdamOptions;
using optim::SGD;
using optim::SGDOptions;

constexpr double start[] = {1.0, -2.0, 0.5};
constexpr double pull[] = {3.0, 0.25, -1.0};  // loss = sum(pull * p^2) / 2, so that g = pull * p
constexpr int steps = 6;

Tensor loss_of(const Tensor& p) {
  const Tensor weights = tensor<double>({3.0, 0.25, -1.0});
  return sum(weights * (p * p)) * 0.5;
}

Tensor fresh() { return parameter(tensor<double>({1.0, -2.0, 0.5})); }

std::vector<double> trained_eagerly(Tensor p, optim::Optimizer& optimizer) {
  for (int t = 0; t < steps; ++t) {
    optimizer.zero_grad();
    loss_of(p).backward();
    optimizer.step();
  }
  return p.to_vector<double>();
}

void expect_near(const std::vector<double>& got, const std::vector<double>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], want[i], 1e-14 * std::abs(want[i])) << i;
}

std::vector<double> sgd_by_hand(double rate, const SGDOptions& o) {
  std::vector<double> out;
  for (int i = 0; i < 3; ++i) {
    double p = start[i], v = 0;
    for (int t = 0; t < steps; ++t) {
      double g = pull[i] * p + o.weight_decay * p;
      v = o.momentum * v + g;
      if (o.momentum != 0) g = o.nesterov ? g + o.momentum * v : v;
      p -= rate * g;
    }
    out.push_back(p);
  }
  return out;
}

std::vector<double> adam_by_hand(double rate, const AdamOptions& o) {
  std::vector<double> out;
  for (int i = 0; i < 3; ++i) {
    double p = start[i], m = 0, v = 0;
    for (int t = 1; t <= steps; ++t) {
      const double g = pull[i] * p + o.weight_decay * p;
      m = o.beta1 * m + (1 - o.beta1) * g;
      v = o.beta2 * v + (1 - o.beta2) * g * g;
      const double denominator = std::sqrt(v) / std::sqrt(1 - std::pow(o.beta2, t)) + o.eps;
      p -= rate / (1 - std::pow(o.beta1, t)) * m / denominator;
    }
    out.push_back(p);
  }
  return out;
}

const SGDOptions sgd_rows[] = {{},
                               {.momentum = 0.9},
                               {.weight_decay = 0.1},
                               {.momentum = 0.9, .weight_decay = 0.1},
                               {.momentum = 0.9, .nesterov = true},
                               {.momentum = 0.5, .weight_decay = 0.01, .nesterov = true}};
const AdamOptions adam_rows[] = {
    {},           {.beta1 = 0},          {.beta2 = 0},
    {.eps = 0.1}, {.weight_decay = 0.1}, {.beta1 = 0.5, .beta2 = 0.7, .eps = 1e-3}};

TEST(Optim, SgdFollowsItsFormula) {
  for (const SGDOptions& row : sgd_rows) {
    const Tensor p = fresh();
    SGD sgd({p}, 0.05, row);
    expect_near(trained_eagerly(p, sgd), sgd_by_hand(0.05, row));
  }
}

TEST(Optim, AdamFollowsItsFormula) {
  for (const AdamOptions& row : adam_rows) {
    const Tensor p = fresh();
    Adam adam({p}, 0.05, row);
    const std::vector<double> got = trained_eagerly(p, adam), want = adam_by_hand(0.05, row);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(got[i], want[i], 1e-13) << i;  // powers by products
  }
}

// Two parameters, f32, in both modes and taking turns: the same bits.
struct Fit {
  Tensor w = parameter(tensor<float>({0.3f, -0.7f, 0.2f, 0.9f}, Shape{2, 2}));
  Tensor b = parameter(tensor<float>({0.1f, -0.1f}));
  Tensor loss(const Tensor& x) const {
    const Tensor y = tanh(matmul(x, w) + b);
    return mean(y * y) + sum(w * w) * 0.01;
  }
};

using Make = std::function<std::unique_ptr<optim::Optimizer>(const Tensors&)>;
const Make makers[] = {
    [](const Tensors& p) { return std::make_unique<SGD>(p, 0.1); },
    [](const Tensors& p) {
      return std::make_unique<SGD>(p, 0.1,
                                   SGDOptions{.momentum = 0.9, .weight_decay = 0.01, .nesterov = true});
    },
    [](const Tensors& p) { return std::make_unique<Adam>(p, 0.01); },
    [](const Tensors& p) { return std::make_unique<Adam>(p, 0.01, AdamOptions{.weight_decay = 0.1}); },
};

enum class Way { step, minimize, graph, turns };

std::vector<float> train(const Make& make, Way way) {
  Fit fit;
  const auto optimizer = make({fit.w, fit.b});
  Graph g;
  const auto [x, train_op] = g.build([&] {
    const Tensor in = placeholder(f32, {unknown, 2}, "x");
    return std::pair(in, optimizer->minimize(fit.loss(in)));
  });
  Session session(g);
  for (int t = 0; t < 8; ++t) {
    const Tensor batch = tensor<float>({0.1f * static_cast<float>(t), 1, -1, 0.5f}, Shape{2, 2});
    if (t == 5) optimizer->set_learning_rate(0.02);
    if (way == Way::graph || (way == Way::turns && t % 2)) {
      session.run({train_op}, {{x, batch}});
    } else if (way == Way::minimize) {
      EXPECT_FALSE(optimizer->minimize(fit.loss(batch)).defined());
    } else {
      optimizer->zero_grad();
      fit.loss(batch).backward();
      optimizer->step();
    }
  }
  std::vector<float> out = fit.w.to_vector<float>();
  for (float v : fit.b.to_vector<float>()) out.push_back(v);
  return out;
}

TEST(Optim, EveryWayOfTrainingGivesTheSameBits) {
  for (const Make& make : makers) {
    const std::vector<float> want = train(make, Way::step);
    for (Way way : {Way::minimize, Way::graph, Way::turns})
      EXPECT_EQ(train(make, way), want) << static_cast<int>(way);
  }
}

TEST(Optim, AParameterWithoutAGradientStaysAsItIs) {
  const Tensor used = fresh(), unused = fresh();
  Adam adam({used, unused});
  loss_of(used).backward();
  adam.step();
  EXPECT_EQ(unused.to_vector<double>(), fresh().to_vector<double>());
  adam.minimize(loss_of(used));
  EXPECT_EQ(unused.to_vector<double>(), fresh().to_vector<double>());
}

TEST(Optim, StateSavesAndComesBack) {
  const Tensor p = fresh();
  Adam adam({p}, 0.05);
  loss_of(p).backward();
  adam.step();
  const NamedTensors saved = decode_npz(encode_npz(adam.state()), "state"),
                     weights = decode_npz(encode_npz({{"p", p}}), "weights");
  adam.step();
  const std::vector<double> want = p.to_vector<double>();
  Adam again({p}, 0.9);
  restore(again.state(), saved);
  restore({{"p", p}}, weights);
  EXPECT_EQ(again.learning_rate(), 0.05);
  again.step();
  EXPECT_EQ(p.to_vector<double>(), want);
}

TEST(Optim, RefusesBadArguments) {
  const Tensor p = fresh();
  EXPECT_THROW(SGD({}, 0.1), ValueError);
  EXPECT_THROW(SGD({p, p}, 0.1), ValueError);
  EXPECT_THROW(SGD({zeros({2})}, 0.1), ValueError);
  EXPECT_THROW(SGD({Tensor()}, 0.1), ValueError);
  EXPECT_THROW(SGD({p * 2}, 0.1), ValueError);
  for (double rate : {-0.1, std::nan(""), HUGE_VAL}) EXPECT_THROW(SGD({p}, rate), ValueError);
  EXPECT_THROW(SGD({p}, 0.1, {.momentum = -1}), ValueError);
  EXPECT_THROW(SGD({p}, 0.1, {.nesterov = true}), ValueError);
  EXPECT_THROW(Adam({p}, 0.1, {.beta1 = 1}), ValueError);
  EXPECT_THROW(Adam({p}, 0.1, {.beta2 = -0.1}), ValueError);
  EXPECT_THROW(Adam({p}, 0.1, {.eps = -1}), ValueError);
  SGD sgd({p}, 0.1);
  EXPECT_THROW(sgd.set_learning_rate(-1), ValueError);
}

TEST(Optim, ErrorsNameTheLineOfTheCall) {
  const Tensor p = fresh();
  SGD sgd({p}, 0.1);
  Graph g;
  const Graph::Scope scope(g);
  const std::uint32_t line = __LINE__ + 2;
  try {
    sgd.step();
    FAIL();
  } catch (const StateError& e) {
    EXPECT_EQ(e.where().line, line) << e.what();
  }
}

}  // namespace
}  // namespace twofold::test
