#include <gtest/gtest.h>

#include "io/files.h"
#include "twofold/graph.h"
#include "twofold/nn.h"
#include "twofold/ops.h"

namespace twofold::test {
namespace {

using nn::Dropout;
using nn::Linear;

struct Block : nn::Module {
  std::shared_ptr<Linear> fc = register_module("fc", std::make_shared<Linear>(4, 4, false));
  std::shared_ptr<Dropout> drop = register_module("drop", std::make_shared<Dropout>(0.5));
  Tensor forward(const Tensor& x) override { return (*drop)((*fc)(x)); }
};

struct Net : nn::Module {
  Tensor scale = register_parameter("scale", ones({4}));
  Tensor count = register_buffer("count", zeros({}, i64));
  std::shared_ptr<Block> block = register_module("block", std::make_shared<Block>());
  std::shared_ptr<Linear> head = register_module("head", std::make_shared<Linear>(4, 2));
  Tensor forward(const Tensor& x) override { return (*head)((*block)(x * scale)); }
};

// Net with something unrelated in front.
struct Wider : Net {
  std::shared_ptr<Dropout> other = register_module("other", std::make_shared<Dropout>(0.1));
  std::shared_ptr<Linear> more = register_module("more", std::make_shared<Linear>(9, 9));
  Tensor forward(const Tensor& x) override {
    const Tensor unrelated = (*other)((*more)(ones({1, 9})));
    return Net::forward(x);
  }
};

std::vector<std::string> names(const NamedTensors& tensors) {
  std::vector<std::string> out;
  for (const auto& [name, tensor] : tensors) out.push_back(name);
  return out;
}

using Names = std::vector<std::string>;

TEST(Module, NamesFollowTheTree) {
  const Net net;
  EXPECT_EQ(names(net.named_parameters()), (Names{"scale", "block.fc.weight", "head.weight", "head.bias"}));
  EXPECT_EQ(names(net.named_buffers()), Names{"count"});
  EXPECT_EQ(names(net.state()), (Names{"scale", "count", "block.fc.weight", "head.weight", "head.bias"}));
  EXPECT_EQ(net.parameters().size(), 4u);
  EXPECT_EQ(net.head->weight.shape(), (Shape{2, 4}));
}

TEST(Module, ASharedParameterAppearsOnce) {
  struct Tied : nn::Module {
    Tensor w = register_parameter("w", ones({2}));
    Tensor again = register_parameter("again", w);
    Tensor forward(const Tensor& x) override { return x * w; }
  };
  const Tied tied;
  EXPECT_TRUE(tied.again.same_as(tied.w));
  EXPECT_EQ(names(tied.named_parameters()), Names{"w"});
}

TEST(Module, RefusesBadRegistrations) {
  struct Open : nn::Module {
    using Module::register_module;
    using Module::register_parameter;
    Tensor forward(const Tensor& x) override { return x; }
  };
  const auto outer = std::make_shared<Open>(), inner = std::make_shared<Open>();
  outer->register_parameter("w", ones({2}));
  outer->register_module("inner", inner);
  for (const char* name : {"", "a.b", "a/b", "w", "inner"})
    EXPECT_THROW(outer->register_parameter(name, ones({2})), ValueError) << name;
  EXPECT_THROW(outer->register_parameter("v", Tensor()), ValueError);
  EXPECT_THROW(outer->register_module("null", std::shared_ptr<Open>()), ValueError);
  EXPECT_THROW(inner->register_module("loop", outer), ValueError);
  EXPECT_THROW(inner->register_module("self", inner), ValueError);
  EXPECT_THROW(Linear(0, 3), ShapeError);
  EXPECT_THROW(Linear(3, -1), ShapeError);
  EXPECT_THROW(Dropout(1.0), ValueError);
}

TEST(Module, TrainAndEvalReachTheWholeTree) {
  Net net;
  net.seed(1);
  const Tensor x = ones({2, 4});
  net.eval();
  EXPECT_FALSE(net.block->drop->is_training());
  EXPECT_EQ(net(x).to_vector<float>(), net(x).to_vector<float>());
  net.train();
  EXPECT_TRUE(net.block->drop->is_training());
  const Tensor wide = ones({1000}), dropped = (*net.block->drop)(wide);
  EXPECT_NEAR(eq(dropped, 0.0).to(f64).mean().item<double>(), 0.5, 0.1);
}

TEST(Module, DrawsAreKeyedBySeedAndPathAlone) {
  Net net;
  Wider wider;
  net.seed(7);
  wider.seed(7);
  const Tensor x = ones({3, 4});
  for (int step = 0; step < 3; ++step) {
    const Tensor a = net(x), b = wider(x);
    EXPECT_EQ(a.to_vector<float>(), b.to_vector<float>()) << step;
  }
  const std::vector<float> first = net.head->weight.to_vector<float>();
  net.seed(8);
  EXPECT_NE(net.head->weight.to_vector<float>(), first);
  net.seed(7);
  EXPECT_EQ(net.head->weight.to_vector<float>(), first);
  EXPECT_EQ(net.block->drop->generator().state(), Generator(7, std::string_view("block.drop")).state());
  for (float v : first) EXPECT_LE(std::abs(v), 0.5f);  // 1 / sqrt(4)
}

TEST(Module, UnseededModulesDiffer) {
  manual_seed(3);
  const Linear a(4, 4), b(4, 4);
  EXPECT_NE(a.weight.to_vector<float>(), b.weight.to_vector<float>());
  const Dropout c, d;
  EXPECT_FALSE(c.generator().state() == d.generator().state());
}

TEST(Module, BothModesDrawTheSame) {
  Net net;
  net.seed(7);
  Graph g;
  const auto [x, y] = g.build([&] {
    const Tensor in = placeholder(f32, {unknown, 4}, "x");
    return std::pair(in, net(in));
  });
  Session session(g);
  std::vector<std::vector<float>> eager, graph;
  for (int i = 0; i < 3; ++i) eager.push_back(net(ones({2, 4})).to_vector<float>());
  net.seed(7);  // the graph holds the same generators
  for (int i = 0; i < 3; ++i) graph.push_back(session.run({y}, {{x, ones({2, 4})}})[0].to_vector<float>());
  EXPECT_EQ(eager, graph);
}

TEST(Module, NodesCarryTheModulesNames) {
  Net net;
  Graph g;
  const Tensor y = g.build([&] { return net(placeholder(f32, {unknown, 4}, "x")); });
  EXPECT_TRUE(name_of(y).starts_with("head/")) << name_of(y);
  EXPECT_NE(g.to_string().find("block/fc/product"), std::string::npos) << g.to_string();
}

TEST(Module, MayBeMadeWhileAGraphIsOpen) {
  Graph g;
  const Graph::Scope scope(g);
  const auto linear = std::make_shared<Linear>(4, 3);
  nn::Sequential net(linear, std::make_shared<Dropout>(0.5));
  net.seed(7);
  EXPECT_FALSE(linear->weight.symbolic());
  EXPECT_TRUE(net(placeholder(f32, {2, 4})).symbolic());
}

TEST(Module, ErrorsNameTheLineOfTheCall) {
  nn::Sequential net(std::make_shared<Linear>(4, 3), std::make_shared<nn::ReLU>(),
                     std::make_shared<Linear>(4, 2));
  std::uint32_t line = 0;
  try {
    line = __LINE__ + 1;
    net(ones({2, 4}));
    FAIL();
  } catch (const ShapeError& e) {
    EXPECT_EQ(e.where().line, line) << e.what();
    EXPECT_STREQ(e.where().file, __FILE__);
  }
}

TEST(Module, SavesAndLoads) {
  const Folder folder;
  Net a, b;
  a.seed(1);
  b.seed(2);
  a.count.fill_(5);
  a.save(folder.file("net.npz"));
  b.load(folder.file("net.npz"));
  EXPECT_EQ(encode_npz(a.state()), encode_npz(b.state()));
  EXPECT_EQ(b.count.item<std::int64_t>(), 5);
  Linear other(4, 2);
  EXPECT_THROW(other.load(folder.file("net.npz")), ValueError);
  EXPECT_THROW(other.load(folder.file("none.npz")), IoError);
}

TEST(Module, ZeroGradReachesEveryParameter) {
  Net net;
  net(ones({2, 4})).sum().backward();
  EXPECT_TRUE(net.head->weight.grad().defined());
  net.zero_grad();
  for (const Tensor& p : net.parameters()) EXPECT_FALSE(p.grad().defined());
}

TEST(Layers, ComputeWhatTheirNamesSay) {
  Linear linear(2, 2);
  linear.weight.set_data(tensor<float>({1, 2, 3, 4}, Shape{2, 2}));
  linear.bias.set_data(tensor<float>({10, 20}));
  EXPECT_EQ(linear(tensor<float>({1, 1}, Shape{1, 2})).to_vector<float>(), (std::vector<float>{13, 27}));
  const Tensor x = tensor<float>({-1, 0, 2});
  nn::ReLU relu_layer;
  nn::Tanh tanh_layer;
  nn::Sigmoid sigmoid_layer;
  EXPECT_EQ(relu_layer(x).to_vector<float>(), relu(x).to_vector<float>());
  EXPECT_EQ(tanh_layer(x).to_vector<float>(), tanh(x).to_vector<float>());
  EXPECT_EQ(sigmoid_layer(x).to_vector<float>(), sigmoid(x).to_vector<float>());
}

}  // namespace
}  // namespace twofold::test
