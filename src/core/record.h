// Record: one step of the tape, made by apply() when a gradient may be asked for, walked backwards by eager/.
//
// Records form a graph that owns its past: an output's Impl holds its record, a record holds the records of
// its inputs and what the derivative reads. Nothing else keeps them, so a dropped result frees its history at
// once.
#pragma once

#include "base/small_vector.h"
#include "core/impl.h"
#include "core/op.h"

namespace twofold::core {

// Where a gradient goes: an output of an earlier record, or a leaf.
struct Edge {
  Ref<Record> record;
  Ref<Impl> leaf;
  std::int32_t output = 0;
  bool needed() const { return record || leaf; }
};

// A value kept for the derivative, and the storage version it had. A value that is itself an output is kept
// without its history, or it would keep itself alive.
struct Saved {
  Ref<Impl> value;
  std::uint32_t version = 0;
};

// What a step is called, and what it stands on, where that is more than one record: the last record of a
// composition stands for all of it.
struct Shown {
  std::string name;
  SmallVector<Edge, 2> edges;
};

struct Record : Counted {
  const Op* op = nullptr;
  Attrs attrs;
  Location where;
  std::uint64_t order = 0;  // creation order, process-wide
  bool released = false;    // backward() has run and freed what was saved
  Dtype output_dtype = f32;
  SmallVector<Edge, 2> edges;   // one per input
  SmallVector<Saved, 3> saved;  // inputs, then outputs; empty where the derivative does not read them
  SmallVector<Meta, 1> metas;   // of the inputs, where the derivative may need them (empty: all as output 0)
  Shape output_shape;
  std::shared_ptr<Hooks> hooks;
  std::unique_ptr<Shown> shown;
  Record* next_dead = nullptr;  // while it waits to be destroyed

  const Saved* saved_input(int i) const;
  const Saved* saved_output(int i) const;
  Meta input_meta(int i) const;
};

Edge edge_of(Impl& impl);
// Gives `outputs` a history: op(inputs). Keeps what the row's derivative reads: `saves`, if the caller knows
// it.
inline constexpr std::uint32_t ask_the_row = ~0u;
void record_history(const Op& op, std::span<Impl* const> in, const Attrs& attrs, const Location& where,
                    std::span<const Tensor> outputs, std::uint32_t saves = ask_the_row);
// `out` has just been made, by several records perhaps: its last one is shown as one step on these edges.
void show_as(Impl& out, std::string name, SmallVector<Edge, 2> edges);
void show_as(Impl& out, std::string name, std::span<Impl* const> in);

// Could a gradient flow through this operation?
bool differentiable(const Op& op);

}  // namespace twofold::core
