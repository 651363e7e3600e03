#include <cmath>

#include "core/recorder.h"
#include "twofold/nn.h"
#include "twofold/ops.h"

namespace twofold::nn {
namespace {

std::string join(const std::string& path, const char* name) {
  return path.empty() ? name : path + "." + name;
}

template <class E>
[[noreturn]] void refuse(const char* op, const char* argument, std::string got, std::string expected,
                         const Location& at) {
  E e({.op = op, .argument = argument, .got = std::move(got), .expected = std::move(expected)});
  e.locate(op, at);
  throw e;
}

// A parameter for a Linear of `in` inputs: uniform in ±1/sqrt(in).
Tensor draw(const Dims& shape, std::int64_t in, const Generator& generator) {
  const core::RecorderScope closed(nullptr);
  const NoGrad off;
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  Tensor values = uniform(shape, f32, generator);
  values.mul_(2 * bound);
  values.sub_(bound);
  return values;
}

}  // namespace

Linear::Linear(std::int64_t in, std::int64_t out, bool with_bias, std::source_location at) {
  if (in < 1 || out < 1)
    refuse<ShapeError>("Linear", in < 1 ? "in" : "out", std::to_string(in < 1 ? in : out), "at least 1", at);
  const Generator source = default_generator();
  weight = register_parameter("weight", draw({out, in}, in, source), at);
  if (with_bias) bias = register_parameter("bias", draw({out}, in, source), at);
}

Tensor Linear::forward(const Tensor& x) {
  const Tensor product = matmul(x, transpose(weight));
  return bias.defined() ? product + bias : product;
}

void Linear::reseed(std::uint64_t seed, const std::string& path) {
  const std::int64_t in = weight.size(1);
  weight.copy_(draw(weight.shape().dims(), in, Generator(seed, join(path, "weight"))));
  if (bias.defined()) bias.copy_(draw(bias.shape().dims(), in, Generator(seed, join(path, "bias"))));
}

Dropout::Dropout(double p, std::source_location at) : p_(p) {
  if (!(p >= 0 && p < 1))
    refuse<ValueError>("Dropout", "p", std::to_string(p), "a probability in [0, 1)", at);
  const core::RecorderScope closed(nullptr);
  const Tensor key = random_integers({1}, 0, INT64_MAX, i64, default_generator());
  generator_ = Generator(static_cast<std::uint64_t>(*key.data<std::int64_t>()));
}

Tensor Dropout::forward(const Tensor& x) { return dropout(x, p_, is_training(), generator_); }

// The state is replaced, not the generator: graphs that hold it go on with the new key.
void Dropout::reseed(std::uint64_t seed, const std::string& path) {
  generator_.state() = Generator(seed, path).state();
}

Tensor ReLU::forward(const Tensor& x) { return relu(x); }
Tensor Tanh::forward(const Tensor& x) { return tanh(x); }
Tensor Sigmoid::forward(const Tensor& x) { return sigmoid(x); }

void Sequential::append(std::shared_ptr<Module> module, std::source_location at) {
  modules_.push_back(register_module(std::to_string(modules_.size()), std::move(module), at));
}

Tensor Sequential::run(const Tensor& x, const std::source_location& at) {
  Tensor y = x;
  for (const auto& module : modules_) y = (*module)(y, at);
  return y;
}

}  // namespace twofold::nn
