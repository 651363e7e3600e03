#include <map>

#include "core/recorder.h"
#include "twofold/io.h"

namespace twofold {
namespace {

using ByName = std::map<std::string_view, const Tensor*>;

[[noreturn]] void refuse_name(const std::string& name, const char* got) {
  throw ValueError(
      {.op = "restore", .argument = name, .got = got, .expected = "the same names on both sides"});
}

void check_match(const std::string& name, const Tensor& into, const Tensor& from) {
  if (into.dtype() != from.dtype())
    throw DtypeError({.op = "restore",
                      .argument = name,
                      .got = std::string(name_of(from.dtype())),
                      .expected = std::string(name_of(into.dtype()))});
  if (!(into.shape() == from.shape()))
    throw ShapeError({.op = "restore",
                      .argument = name,
                      .got = to_string(from.shape()),
                      .expected = to_string(into.shape())});
}

ByName index_by_name(const NamedTensors& tensors) {
  ByName found;
  for (const auto& [name, tensor] : tensors)
    if (!found.emplace(name, &tensor).second) refuse_name(name, "this name twice");
  return found;
}

}  // namespace

void restore(const NamedTensors& into, const NamedTensors& from) {
  const ByName targets = index_by_name(into), sources = index_by_name(from);
  for (const auto& [name, tensor] : from)
    if (!targets.contains(name)) refuse_name(name, "a tensor that has no place here");
  for (const auto& [name, tensor] : into) {
    if (!sources.contains(name)) refuse_name(name, "no tensor of this name");
    check_match(name, tensor, *sources.at(name));
  }
  const core::RecorderScope closed(nullptr);  // loading happens now, also while a graph is being built
  const NoGrad off;
  for (auto [name, tensor] : into) tensor.copy_(*sources.at(name));
}

}  // namespace twofold
