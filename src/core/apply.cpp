#include "core/apply.h"

#include "core/alias.h"
#include "core/promote.h"
#include "core/record.h"
#include "core/recorder.h"

namespace twofold::core {
namespace {

thread_local Location inherited;

Meta meta_of(const Impl* impl) {
  return impl ? Meta{impl->array.dtype, impl->array.shape} : Meta{bool_, {}, true};
}

bool wants_history(const Op& op, Inputs in) {
  if (!grad_enabled()) return false;
  for (Impl* i : in)
    if (i && i->needs_grad()) return differentiable(op);
  return false;
}

// --- executing
// ----------------------------------------------------------------------------------------------

Ref<Impl> execute_lanes(const Op& op, Inputs in, const Attrs& attrs) {
  const Array* arrays[16];
  for (std::size_t i = 0; i < in.size(); ++i) arrays[i] = in[i] ? &in[i]->array : nullptr;
  // Equal shapes and a known dtype need no inference: nearly every call.
  Dtype dtypes[16];
  for (std::size_t i = 0; i < in.size(); ++i) dtypes[i] = (in[i] ? in[i] : in.back())->array.dtype;
  Shape shape = in.back()->array.shape;
  for (Impl* i : in)
    if (i && !(i->array.shape == shape)) shape = broadcast(i->array.shape, shape);
  Ref<Impl> out = allocate(lanes_result(op, {dtypes, in.size()}), shape);
  run_lanes(op, {arrays, in.size()}, attrs, out->array);
  return out;
}

Ref<Impl> execute_view(const Op& op, Impl& source, const Attrs& attrs, const Meta& meta) {
  Ref<Impl> out = new_impl();
  out->array.dtype = meta.dtype;
  out->array.shape = meta.shape;
  op.view(source.array, out->array, attrs);
  out->array.contiguous = is_contiguous(out->array.shape, out->array.strides);
  out->storage = source.storage;
  out->dense = source.dense && op.keeps_order;
  return out;
}

Tensors execute_kernel(const Op& op, Inputs in, const Attrs& attrs, const std::vector<Meta>& metas) {
  std::vector<const Array*> arrays;
  for (Impl* i : in) arrays.push_back(i ? &i->array : nullptr);
  Tensors results;
  std::vector<Array*> outs;
  for (const Meta& m : metas) {
    results.push_back(handle(allocate(m.dtype, m.shape)));
    outs.push_back(&results.back().impl()->array);
  }
  run_kernel({op, arrays, outs, attrs});
  return results;
}

Tensors execute_produce(const Op& op, Inputs in, const Attrs& attrs, std::uint32_t wanted) {
  Tensors bare;
  for (Impl* i : in) bare.push_back(i ? handle(shallow_copy(*i)) : Tensor());
  NoGrad off;
  RecorderScope closed(nullptr);
  return op.produce({op, bare, attrs, wanted});
}

void check_operands(const Op& op, Inputs in) {
  for (std::size_t i = 0; i < in.size(); ++i)
    if (in[i]) check_class(op, static_cast<int>(i), in[i]->array.dtype, in[i]->array.shape);
}

// --- the two modes
// --------------------------------------------------------------------------------------------

void link_view(const Op& op, Impl& source, const Attrs& attrs, Impl& view) {
  view.view = std::make_unique<ViewLink>(ViewLink{Ref<Impl>(&source), &op, attrs});
  view.epoch = source.root().epoch;
}

Tensors run_now(const Op& op, Inputs in, const Attrs& attrs, const Location& where) {
  const bool history = wants_history(op, in);
  Tensors out = execute(op, in, attrs, history ? ~0u : (1u << op.sig.outputs()) - 1);
  if (op.view) link_view(op, *in[0], attrs, *out[0].impl());
  if (history) record_history(op, in, attrs, where, out);
  return out;
}

Tensors record(Recorder& graph, const Op& op, Inputs in, const Attrs& attrs, const Location& where) {
  Tensors out = graph.record(op, in, attrs, where);
  if (op.view) {
    // A concrete source was captured: the view aliases the tensor that stands for it in the graph.
    Ref<Impl> source(in[0]->symbol ? in[0] : graph.capture(*in[0], where).impl());
    link_view(op, *source, attrs, *out[0].impl());
    out[0].impl()->dense = source->dense && op.keeps_order;
  }
  return out;
}

Tensors compose(const Op& op, Inputs in, const Attrs& attrs) {
  // A half-typed composition computes in f32 throughout and rounds once, at the end.
  Tensors args;
  Dtype half = f32;
  for (Impl* i : in) {
    args.push_back(i ? handle(Ref<Impl>(i)) : Tensor());
    if (i && is_half(i->array.dtype))
      half = half == f32 ? i->array.dtype : f32, args.back() = args.back().to(f32);
  }
  Tensors out = op.compose(args, attrs);
  if (half != f32)
    for (Tensor& t : out)
      if (t.dtype() == f32) t = t.to(half);
  return out;
}

Tensors dispatch(const Op& op, Inputs in, const Attrs& attrs, const Location& where) {
  for (Impl* i : in)
    if (i) refresh_if_stale(*i);
  if (op.compose) {
    LocationScope scope(where);
    check_operands(op, in);
    return compose(op, in, attrs);
  }
  if (Recorder* graph = recorder_for(in)) return record(*graph, op, in, attrs, where);
  return run_now(op, in, attrs, where);
}

Tensors apply_checked(const Op& op, Inputs in, const Attrs& attrs, const Location& where) {
  if (uniform_dtypes(op, in)) return dispatch(op, in, attrs, where);
  const Operands operands = promote_operands(op, in, where);
  return dispatch(op, operands.span(), attrs, where);
}

// The hot path: an elementwise operation on concrete operands of one dtype.
bool is_hot(const Op& op, Inputs in) {
  if (!op.lanes || open_recorder()) return false;
  for (Impl* i : in)
    if (i && (i->symbol || i->view)) return false;
  return uniform_dtypes(op, in);
}

Tensor run_hot(const Op& op, Inputs in, const Attrs& attrs, const Location& where) {
  check_operands(op, in);
  Tensor out[] = {handle(execute_lanes(op, in, attrs))};
  if (wants_history(op, in)) record_history(op, in, attrs, where, out);
  return std::move(out[0]);
}

}  // namespace

LocationScope::LocationScope(const Location& where) : before_(inherited) {
  if (!inherited) inherited = where;
}
LocationScope::~LocationScope() { inherited = before_; }
Location inherited_location(const Location& own) { return inherited ? inherited : own; }

Tensors execute(const Op& op, Inputs in, const Attrs& attrs, std::uint32_t wanted) {
  if (op.lanes) {
    check_operands(op, in);
    return {handle(execute_lanes(op, in, attrs))};
  }
  std::vector<Meta> metas;
  for (Impl* i : in) metas.push_back(meta_of(i));
  const std::vector<Meta> out = infer(op, metas, attrs);
  if (op.produce) return execute_produce(op, in, attrs, wanted);
  if (op.view) return {handle(execute_view(op, *in[0], attrs, out[0]))};
  return execute_kernel(op, in, attrs, out);
}

Tensors apply(const Op& op, Inputs in, Attrs attrs, const Location& own) {
  const Location where = inherited_location(own);
  try {
    return apply_checked(op, in, attrs, where);
  } catch (Error& e) {
    e.locate(op.name, where);
    throw;
  }
}

Tensor apply_one(const Op& op, Inputs in, Attrs attrs, const Location& own) {
  const Location where = inherited_location(own);
  try {
    if (is_hot(op, in)) return run_hot(op, in, attrs, where);
    return std::move(apply_checked(op, in, attrs, where)[0]);
  } catch (Error& e) {
    e.locate(op.name, where);
    throw;
  }
}

Tensor apply_one(const Op& op, std::initializer_list<Impl*> in, Attrs attrs, const Location& where) {
  return apply_one(op, Inputs(in.begin(), in.size()), std::move(attrs), where);
}

Tensors apply(const Op& op, const Tensors& in, Attrs attrs) {
  SmallVector<Impl*, 4> impls;
  for (const Tensor& t : in) impls.push_back(t.impl());
  return apply(op, {impls.data(), impls.size()}, std::move(attrs), {});
}

}  // namespace twofold::core
