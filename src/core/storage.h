// Storage: the memory behind one tensor and all its views, with the count of its in-place edits.
#pragma once

#include <cstddef>

#include "twofold/error.h"
#include "twofold/ref.h"

namespace twofold::core {

struct Storage : Counted {
  void* data = nullptr;
  std::size_t bytes = 0;
  std::uint32_t version = 0;        // edits so far
  bool borrowed = false;            // the memory is the caller's (from_blob)
  bool read_only = false;           // borrowed memory that nobody may write to
  void (*let_go)(void*) = nullptr;  // tells the owner of borrowed memory that nobody looks at it now
  void* owner = nullptr;
  Location last_edit;                      // where the latest one happened
  alignas(64) std::byte inline_bytes[64];  // tiny tensors live here: one allocation, one cache line
};

void destroy(Storage* s) noexcept;
Ref<Storage> new_storage(std::size_t bytes);
Ref<Storage> borrow_storage(void* data, std::size_t bytes);

}  // namespace twofold::core
