#include "core/record.h"

#include <algorithm>
#include <atomic>

#include "base/memory.h"

namespace twofold::core {
namespace {

std::atomic<std::uint64_t> next_order{0};

std::uint32_t saves_of(const Op& op, std::span<Impl* const> in) {
  if (!op.lanes) return op.saves;
  Dtype dtypes[16];
  for (std::size_t i = 0; i < in.size(); ++i) dtypes[i] = (in[i] ? in[i] : in.back())->array.dtype;
  return lanes_saves(op, {dtypes, in.size()});
}

// Bit i, or all of them.
bool names(std::uint32_t mask, std::size_t i) {
  return (mask & 0xffff) == all_inputs || (i < 16 && (mask >> i & 1));
}

Saved save(const Impl& impl) { return {shallow_copy(impl), impl.storage->version}; }

void save_values(Record& r, std::uint32_t mask, std::span<Impl* const> in, std::span<const Tensor> outputs) {
  const std::size_t n = in.size();
  if (mask == 0) return;
  const bool keeps_output = mask >> 16;
  r.saved.resize(n + (keeps_output ? outputs.size() : 0));
  for (std::size_t i = 0; i < n; ++i)
    if (in[i] && names(mask, i)) r.saved[i] = save(*in[i]);
  for (std::size_t i = 0; keeps_output && i < outputs.size(); ++i)
    if (names(mask >> 16, i)) r.saved[n + i] = save(*outputs[i].impl());
}

bool same_metas(std::span<Impl* const> in, const Impl& out) {
  for (Impl* i : in)
    if (!i || i->array.dtype != out.array.dtype || !(i->array.shape == out.array.shape)) return false;
  return true;
}

// Integers made from floats say where or how many: no gradient flows back. Integers made from integers do.
bool tracks(const Impl& out, std::span<Impl* const> in) {
  if (is_floating(out.array.dtype)) return true;
  return out.array.dtype != bool_ && std::any_of(in.begin(), in.end(), [](Impl* i) {
           return i && i->needs_grad() && !is_floating(i->array.dtype);
         });
}

}  // namespace

const Saved* Record::saved_input(int i) const {
  const auto k = static_cast<std::size_t>(i);
  return k < edges.size() && k < saved.size() && saved[k].value ? &saved[k] : nullptr;
}

const Saved* Record::saved_output(int i) const {
  const std::size_t k = edges.size() + static_cast<std::size_t>(i);
  return k < saved.size() && saved[k].value ? &saved[k] : nullptr;
}

Meta Record::input_meta(int i) const {
  return metas.empty() ? Meta{output_dtype, output_shape} : metas[static_cast<std::size_t>(i)];
}

Edge edge_of(Impl& impl) {
  Edge e;
  if (impl.record)
    e.record = impl.record, e.output = impl.output;
  else if (impl.requires_grad)
    e.leaf = Ref<Impl>(&impl);
  return e;
}

void show_as(Impl& out, std::string name, SmallVector<Edge, 2> edges) {
  if (!out.record) return;
  for (const Edge& e : edges)
    if (e.record == out.record) return;  // an operand, handed through
  out.record->shown = std::make_unique<Shown>(Shown{std::move(name), std::move(edges)});
}

void show_as(Impl& out, std::string name, std::span<Impl* const> in) {
  if (!out.record) return;
  SmallVector<Edge, 2> edges;
  for (Impl* i : in) edges.push_back(i ? edge_of(*i) : Edge());
  show_as(out, std::move(name), std::move(edges));
}

bool differentiable(const Op& op) { return op.vjp || op.lanes; }

void record_history(const Op& op, std::span<Impl* const> in, const Attrs& attrs, const Location& where,
                    std::span<const Tensor> outputs, std::uint32_t saves) {
  const Impl& first = *outputs[0].impl();
  if (outputs.size() == 1 && !tracks(first, in)) return;
  auto* record = new (acquire(sizeof(Record))) Record;
  const Ref<Record> ref(record);
  record->op = &op;
  record->attrs = attrs;
  record->where = where;
  record->order = next_order.fetch_add(1, std::memory_order_relaxed);
  record->output_dtype = first.array.dtype;
  record->output_shape = first.array.shape;
  record->edges.resize(in.size());
  for (std::size_t i = 0; i < in.size(); ++i)
    if (in[i] && !op.reads_shape_only(static_cast<int>(i))) record->edges[i] = edge_of(*in[i]);
  if (!same_metas(in, first)) {
    record->metas.resize(in.size());
    for (std::size_t i = 0; i < in.size(); ++i)
      record->metas[i] = in[i] ? Meta{in[i]->array.dtype, in[i]->array.shape} : Meta{f32, {}, true};
  }
  save_values(*record, saves == ask_the_row ? saves_of(op, in) : saves, in, outputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    Impl& out = *outputs[i].impl();
    if (!tracks(out, in)) continue;
    out.record = ref;
    out.output = static_cast<std::int32_t>(i);
  }
}

}  // namespace twofold::core
