// Collections: named lists of tensors ("losses", "trainable_variables"), in the order in which they joined.
//
//   CollectionScope kept;                      // eager code collects into the innermost scope of its thread
//   add_to_collection("losses", penalty(w));
//   Tensor total = loss + add_n(collection("losses"));
//
// While a graph is open its own collections are meant; they live as long as the graph.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "twofold/tensor.h"

namespace twofold {

using CollectionMap = std::map<std::string, Tensors, std::less<>>;

class CollectionScope {
 public:
  CollectionScope();
  ~CollectionScope();
  CollectionScope(const CollectionScope&) = delete;
  CollectionScope& operator=(const CollectionScope&) = delete;

 private:
  CollectionMap map_;
  CollectionMap* before_;
};

// StateError in eager code outside of every CollectionScope.
void add_to_collection(std::string_view name, const Tensor& tensor,
                       std::source_location at = std::source_location::current());
// What has joined; nothing under a name that nobody used.
Tensors collection(std::string_view name);
// The names in use, in alphabetical order.
std::vector<std::string> collection_names();

}  // namespace twofold
