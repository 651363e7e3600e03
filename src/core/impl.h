// Impl: what a Tensor handle points to.
#pragma once

#include <memory>

#include "base/array.h"
#include "base/memory.h"
#include "core/attrs.h"
#include "core/hooks.h"
#include "core/storage.h"
#include "twofold/tensor.h"

namespace twofold::core {

struct Op;
struct Record;
struct Impl;
class Recorder;
void retain(Record*) noexcept;
void drop(Record*) noexcept;
void retain(Recorder*) noexcept;
void drop(Recorder*) noexcept;

// Objects of fixed size, made and dropped with every tensor: their blocks come from the thread's free lists.
struct Pooled {
  static void* operator new(std::size_t bytes) { return acquire(bytes); }
  static void operator delete(void* block, std::size_t bytes) { release(block, bytes); }
};

// How a view came from another tensor. Following the sources leads to the root: the tensor that owns the
// storage.
struct ViewLink : Pooled {
  Ref<Impl> source, root;
  const Op* op;
  Attrs attrs;
  Ref<Impl> like;  // the second operand of the rows that have one (expand_as, spread)
};

// What makes a tensor symbolic: an output of a node of a graph.
struct Symbol : Pooled {
  Ref<Recorder> graph;
  std::int32_t node = 0;
  std::int32_t output = 0;
  std::uint32_t root = 0;  // which storage of the graph this aliases: the key of its edit count
  Ref<Impl> cell;          // the variable this is the current value of, if any
};

// Note "roots and epochs". An in-place write changes what a root stands for: its history (eager) or its node
// (graph). The root counts these changes in `epoch`. A view remembers the epoch it was derived in; when it is
// used later, refresh() (alias.h) derives it anew from its source. So a write through one alias is seen by
// all.
struct Impl : Counted {
  Array array;  // of a symbolic tensor: no data, and the shape may hold unknown dimensions
  Ref<Storage> storage;
  bool requires_grad = false;  // a leaf that wants a gradient
  bool state = false;          // captured by reference: parameters and buffers
  bool declared = false;       // a variable whose memory each session keeps for itself (graph/private.h)
  bool unset = false;          // a variable that nothing was assigned to yet: a graph refuses to read it
  bool weak = false;           // a C++ number: adopts the dtype of the tensors it meets
  bool literal = false;        // made from a C++ number: part of the program, not of its data
  bool dense = true;           // a root, or views of one that keep its order: what reshape may alias
  Device device = Device::cpu;
  std::uint32_t epoch = 0;
  std::uint32_t lineage =
      0;                    // of a root: writes that changed its history too; of a view: when it was derived
  std::int32_t output = 0;  // which output of `record` this is
  Ref<Record> record;       // history; null for leaves and constants
  Ref<Impl> grad;
  std::shared_ptr<Hooks> hooks;  // of a leaf; a computed tensor's hang on its record
  std::unique_ptr<ViewLink> view;
  std::unique_ptr<Symbol> symbol;
  Impl* next_dead = nullptr;  // while it waits to be destroyed

  bool needs_grad() const { return requires_grad || record; }
  Impl& root() { return view ? *view->root : *this; }
  const Impl& root() const { return const_cast<Impl*>(this)->root(); }
};
Ref<Impl> new_impl();
// Uninitialised, row-major.
Ref<Impl> allocate(Dtype dtype, const Shape& shape);
Ref<Impl> allocate_scalar(Dtype dtype);
// Uninitialised, with the shape of a contiguous array.
Ref<Impl> allocate_like(const Array& contiguous, Dtype dtype);
// The same array over the same storage, without history: what a record keeps and detach() returns.
Ref<Impl> shallow_copy(const Impl& impl);

inline Tensor handle(Ref<Impl> impl) { return Tensor(std::move(impl)); }

}  // namespace twofold::core
