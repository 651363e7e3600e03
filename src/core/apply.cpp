#include "core/apply.h"

#include "core/alias.h"
#include "core/promote.h"
#include "core/record.h"
#include "core/recorder.h"

namespace twofold::core {
namespace {

thread_local Location inherited;

// One output needs no allocation; the public lists are vectors.
using Results = SmallVector<Tensor, 2>;
Results short_list(Tensors tensors) {
  Results out;
  for (Tensor& t : tensors) out.push_back(std::move(t));
  return out;
}
Tensors long_list(Results results) {
  return {std::make_move_iterator(results.begin()), std::make_move_iterator(results.end())};
}

Meta meta_of(const Impl* impl) {
  return impl ? Meta{impl->array.dtype, impl->array.shape} : Meta{bool_, {}, true};
}

bool wants_history(const Op& op, Inputs in) {
  if (!grad_enabled()) return false;
  for (std::size_t k = 0; k < in.size(); ++k)
    if (in[k] && in[k]->needs_grad() && !op.reads_shape_only(static_cast<int>(k))) return differentiable(op);
  return false;
}

// --- executing
// ----------------------------------------------------------------------------------------------

// After an ordinary call the hot path knows the row at this dtype; one that looks at values stays off it.
void warm_up(const Op& op, Inputs in, std::span<const Dtype> dtypes) {
  if (op.check || in.size() > 4 || uniform_entry(op, dtypes[0])) return;
  for (Dtype d : dtypes)
    if (d != dtypes[0]) return;
  remember_uniform(op, dtypes[0], static_cast<int>(in.size()));
}

// A rule of the row's own, stricter than broadcasting.
Shape ruled_shape(const Op& op, Inputs in, const Attrs& attrs) {
  SmallVector<Meta, 3> metas;
  for (Impl* i : in) metas.push_back(meta_of(i));
  return infer(op, {metas.data(), metas.size()}, attrs)[0].shape;
}

Ref<Impl> execute_lanes(const Op& op, Inputs in, const Attrs& attrs) {
  const Array* arrays[16];
  for (std::size_t i = 0; i < in.size(); ++i) arrays[i] = in[i] ? &in[i]->array : nullptr;
  // Equal shapes and a known dtype need no inference: nearly every call.
  Dtype dtypes[16];
  for (std::size_t i = 0; i < in.size(); ++i) dtypes[i] = (in[i] ? in[i] : in.back())->array.dtype;
  Shape shape = in.back()->array.shape;
  if (op.infer) shape = ruled_shape(op, in, attrs);
  for (Impl* i : in)
    if (i && !(i->array.shape == shape)) shape = broadcast(i->array.shape, shape);
  Ref<Impl> out = allocate(lanes_result(op, {dtypes, in.size()}), shape);
  Array* outs[] = {&out->array};
  run_kernel({op, {arrays, in.size()}, outs, attrs});
  warm_up(op, in, {dtypes, in.size()});
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

Results execute_kernel(const Op& op, Inputs in, const Attrs& attrs, const Metas& metas) {
  SmallVector<const Array*, 4> arrays;
  for (Impl* i : in) arrays.push_back(i ? &i->array : nullptr);
  Results results;
  SmallVector<Array*, 2> outs;
  for (const Meta& m : metas) {
    results.push_back(handle(allocate(m.dtype, m.shape)));
    outs.push_back(&results.back().impl()->array);
  }
  run_kernel({op, {arrays.data(), arrays.size()}, {outs.data(), outs.size()}, attrs});
  return results;
}

Tensors execute_produce(const Op& op, Inputs in, const Attrs& attrs, int wanted) {
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

void link_view(const Op& op, Impl& source, Inputs in, const Attrs& attrs, Impl& view) {
  const Ref<Impl> like(in.size() > 1 ? in[1] : nullptr);
  view.view = std::make_unique<ViewLink>(
      ViewLink{{}, Ref<Impl>(&source), Ref<Impl>(&source.root()), &op, attrs, like});
  view.epoch = source.root().epoch;
  view.lineage = source.root().lineage;
}

Results execute_any(const Op& op, Inputs in, const Attrs& attrs, int wanted) {
  Results one;
  if (op.lanes) {
    check_operands(op, in);
    one.push_back(handle(execute_lanes(op, in, attrs)));
    return one;
  }
  SmallVector<Meta, 3> metas;
  for (Impl* i : in) metas.push_back(meta_of(i));
  const Metas out = infer(op, {metas.data(), metas.size()}, attrs);
  if (op.produce) return short_list(execute_produce(op, in, attrs, wanted));
  if (!op.view) return execute_kernel(op, in, attrs, out);
  one.push_back(handle(execute_view(op, *in[0], attrs, out[0])));
  return one;
}

Results run_now(const Op& op, Inputs in, const Attrs& attrs, const Location& where) {
  const bool history = wants_history(op, in);
  Results out = execute_any(op, in, attrs, history ? all_wanted : op.sig.outputs());
  if (op.view) link_view(op, *in[0], in, attrs, *out[0].impl());
  if (history) record_history(op, in, attrs, where, {out.data(), out.size()});
  return out;
}

Tensors record(Recorder& graph, const Op& op, Inputs in, const Attrs& attrs, const Location& where) {
  Tensors out = graph.record(op, in, attrs, where);
  if (op.view) {
    // A concrete source was captured: the view aliases the tensor that stands for it in the graph.
    Ref<Impl> source(in[0]->symbol ? in[0] : graph.capture(*in[0], where).impl());
    link_view(op, *source, in, attrs, *out[0].impl());
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
    if (i && is_half(i->array.dtype) && !op.moves) half = i->array.dtype, args.back() = args.back().to(f32);
  }
  Tensors out;
  try {
    out = op.compose(args, attrs);
  } catch (Error& e) {
    if (!op.hidden) e.rename(op.name);
    throw;
  }
  if (half != f32)
    for (Tensor& t : out)
      if (t.dtype() == f32) t = t.to(half);
  return out;
}

Results dispatch(const Op& op, Inputs in, const Attrs& attrs, const Location& where) {
  for (Impl* i : in)
    if (i) refresh_if_stale(*i);
  if (op.compose) {
    LocationScope scope(where);
    check_operands(op, in);
    Tensors out = compose(op, in, attrs);
    Recorder* graph = recorder_for(in);
    for (Tensor& t : out) {
      // Some compositions may return an operand: in a graph that is a node, too.
      if (graph && !t.symbolic()) t = graph->capture(*t.impl(), where);
      if (!graph && !op.hidden && grad_enabled()) show_as(*t.impl(), op.name, in);
    }
    return short_list(std::move(out));
  }
  if (Recorder* graph = recorder_for(in)) return short_list(record(*graph, op, in, attrs, where));
  return run_now(op, in, attrs, where);
}

Results apply_checked(const Op& op, Inputs in, const Attrs& attrs, const Location& where) {
  if (uniform_dtypes(op, in)) return dispatch(op, in, attrs, where);
  const Operands operands = promote_operands(op, in, where);
  return dispatch(op, operands.span(), attrs, where);
}

// --- the hot path: an elementwise row on small operands of one dtype, each of the result's shape or single
// -------

constexpr std::int64_t small = 4096;  // elements below which threads and tiles need no thought

// How an operand is walked to give a result of this shape: by elements, standing still (one value for all),
// or not on this path.
enum class Walk : std::uint8_t { elements, still, other };
Walk walk_of(const Impl& i, const Array& largest) {
  const Array& a = i.array;
  // A view that is behind its root is brought up to date on the ordinary path.
  if (i.symbol || i.weak || a.dtype != largest.dtype || (i.view && is_stale(i))) return Walk::other;
  if (a.numel() == 1 && a.rank() <= largest.rank()) return Walk::still;
  if (!(a.shape == largest.shape)) return Walk::other;
  if (a.contiguous) return Walk::elements;
  return is_single_valued(a) ? Walk::still : Walk::other;
}

// The operand that has the result's shape, or null where the row and its operands need the ordinary path.
const Array* hot_shape(const Op& op, Inputs in, lanes::Operand* operands) {
  if (!op.lanes || op.infer || in.empty() || in.size() > 4 || open_recorder()) return nullptr;
  const Array* largest = nullptr;
  for (Impl* i : in)
    if (i && (!largest || i->array.numel() > largest->numel())) largest = &i->array;
  if (!largest || largest->numel() > small || largest->numel() <= 0) return nullptr;
  const auto step = static_cast<std::int64_t>(size_of(largest->dtype));
  for (std::size_t k = 0; k < in.size(); ++k) {
    const Walk walk = in[k] ? walk_of(*in[k], *largest) : Walk::still;
    if (walk == Walk::other) return nullptr;
    operands[k] = {in[k] ? in[k]->array.data : nullptr, walk == Walk::elements ? step : 0};
  }
  return largest;
}

Ref<Impl> compute_hot(const LanesEntry& entry, const Array& shape, std::span<const lanes::Operand> operands,
                      const Attrs& attrs) {
  Ref<Impl> out = shape.contiguous ? allocate_like(shape, entry.result) : allocate(entry.result, shape.shape);
  lanes::Uniform uniforms[Sig::capacity];
  const auto count = static_cast<std::size_t>(lanes_uniforms(attrs, uniforms));
  lanes::run(*entry.executable, operands, {uniforms, count},
             {out->array.data, static_cast<std::int64_t>(size_of(entry.result))}, shape.numel());
  return out;
}

// False when the call is not for this path; then nothing has happened.
bool run_hot(const Op& op, Inputs in, const Attrs& attrs, const Location& where, Tensor& result) {
  lanes::Operand operands[4];
  const Array* shape = hot_shape(op, in, operands);
  const LanesEntry* entry = shape ? uniform_entry(op, shape->dtype) : nullptr;
  if (!entry) return false;
  result = handle(compute_hot(*entry, *shape, {operands, in.size()}, attrs));
  if (wants_history(op, in)) record_history(op, in, attrs, where, {&result, 1}, entry->saves);
  return true;
}

bool has_numbers(const Op& op, Inputs in) {
  if (!op.lanes || open_recorder()) return false;
  for (Impl* i : in)
    if (i && i->weak) return true;
  return false;
}

Tensor apply_to_one(const Op& op, Inputs in, const Attrs& attrs, const Location& where) {
  Tensor result;
  if (run_hot(op, in, attrs, where, result)) return result;
  if (!has_numbers(op, in)) return std::move(apply_checked(op, in, attrs, where)[0]);
  const Operands operands = promote_operands(op, in, where);
  if (run_hot(op, operands.span(), attrs, where, result)) return result;
  return std::move(dispatch(op, operands.span(), attrs, where)[0]);
}

}  // namespace

LocationScope::LocationScope(const Location& where) : before_(inherited) {
  if (!inherited) inherited = where;
}
LocationScope::~LocationScope() { inherited = before_; }
OwnLines::OwnLines() : before_(std::exchange(inherited, Location())) {}
OwnLines::~OwnLines() { inherited = before_; }
Location inherited_location(const Location& own) { return inherited ? inherited : own; }

Tensors execute(const Op& op, Inputs in, const Attrs& attrs, int wanted) {
  return long_list(execute_any(op, in, attrs, wanted));
}

Tensors apply(const Op& op, Inputs in, Attrs attrs, const Location& own) {
  const Location where = inherited_location(own);
  try {
    return long_list(apply_checked(op, in, attrs, where));
  } catch (Error& e) {
    e.locate(op.name, where);
    throw;
  }
}

Tensor apply_one(const Op& op, Inputs in, Attrs attrs, const Location& own) {
  const Location where = inherited_location(own);
  try {
    return apply_to_one(op, in, attrs, where);
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
