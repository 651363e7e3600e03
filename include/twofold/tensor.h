// Tensor: one value type for numbers that exist (eager) and numbers that will (an output of a graph node).
//
//   auto x = twofold::tensor({1.0f, 2.0f, 3.0f});
//   auto y = (x * 2).mean();
//   x.shape(), x.dtype(), y.item<float>(), y.data<float>(), y.to_vector<float>()
//
// A Tensor is a handle: copies share the same storage. Views (slice, permute, view, expand) share it too, and
// an in-place operation (`add_`, `copy_`, ...) is seen through all of them, in both modes.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "twofold/dtype.h"
#include "twofold/error.h"
#include "twofold/ref.h"
#include "twofold/shape.h"

namespace twofold {

namespace core {
struct Hook;
struct Impl;
void retain(Impl*) noexcept;
void drop(Impl*) noexcept;
}  // namespace core

enum class Device : std::uint8_t { cpu };

class Arg;
class Tensor;
class HookHandle;
// Sees a gradient when it is complete; a defined result (same shape and dtype) takes its place.
using GradientHook = std::function<Tensor(const Tensor& gradient)>;

// A subscript, with the line that it stands on.
struct Index {
  std::int64_t value;
  Location where;
  Index(std::int64_t v, std::source_location at = std::source_location::current())  // NOLINT
      : value(v), where(at) {}
};

class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Ref<core::Impl> impl) : impl_(std::move(impl)) {}
  bool defined() const { return static_cast<bool>(impl_); }
  bool same_as(const Tensor& other) const { return impl_ == other.impl_; }

  // What is known without running anything. For a symbolic tensor the shape may hold unknown dimensions.
  Dtype dtype() const;
  const Shape& shape() const;
  int rank() const { return shape().rank(); }
  std::int64_t size(std::int64_t axis) const;
  std::int64_t numel() const { return shape().numel(); }
  Device device() const;
  bool symbolic() const;

  // Values. A symbolic tensor has none: StateError. A dtype that is not T's: DtypeError.
  template <class T>
  T item(std::source_location at = std::source_location::current()) const {
    T value;
    read_scalar(dtype_of<T>, &value, at);
    return value;
  }
  // The elements in row-major order; ValueError when the tensor is strided (see contiguous()).
  template <class T>
  const T* data(std::source_location at = std::source_location::current()) const {
    return static_cast<const T*>(read_data(dtype_of<T>, at));
  }
  template <class T>
  std::span<const T> span(std::source_location at = std::source_location::current()) const {
    return {data<T>(at), static_cast<std::size_t>(numel())};
  }
  // A copy of the elements in row-major order, whatever the strides.
  template <class T>
  std::vector<T> to_vector(std::source_location at = std::source_location::current()) const {
    const Tensor packed = pack(at);
    const T* first = packed.data<T>(at);
    return {first, first + packed.numel()};
  }
  // Writable memory of a contiguous tensor; counts as an in-place edit.
  template <class T>
  T* mutable_data(std::source_location at = std::source_location::current()) {
    return static_cast<T*>(write_data(dtype_of<T>, at));
  }

  // Autograd (PyTorch's meaning).
  bool requires_grad() const;
  Tensor& set_requires_grad(bool on = true, std::source_location at = std::source_location::current());
  bool is_leaf() const;
  Tensor grad() const;  // undefined until backward() has reached this leaf
  // Of this tensor's shape and dtype; undefined for none.
  void set_grad(const Tensor& grad, std::source_location at = std::source_location::current());
  void zero_grad() { set_grad({}); }
  // Accumulates d(this)/d(leaf) into every leaf that requires a gradient. `gradient` may be omitted for one
  // element.
  void backward(const Tensor& gradient = {}, bool retain_graph = false, bool create_graph = false,
                std::source_location at = std::source_location::current()) const;
  // Calls `hook` in every backward walk that computes this tensor's gradient; in a graph, whenever
  // gradients() does, with a tensor of the graph. StateError where none is required.
  HookHandle register_hook(GradientHook hook,
                           std::source_location at = std::source_location::current()) const;
  // The same values without history.
  Tensor detach() const;
  // Replace the storage (PyTorch's `x.data = value`): graphs that captured this tensor see the new value.
  void set_data(const Tensor& value, std::source_location at = std::source_location::current());
  // How often the storage has been written to.
  std::uint32_t version() const;

  // In-place operations: the result must have this tensor's shape and fit its dtype.
  Tensor& add_(const Arg& other);
  Tensor& sub_(const Arg& other);
  Tensor& mul_(const Arg& other);
  Tensor& div_(const Arg& other);
  Tensor& copy_(const Arg& source);
  Tensor& fill_(double value, std::source_location at = std::source_location::current());

  // The operations as methods, for chains: (x * 2).mean().backward().
  Tensor sum(const Dims& axes = {}, bool keepdims = false,
             std::source_location at = std::source_location::current()) const;
  Tensor mean(const Dims& axes = {}, bool keepdims = false,
              std::source_location at = std::source_location::current()) const;
  Tensor to(Dtype dtype, std::source_location at = std::source_location::current()) const;
  Tensor operator[](Index index) const;  // along the first dimension
  Tensor t(std::source_location at = std::source_location::current()) const;

  core::Impl* impl() const { return impl_.get(); }

 private:
  const void* read_data(Dtype dtype, const Location& at) const;
  void* write_data(Dtype dtype, const Location& at);
  void read_scalar(Dtype dtype, void* out, const Location& at) const;
  Tensor pack(const Location& at) const;

  Ref<core::Impl> impl_;
};

using Tensors = std::vector<Tensor>;

// A registered hook; it stays when the handle goes.
// Takes a hook away again; does not keep the tensor alive.
class HookHandle {
 public:
  using Hooks = std::weak_ptr<std::vector<core::Hook>>;
  HookHandle() = default;
  HookHandle(Hooks hooks, std::uint64_t id) : hooks_(std::move(hooks)), id_(id) {}
  void remove();

 private:
  Hooks hooks_;
  std::uint64_t id_ = 0;
};

// A tensor argument of a public function, with the line of the call. Numbers become scalars that adopt the
// dtype of the tensors they meet (PyTorch's rule for Python numbers).
class Arg {
 public:
  Arg(const Tensor& t, std::source_location at = std::source_location::current())  // NOLINT
      : impl_(t.impl()), where_(at) {}
  Arg(double v, std::source_location at = std::source_location::current());  // NOLINT
  Arg(float v, std::source_location at = std::source_location::current())
      : Arg(static_cast<double>(v), at) {}                                         // NOLINT
  Arg(std::int64_t v, std::source_location at = std::source_location::current());  // NOLINT
  Arg(int v, std::source_location at = std::source_location::current())
      : Arg(std::int64_t{v}, at) {}                                        // NOLINT
  Arg(bool v, std::source_location at = std::source_location::current());  // NOLINT

  core::Impl* impl() const { return impl_; }
  Tensor tensor() const { return Tensor(Ref<core::Impl>(impl_)); }
  const Location& where() const { return where_; }

 private:
  core::Impl* impl_ = nullptr;  // borrowed for the length of the call, or owned_'s
  Ref<core::Impl> owned_;
  Location where_;
};

// Constructors from values.
Tensor from_values(const void* values, Dtype dtype, const Shape& shape);  // copies
template <class T>
Tensor tensor(const std::vector<T>& values, const Shape& shape) {
  if (static_cast<std::int64_t>(values.size()) != shape.numel())
    throw ShapeError({.op = "tensor",
                      .argument = "values",
                      .got = std::to_string(values.size()) + " values",
                      .expected = std::to_string(shape.numel()) + " for shape " + to_string(shape)});
  return from_values(values.data(), dtype_of<T>, shape);
}
template <class T>
Tensor tensor(std::initializer_list<T> values) {
  return from_values(values.begin(), dtype_of<T>, Shape{static_cast<std::int64_t>(values.size())});
}
template <class T>
Tensor tensor(std::initializer_list<T> values, const Shape& shape) {
  return tensor(std::vector<T>(values), shape);
}
template <class T>
  requires(std::is_arithmetic_v<T>)
Tensor tensor(T value) {
  return from_values(&value, dtype_of<T>, Shape{});
}
// Memory that stays the caller's: shared, not copied; it must outlive every tensor that views it. Strides in
// elements; empty means row-major.
Tensor from_blob(void* data, Dtype dtype, const Shape& shape, const Dims& strides = {});

// A leaf that requires a gradient and that graphs capture by reference: a copy of `value`'s contents.
Tensor parameter(const Tensor& value);
// State without a gradient (running averages, counters) that graphs capture by reference too.
Tensor buffer(const Tensor& value);

// clang-format off
Tensor operator+(const Arg& a, const Arg& b); Tensor operator-(const Arg& a, const Arg& b);
Tensor operator*(const Arg& a, const Arg& b); Tensor operator/(const Arg& a, const Arg& b);
Tensor operator-(const Arg& a);
Tensor operator==(const Arg& a, const Arg& b); Tensor operator!=(const Arg& a, const Arg& b);
Tensor operator<(const Arg& a, const Arg& b);  Tensor operator<=(const Arg& a, const Arg& b);
Tensor operator>(const Arg& a, const Arg& b);  Tensor operator>=(const Arg& a, const Arg& b);
// clang-format on

// Values as PyTorch prints them: "tensor([[1., 2.],\n        [3., 4.]])"; a symbolic tensor prints what is
// known.
std::string to_string(const Tensor& tensor);

// Gradients are recorded unless a NoGrad lives on this thread.
class NoGrad {
 public:
  explicit NoGrad(bool off = true);
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool before_;
};
bool grad_enabled();

// d(sum of outputs)/d(inputs), without touching .grad (torch.autograd.grad), for concrete tensors;
// gradients() in graph.h is its twin for symbolic ones. An input that the outputs do not depend on gives an
// undefined tensor when `allow_unused`, else ValueError; one that requires no gradient, StateError.
struct GradOptions {
  Tensors grad_outputs{};
  bool retain_graph = false, create_graph = false, allow_unused = false;
};
Tensors grad(const Tensors& outputs, const Tensors& inputs, const GradOptions& options = {},
             std::source_location at = std::source_location::current());

// TensorFlow's strictness: operands of different dtypes are refused instead of promoted.
class StrictDtypes {
 public:
  StrictDtypes();
  ~StrictDtypes();
  StrictDtypes(const StrictDtypes&) = delete;
  StrictDtypes& operator=(const StrictDtypes&) = delete;

 private:
  bool before_;
};

}  // namespace twofold
