// Every example has a network of its own: that of an expression such as ((3+4)-(1+2)) has the expression's
// form.
//
// A digit becomes a vector, + and - each have a layer that joins the vectors of their two sides, and what is
// read off the last vector should be the value. C++'s recursion makes the network anew for every expression.
// Its twins, examples/python/different_network_per_example_torch.py and ..._tensorflow.py, print the same
// numbers.
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "twofold/twofold.h"

namespace tw = twofold;

struct Tree {
  int digit = 0;
  char operation = ' ';  // of what is no digit
  std::unique_ptr<Tree> left, right;

  int value() const {
    if (operation == ' ') return digit;
    return operation == '+' ? left->value() + right->value() : left->value() - right->value();
  }
};

// Reads on from `letters`, which is left behind what was read.
static std::unique_ptr<Tree> tree_of(const char*& letters) {
  auto tree = std::make_unique<Tree>();
  if (*letters != '(') {
    tree->digit = *letters++ - '0';
    return tree;
  }
  ++letters;
  tree->left = tree_of(letters);
  tree->operation = *letters++;
  tree->right = tree_of(letters);
  ++letters;  // the closing parenthesis
  return tree;
}

static std::unique_ptr<Tree> tree_of(const std::string& expression) {
  const char* letters = expression.c_str();
  return tree_of(letters);
}

// Numbers in [-1/6, 1/6] that any language makes alike.
static tw::Tensor spread(const tw::Shape& shape) {
  std::vector<float> values;
  for (std::int64_t k = 0; k < shape.numel(); ++k)
    values.push_back(static_cast<float>(static_cast<double>(k * 7919 % 1000 - 500) / 3000));
  return tw::tensor(values, shape);
}

class TreeNetwork : public tw::nn::Module {
 public:
  TreeNetwork() {
    for (const auto& layer : {leaf_, plus_, minus_, out_}) {
      layer->weight.set_data(spread(layer->weight.shape()));
      layer->bias.set_data(tw::zeros(layer->bias.shape().dims()));
    }
  }
  tw::Tensor evaluate(const Tree& tree) { return forward(vector(tree)); }
  tw::Tensor forward(const tw::Tensor& vector) override { return (*out_)(vector); }

 private:
  static constexpr std::int64_t width = 8;

  std::shared_ptr<tw::nn::Linear> layer(const char* name, std::int64_t in, std::int64_t out) {
    return register_module(name, std::make_shared<tw::nn::Linear>(in, out));
  }
  tw::Tensor vector(const Tree& tree) {
    if (tree.operation == ' ') return (*leaf_)(tw::tensor({static_cast<float>(tree.digit / 10.0)}, {1, 1}));
    const tw::Tensor left = vector(*tree.left), right = vector(*tree.right);
    const tw::Tensor both = tw::concat({left, right}, 1);
    return tree.operation == '+' ? (*plus_)(both) : (*minus_)(both);
  }

  std::shared_ptr<tw::nn::Linear> leaf_ = layer("leaf", 1, width), plus_ = layer("plus", 2 * width, width),
                                  minus_ = layer("minus", 2 * width, width), out_ = layer("out", width, 1);
};

static float step(TreeNetwork& network, tw::optim::SGD& sgd, const Tree& tree) {
  const tw::Tensor error = network.evaluate(tree) - tree.value() / 10.0;
  const tw::Tensor loss = tw::square(error).sum();
  sgd.zero_grad();
  loss.backward();
  sgd.step();
  return loss.item<float>();
}

int main() {
  std::vector<std::unique_ptr<Tree>> trees;
  std::ifstream file("examples/expressions.txt");
  for (std::string expression; file >> expression;) trees.push_back(tree_of(expression));
  if (trees.empty()) {
    std::fputs("examples/expressions.txt: not found; run this from the root of the repository\n", stderr);
    return 1;
  }

  TreeNetwork network;
  tw::optim::SGD sgd(network.parameters(), 0.03);
  for (int epoch = 0; epoch < 40; ++epoch) {
    double total = 0;
    for (const auto& tree : trees) total += static_cast<double>(step(network, sgd, *tree));
    if (epoch % 8 == 7)
      std::printf("epoch %2d: mean loss %.9g\n", epoch + 1, total / static_cast<double>(trees.size()));
  }
  for (const char* expression : {"(8-3)", "((3+4)-(1+2))", "((((1+2)-(3+4))+5)-((6-7)+8))"}) {
    const auto tree = tree_of(std::string(expression));
    const double answer = 10 * static_cast<double>(network.evaluate(*tree).item<float>());
    std::printf("%s = %d, the network says %.4f\n", expression, tree->value(), answer);
  }
}
