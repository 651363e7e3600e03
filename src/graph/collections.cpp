#include "twofold/collections.h"

#include <utility>

#include "core/apply.h"
#include "graph/state.h"

namespace twofold {
namespace {

thread_local CollectionMap* innermost = nullptr;

CollectionMap* current() {
  graph::GraphState* g = graph::open_graph();
  return g ? &g->collections : innermost;
}

}  // namespace

CollectionScope::CollectionScope() : before_(std::exchange(innermost, &map_)) {}
CollectionScope::~CollectionScope() { innermost = before_; }

void add_to_collection(std::string_view name, const Tensor& tensor, std::source_location at) {
  core::located("add_to_collection", at, [&] {
    CollectionMap* map = current();
    if (!map)
      throw StateError({.op = "add_to_collection",
                        .argument = "name",
                        .got = "'" + std::string(name) + "' outside of a graph and of every CollectionScope",
                        .expected = "a place to collect in"});
    (*map)[std::string(name)].push_back(tensor);
  });
}

Tensors collection(std::string_view name) {
  const CollectionMap* map = current();
  const auto at = map ? map->find(name) : CollectionMap::const_iterator();
  return map && at != map->end() ? at->second : Tensors();
}

std::vector<std::string> collection_names() {
  std::vector<std::string> names;
  if (const CollectionMap* map = current())
    for (const auto& [name, tensors] : *map) names.push_back(name);
  return names;
}

}  // namespace twofold
