// Layers: what has parameters and turns a tensor into another, written once for both modes.
//
//   struct Net : nn::Module {
//     std::shared_ptr<nn::Linear> fc1 = register_module("fc1", std::make_shared<nn::Linear>(64, 32));
//     std::shared_ptr<nn::Linear> fc2 = register_module("fc2", std::make_shared<nn::Linear>(32, 10));
//     Tensor forward(const Tensor& x) override { return (*fc2)(relu((*fc1)(x))); }
//   };
//   Net net;
//   net.seed(42);                      // initial weights and dropout, each keyed by its name
//   Tensor logits = net(x);            // values, or nodes named fc1/..., fc2/... while a graph is open
//   net.save("net.npz");               // fc1.weight, fc1.bias, fc2.weight, fc2.bias
//
// Losses are operations: cross_entropy(logits, labels).
#pragma once

#include <memory>

#include "twofold/generator.h"
#include "twofold/io.h"
#include "twofold/tensor.h"

namespace twofold::nn {

class Module {
 public:
  Module() = default;
  Module(const Module&) = delete;  // its children and tensors would be shared by accident
  Module& operator=(const Module&) = delete;
  virtual ~Module() = default;

  virtual Tensor forward(const Tensor& x) = 0;
  // forward(), with nodes named after the module while a graph is open.
  Tensor operator()(const Tensor& x, std::source_location at = std::source_location::current());

  // In order of registration, a module's own before its children's; a tensor registered twice appears once.
  Tensors parameters() const;
  NamedTensors named_parameters() const;  // "fc1.weight"
  NamedTensors named_buffers() const;
  // Parameters and buffers: what save() writes.
  NamedTensors state() const;
  void save(const std::string& path) const;
  // Names, shapes and dtypes must match: ValueError, ShapeError, DtypeError; IoError for a bad file.
  void load(const std::string& path);

  // Training mode switches on what only training does (dropout); a module starts in it. A graph keeps the
  // mode it was built in.
  void train(bool on = true);
  void eval() { train(false); }
  bool is_training() const { return training_; }
  void zero_grad();

  // Draws initial parameters anew and keys every generator, each by `seed` and its name alone: adding an
  // unrelated module changes no draw of another. Without it, both come from default_generator() when a module
  // is made.
  void seed(std::uint64_t seed);

 protected:
  // `value` becomes a parameter (a copy), unless it is one already. ValueError for a name that is empty,
  // taken or has a dot in it.
  Tensor register_parameter(const std::string& name, const Tensor& value,
                            std::source_location at = std::source_location::current());
  Tensor register_buffer(const std::string& name, const Tensor& value,
                         std::source_location at = std::source_location::current());
  template <class M>
  std::shared_ptr<M> register_module(const std::string& name, std::shared_ptr<M> module,
                                     std::source_location at = std::source_location::current()) {
    add_child(name, module, at);
    return module;
  }

  // What a module that draws overrides: start anew from Generator(seed, path + ...).
  virtual void reseed(std::uint64_t /*seed*/, const std::string& /*path*/) {}
  // What operator() runs. A layer of this library lets errors inside name the line that called it; a user's
  // module has lines of its own.
  virtual Tensor run(const Tensor& x, const std::source_location& /*at*/) { return forward(x); }

 private:
  enum class Role { parameter, buffer };
  struct Entry {
    std::string name;
    Tensor tensor;
    Role role;
  };
  struct Child {
    std::string name;
    std::shared_ptr<Module> module;
  };

  Tensor add_tensor(const std::string& name, const Tensor& value, Role role, const Location& at);
  void add_child(const std::string& name, std::shared_ptr<Module> module, const Location& at);
  void check_name(const std::string& name, const Location& at) const;
  void collect(const std::string& prefix, bool parameters, bool buffers, NamedTensors& out) const;
  bool holds(const Module& other) const;
  void seed_tree(std::uint64_t seed, const std::string& path);

  std::string name_;  // among its parent's children
  std::vector<Entry> entries_;
  std::vector<Child> children_;
  bool training_ = true;
};

// A layer of this library: errors inside name the line of the call.
class Layer : public Module {
 protected:
  Tensor run(const Tensor& x, const std::source_location& at) override;
};

// x [..., in] -> x · weightᵀ + bias [..., out]; weight is [out, in], f32. Initial values are uniform in
// ±1/sqrt(in), as PyTorch draws them.
class Linear : public Layer {
 public:
  Linear(std::int64_t in, std::int64_t out, bool bias = true,
         std::source_location at = std::source_location::current());
  Tensor forward(const Tensor& x) override;

  Tensor weight;
  Tensor bias;  // undefined without

 protected:
  void reseed(std::uint64_t seed, const std::string& path) override;
};

// In training, zeroes each element with probability p and divides the others by 1 - p; otherwise x itself.
class Dropout : public Layer {
 public:
  explicit Dropout(double p = 0.5, std::source_location at = std::source_location::current());
  Tensor forward(const Tensor& x) override;
  const Generator& generator() const { return generator_; }

 protected:
  void reseed(std::uint64_t seed, const std::string& path) override;

 private:
  double p_;
  Generator generator_;
};

// clang-format off
class ReLU : public Layer { public: Tensor forward(const Tensor& x) override; };
class Tanh : public Layer { public: Tensor forward(const Tensor& x) override; };
class Sigmoid : public Layer { public: Tensor forward(const Tensor& x) override; };
// clang-format on

// One after the other; children are named "0", "1", ...
class Sequential : public Module {
 public:
  template <class... M>
  explicit Sequential(std::shared_ptr<M>... modules) {
    (append(std::move(modules)), ...);
  }
  void append(std::shared_ptr<Module> module, std::source_location at = std::source_location::current());
  Tensor forward(const Tensor& x) override { return run(x, std::source_location::current()); }

 protected:
  Tensor run(const Tensor& x, const std::source_location& at) override;

 private:
  std::vector<std::shared_ptr<Module>> modules_;
};

}  // namespace twofold::nn
