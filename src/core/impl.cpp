#include "core/impl.h"

#include <new>

#include "base/memory.h"
#include "core/record.h"
#include "core/recorder.h"

namespace twofold::core {
namespace {

constexpr std::size_t inline_limit = sizeof(Storage::inline_bytes);

// A long chain of records or views would be destroyed by recursion, one stack frame per link. Instead the
// first destroy() on a thread works through a list that the nested ones only append to.
template <class T>
void destroy_iteratively(T* object) noexcept {
  static thread_local constinit bool busy = false;
  static thread_local constinit T* list = nullptr;
  object->next_dead = list;
  list = object;
  if (busy) return;
  busy = true;
  while (T* dead = list) {
    list = dead->next_dead;
    dead->~T();
    release(dead, sizeof(T));
  }
  busy = false;
}

}  // namespace

void destroy(Storage* s) noexcept {
  if (!s->borrowed && s->bytes > inline_limit) release(s->data, s->bytes);
  if (s->let_go) s->let_go(s->owner);
  s->~Storage();
  release(s, sizeof(Storage));
}

Ref<Storage> new_storage(std::size_t bytes) {
  auto* s = new (acquire(sizeof(Storage))) Storage;
  Ref<Storage> ref(s);
  s->data = bytes > inline_limit ? acquire(bytes) : s->inline_bytes;
  s->bytes = bytes;
  return ref;
}

Ref<Storage> borrow_storage(void* data, std::size_t bytes) {
  auto* s = new (acquire(sizeof(Storage))) Storage;
  s->data = data;
  s->bytes = bytes;
  s->borrowed = true;
  return Ref<Storage>(s);
}

namespace {

template <class T>
void count_up(T* object) noexcept {
  object->references.fetch_add(1, std::memory_order_relaxed);
}
template <class T>
bool count_down(T* object) noexcept {
  return object->references.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

}  // namespace

void retain(Impl* impl) noexcept { count_up(impl); }
void drop(Impl* impl) noexcept {
  if (count_down(impl)) destroy_iteratively(impl);
}
void retain(Record* record) noexcept { count_up(record); }
void drop(Record* record) noexcept {
  if (count_down(record)) destroy_iteratively(record);
}
void retain(Recorder* graph) noexcept { count_up(graph); }
void drop(Recorder* graph) noexcept {
  if (count_down(graph)) delete graph;
}

Ref<Impl> new_impl() { return Ref<Impl>(new (acquire(sizeof(Impl))) Impl); }

Ref<Impl> allocate(Dtype dtype, const Shape& shape) {
  Ref<Impl> impl = new_impl();
  impl->array = {nullptr, dtype, true, shape, contiguous_strides(shape)};
  impl->storage = new_storage(impl->array.bytes());
  impl->array.data = impl->storage->data;
  return impl;
}

Ref<Impl> allocate_scalar(Dtype dtype) {
  Ref<Impl> impl = new_impl();
  impl->array.dtype = dtype;
  impl->storage = new_storage(size_of(dtype));
  impl->array.data = impl->storage->data;
  return impl;
}

Ref<Impl> allocate_like(const Array& contiguous, Dtype dtype) {
  Ref<Impl> impl = new_impl();
  impl->array = contiguous;
  impl->array.dtype = dtype;
  impl->storage = new_storage(impl->array.bytes());
  impl->array.data = impl->storage->data;
  return impl;
}

Ref<Impl> shallow_copy(const Impl& impl) {
  Ref<Impl> copy = new_impl();
  copy->array = impl.array;
  copy->storage = impl.storage;
  copy->dense = impl.dense;
  return copy;
}

}  // namespace twofold::core
