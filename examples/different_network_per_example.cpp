// What a static graph could not do: every example is a tree of its own shape, and the network is that tree.
//
// Arithmetic such as ((3+4)-(1+2)) is evaluated by a recursive network: a leaf becomes a vector, an operation
// merges the vectors of its two sides, and a linear read-out of the root's vector should be the value. C++
// recursion builds the computation anew for each expression; backward() follows whatever was built.
#include <cmath>
#include <cstdio>
#include <memory>
#include <random>
#include <string>

#include "twofold/twofold.h"

namespace tw = twofold;

struct Expression {
  int digit = 0;  // of a leaf
  char operation = ' ';
  std::unique_ptr<Expression> left, right;

  int value() const {
    if (operation == ' ') return digit;
    return operation == '+' ? left->value() + right->value() : left->value() - right->value();
  }
  std::string text() const {
    if (operation == ' ') return std::to_string(digit);
    return "(" + left->text() + operation + right->text() + ")";
  }
};

static std::unique_ptr<Expression> random_expression(std::mt19937& random, int depth) {
  auto e = std::make_unique<Expression>();
  if (depth == 0 || random() % 4 == 0) {
    e->digit = static_cast<int>(random() % 10);
    return e;
  }
  e->operation = random() % 2 ? '+' : '-';
  e->left = random_expression(random, depth - 1);
  e->right = random_expression(random, depth - 1);
  return e;
}

class TreeNetwork : public tw::nn::Module {
 public:
  explicit TreeNetwork(std::int64_t width) {
    leaf_ = register_module("leaf", std::make_shared<tw::nn::Linear>(1, width));
    plus_ = register_module("plus", std::make_shared<tw::nn::Linear>(2 * width, width));
    minus_ = register_module("minus", std::make_shared<tw::nn::Linear>(2 * width, width));
    out_ = register_module("out", std::make_shared<tw::nn::Linear>(width, 1));
  }

  tw::Tensor evaluate(const Expression& e) { return (*out_)(vector(e)); }
  tw::Tensor forward(const tw::Tensor& x) override { return (*out_)((*leaf_)(x)); }

 private:
  tw::Tensor vector(const Expression& e) {
    if (e.operation == ' ') return (*leaf_)(tw::tensor({0.1f * static_cast<float>(e.digit)}, {1, 1}));
    const tw::Tensor left = vector(*e.left), right = vector(*e.right);
    const tw::Tensor both = tw::concat({left, right}, 1);
    return e.operation == '+' ? (*plus_)(both) : (*minus_)(both);
  }

  std::shared_ptr<tw::nn::Linear> leaf_, plus_, minus_, out_;
};

static double mean_error(TreeNetwork& network, int depth) {
  const tw::NoGrad off;
  std::mt19937 random(99);
  double total = 0;
  for (int i = 0; i < 200; ++i) {
    const auto e = random_expression(random, depth);
    total += std::abs(10 * network.evaluate(*e).item<float>() - static_cast<float>(e->value()));
  }
  return total / 200;
}

int main() {
  TreeNetwork network(8);
  network.seed(1);
  tw::optim::Adam adam(network.parameters(), 0.01);
  std::mt19937 random(1);
  for (int step = 0; step <= 3000; ++step) {
    const auto e = random_expression(random, 3);
    const tw::Tensor error = network.evaluate(*e) - 0.1 * e->value();
    const tw::Tensor loss = tw::sum(error * error);
    adam.zero_grad();
    loss.backward();
    adam.step();
    if (step == 2000) adam.set_learning_rate(0.001);
    if (step % 1000 == 0) std::printf("step %4d: mean error %.3f\n", step, mean_error(network, 3));
  }
  std::printf("trees twice as deep as any it has seen: mean error %.3f\n", mean_error(network, 6));
  for (int i = 0; i < 3; ++i) {
    const auto e = random_expression(random, 4);
    std::printf("%s = %d, the network says %.2f\n", e->text().c_str(), e->value(),
                10 * network.evaluate(*e).item<float>());
  }
}
