#include "graph/device.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "core/body.h"
#include "twofold/error.h"

namespace twofold::graph {
namespace {

constexpr std::array kinds{"cpu", "gpu", "cuda", "tpu", "mps", "xpu"};

std::string lower(std::string_view s) {
  std::string out(s);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_number(std::string_view s) {
  return !s.empty() && s.size() < 6 && std::ranges::all_of(s, [](char c) { return c >= '0' && c <= '9'; });
}

// "key:value" of a TensorFlow name, or "kind" or "kind:number".
struct Part {
  std::string key, value;
};

Part next_part(std::string_view& rest) {
  rest.remove_prefix(rest.front() == '/');
  const std::string_view text = rest.substr(0, rest.find('/'));
  rest.remove_prefix(text.size());
  const std::size_t colon = text.find(':');
  const bool alone = colon == std::string_view::npos;
  Part part{lower(text.substr(0, colon)), alone ? "" : lower(text.substr(colon + 1))};
  if (part.key == "device") {  // device:GPU:0
    const std::size_t second = part.value.find(':');
    part = {part.value.substr(0, second), second == std::string::npos ? "" : part.value.substr(second + 1)};
  }
  return part;
}

bool is_kind(const std::string& key) { return std::ranges::find(kinds, key) != kinds.end(); }

bool is_well_formed(const Part& p) {
  if (p.key == "job") return !p.value.empty();
  if (p.key == "replica" || p.key == "task") return is_number(p.value);
  return is_kind(p.key) && (p.value.empty() || p.value == "*" || is_number(p.value));
}

// One process, one CPU.
bool is_present(const Part& p) {
  const bool first = p.value.empty() || p.value == "*" || p.value == "0";
  return p.key == "job" ? p.value == "localhost" : first && !(is_kind(p.key) && p.key != "cpu");
}

bool all_parts(std::string_view name, bool (*holds)(const Part&)) {
  while (!name.empty())
    if (!holds(next_part(name))) return false;
  return true;
}

}  // namespace

void check_device_name(std::string_view name) {
  if (all_parts(name, is_well_formed)) return;
  throw ValueError({.op = "device",
                    .argument = "name",
                    .got = "'" + std::string(name) + "'",
                    .expected = "a name such as 'cpu', 'cuda:0' or '/device:GPU:0'"});
}

bool device_is_present(std::string_view name) { return all_parts(name, is_present); }

void check_device(const Node& node) {
  if (!device_is_present(node.device)) {
    GraphError e({.op = "run",
                  .argument = "device",
                  .got = "'" + node.device + "' for '" + node.name + "'",
                  .expected = "a device of this machine ('cpu:0'), or a session with soft placement"});
    e.locate(nullptr, node.where);
    throw e;
  }
  for (int i = 0; i < node.attrs.size(); ++i)
    if (const auto* body = std::get_if<std::shared_ptr<core::Body>>(&node.attrs[i])) (*body)->check_devices();
}

}  // namespace twofold::graph
