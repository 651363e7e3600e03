// Tensor and Arg: the public handle.
#include "twofold/tensor.h"

#include <algorithm>
#include <cstring>

#include "core/alias.h"
#include "core/apply.h"
#include "core/record.h"
#include "core/recorder.h"
#include "kernels/index.h"

namespace twofold {

using core::Impl;

namespace {

thread_local bool gradients_off = false;

Impl& existing(const Tensor& t, const char* call) {
  if (t.defined()) return *t.impl();
  throw ValueError({.op = call, .argument = "", .got = "an undefined tensor", .expected = "a tensor"});
}

Impl& concrete(const Tensor& t, const char* call) {
  Impl& impl = existing(t, call);
  if (!impl.symbol && impl.array.data) return impl;
  throw StateError({.op = call,
                    .argument = "",
                    .got = "a tensor of a graph, which has no value until a Session runs it",
                    .expected = "a tensor with values"});
}

Impl& of_dtype(const Tensor& t, Dtype dtype, const char* call) {
  Impl& impl = concrete(t, call);
  if (impl.array.dtype == dtype) return impl;
  throw DtypeError({.op = call,
                    .argument = "",
                    .got = "a tensor of " + std::string(name_of(impl.array.dtype)),
                    .expected = std::string(name_of(dtype)) + ", the C++ type asked for"});
}

// A view's history after what was written to its root since.
Impl& up_to_date(Impl& impl) {
  if (!impl.symbol) core::refresh_if_stale(impl);
  return impl;
}

void check_gradient(const Impl& of, const Impl& grad) {
  if (&of == &grad)
    throw ValueError(
        {.op = "", .argument = "grad", .got = "the tensor itself", .expected = "another tensor"});
  if (!(of.array.shape == grad.array.shape))
    throw ShapeError({.op = "",
                      .argument = "grad",
                      .got = to_string(grad.array.shape),
                      .expected = "the tensor's shape " + to_string(of.array.shape)});
  if (of.array.dtype != grad.array.dtype)
    throw DtypeError({.op = "",
                      .argument = "grad",
                      .got = std::string(name_of(grad.array.dtype)),
                      .expected = "the tensor's " + std::string(name_of(of.array.dtype))});
}

// A C++ number: every x * 2 makes one.
template <class T>
Ref<Impl> number(T value) {
  Ref<Impl> impl = core::allocate_scalar(dtype_of<T>);
  *impl->array.template as<T>() = value;
  impl->weak = true;
  return impl;
}

}  // namespace

Dtype Tensor::dtype() const { return existing(*this, "dtype").array.dtype; }
const Shape& Tensor::shape() const { return existing(*this, "shape").array.shape; }
Device Tensor::device() const { return existing(*this, "device").device; }
bool Tensor::symbolic() const { return impl_ && impl_->symbol; }
std::int64_t Tensor::size(std::int64_t axis) const { return shape()[normal_axis(axis, rank())]; }
bool Tensor::requires_grad() const { return impl_ && up_to_date(*impl_).needs_grad(); }
bool Tensor::is_leaf() const { return !impl_ || !up_to_date(*impl_).record; }
Tensor Tensor::grad() const { return impl_ ? Tensor(impl_->grad) : Tensor(); }
std::uint32_t Tensor::version() const { return concrete(*this, "version").storage->version; }

Tensor& Tensor::set_requires_grad(bool on, std::source_location at) {
  Impl& impl = existing(*this, "set_requires_grad");
  core::located("set_requires_grad", at, [&] {
    if (up_to_date(impl).record)
      throw StateError({.op = "", .argument = "", .got = "a tensor with history", .expected = "a leaf"});
    if (on && impl.array.dtype == bool_)
      throw DtypeError({.op = "", .argument = "", .got = "a bool tensor", .expected = "a number dtype"});
  });
  impl.requires_grad = on;
  return *this;
}

void Tensor::set_grad(const Tensor& grad, std::source_location at) {
  Impl& impl = existing(*this, "set_grad");
  if (grad.defined())
    core::located("set_grad", at, [&] { check_gradient(impl, concrete(grad, "set_grad")); });
  impl.grad = Ref<Impl>(grad.impl());
}

Tensor Tensor::detach() const {
  Impl& impl = existing(*this, "detach");
  if (impl.symbol || core::open_recorder()) {
    return core::apply_one(core::find_op("detach"), {&impl}, {}, {});
  }
  return core::handle(core::shallow_copy(impl));
}

void Tensor::set_data(const Tensor& value, std::source_location at) {
  core::located("set_data", at, [&] {
    Impl& to = concrete(*this, "set_data");
    Impl& from = concrete(value, "set_data");
    if (up_to_date(to).record && !(to.array.shape == from.array.shape && to.array.dtype == from.array.dtype))
      throw StateError({.op = "",
                        .argument = "value",
                        .got = std::string(name_of(from.array.dtype)) + to_string(from.array.shape),
                        .expected = "a computed tensor's own " + std::string(name_of(to.array.dtype)) +
                                    to_string(to.array.shape) + ", which gradients will have"});
    to.array = from.array;
    to.storage = from.storage;
    to.dense = from.dense;
    to.view.reset();
    ++to.epoch;
  });
}

Tensor Tensor::pack(const Location& at) const {
  const Impl& impl = *core::located("to_vector", at, [&] { return &concrete(*this, "to_vector"); });
  if (impl.array.contiguous) return *this;
  Ref<Impl> packed = core::allocate(impl.array.dtype, impl.array.shape);
  copy(impl.array, packed->array);
  return core::handle(std::move(packed));
}

const void* Tensor::read_data(Dtype dtype, const Location& at) const {
  return core::located("data", at, [&] {
    const Impl& impl = of_dtype(*this, dtype, "data");
    if (!impl.array.contiguous)
      throw ValueError(
          {.op = "data", .argument = "", .got = "a strided tensor", .expected = "a contiguous one"});
    return impl.array.data;
  });
}

void* Tensor::write_data(Dtype dtype, const Location& at) {
  const void* data = read_data(dtype, at);
  if (impl_->storage->read_only) {
    StateError e({.op = "mutable_data",
                  .argument = "",
                  .got = "memory that is read-only",
                  .expected = "memory that may be written to; clone() makes a copy"});
    e.locate("mutable_data", at);
    throw e;
  }
  ++impl_->storage->version;
  impl_->storage->last_edit = at;
  return const_cast<void*>(data);
}

void Tensor::read_scalar(Dtype dtype, void* out, const Location& at) const {
  core::located("item", at, [&] {
    const Impl& impl = of_dtype(*this, dtype, "item");
    if (impl.array.numel() != 1)
      throw ValueError({.op = "item",
                        .argument = "",
                        .got = "a tensor of shape " + to_string(impl.array.shape),
                        .expected = "one element"});
    std::memcpy(out, impl.array.data, size_of(dtype));
  });
}

Tensor from_values(const void* values, Dtype dtype, const Shape& shape) {
  if (!shape.known())
    throw ShapeError(
        {.op = "tensor", .argument = "shape", .got = to_string(shape), .expected = "known dimensions"});
  Ref<Impl> impl = core::allocate(dtype, shape);
  if (impl->array.bytes() > 0) std::memcpy(impl->array.data, values, impl->array.bytes());
  return core::handle(std::move(impl));
}

Tensor from_blob(void* data, Dtype dtype, const Shape& shape, const Dims& strides) {
  if (!shape.known() || (!strides.empty() && strides.size() != shape.rank()))
    throw ShapeError({.op = "from_blob",
                      .argument = "shape",
                      .got = to_string(shape) + " with strides " + to_string(strides),
                      .expected = "known dimensions and a stride for each"});
  Ref<Impl> impl = core::new_impl();
  impl->array = {data, dtype, true, shape, strides.empty() ? contiguous_strides(shape) : strides};
  constexpr std::int64_t far = std::int64_t{1} << 40;
  for (int d = 0; d < shape.rank(); ++d)  // strides that nobody walks could be anything
    if (shape[d] <= 1) impl->array.strides[d] = std::clamp<std::int64_t>(impl->array.strides[d], -far, far);
  impl->array.contiguous = is_contiguous(shape, impl->array.strides);
  impl->dense = impl->array.contiguous;
  impl->storage = core::borrow_storage(data, impl->array.bytes());
  if (!data) impl->array.data = impl->storage->inline_bytes;  // an empty tensor still points somewhere
  return core::handle(std::move(impl));
}

namespace {

Tensor state_of(const Tensor& value, const char* call) {
  const Impl& from = concrete(value, call);
  Ref<Impl> impl = core::allocate(from.array.dtype, from.array.shape);
  copy(from.array, impl->array);
  impl->state = true;
  return core::handle(std::move(impl));
}

}  // namespace

Tensor parameter(const Tensor& value) { return state_of(value, "parameter").set_requires_grad(); }
Tensor buffer(const Tensor& value) { return state_of(value, "buffer"); }

Arg::Arg(double v, std::source_location at) : owned_(number(v)), where_(at) { impl_ = owned_.get(); }
Arg::Arg(std::int64_t v, std::source_location at) : owned_(number(v)), where_(at) { impl_ = owned_.get(); }
Arg::Arg(bool v, std::source_location at) : owned_(number(v)), where_(at) { impl_ = owned_.get(); }

NoGrad::NoGrad(bool off) : before_(std::exchange(gradients_off, off)) {}
NoGrad::~NoGrad() { gradients_off = before_; }
bool grad_enabled() { return !gradients_off; }

}  // namespace twofold
