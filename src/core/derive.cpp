#include "core/derive.h"

#include "base/small_vector.h"
#include "core/apply.h"

namespace twofold::core {
namespace {

Tensor lanes_gradient(const Op& op, Vjp& step, int input, std::span<const Dtype> dtypes) {
  const Op* d = lanes_vjp(op, input, dtypes);
  if (!d) return {};
  const int n = step.inputs();
  SmallVector<Tensor, 4> operands(static_cast<std::size_t>(n) + 2);
  for (int k = 0; k < n; ++k)
    if (lanes_reads(*d, k)) operands[static_cast<std::size_t>(k)] = step.x(k);
  if (lanes_reads(*d, n)) operands[static_cast<std::size_t>(n)] = step.y(0);
  operands.back() = step.g(0);
  SmallVector<Impl*, 4> impls;
  for (const Tensor& t : operands) impls.push_back(t.impl());
  return apply_one(*d, {impls.data(), impls.size()}, step.attrs(), {});
}

Tensors lanes_gradients(const Op& op, Vjp& step, std::span<const Meta> metas) {
  Dtype dtypes[16];
  for (std::size_t i = 0; i < metas.size(); ++i)
    dtypes[i] = (metas[i].absent ? metas.back() : metas[i]).dtype;
  Tensors out(metas.size());
  for (std::size_t i = 0; i < metas.size(); ++i) {
    const int k = static_cast<int>(i);
    if (metas[i].absent || !step.needs(k)) continue;
    out[i] = lanes_gradient(op, step, k, {dtypes, metas.size()});
    if (out[i].defined()) out[i] = sum_to(out[i], metas[i], step, k);
  }
  return out;
}

}  // namespace

Tensors derive(const Op& op, Vjp& step, std::span<const Meta> metas) {
  if (op.vjp) return op.vjp(step);
  if (op.lanes) return lanes_gradients(op, step, metas);
  throw StateError(
      {.op = op.name, .argument = "", .got = "a gradient request", .expected = "a differentiable operation"});
}

Tensor sum_to(const Tensor& g, const Meta& meta, Vjp& step, int input) {
  static const Op& row = find_op("sum_to");
  if (meta.shape.known() && meta.shape == g.shape()) return g;
  const Tensor like = step.like(input);
  return apply_one(row, {g.impl(), like.impl()}, {}, {});
}

Tensor accumulate(const Tensor& a, const Tensor& b) {
  static const Op& add = find_op("add");
  if (!a.defined()) return b;
  if (!b.defined()) return a;
  return apply_one(add, {a.impl(), b.impl()}, {}, {});
}

Tensor shape_only(const Meta& meta) {
  Ref<Impl> impl = new_impl();
  impl->array.dtype = meta.dtype;
  impl->array.shape = meta.shape;
  impl->array.strides = contiguous_strides(meta.shape);
  return handle(std::move(impl));
}

}  // namespace twofold::core
