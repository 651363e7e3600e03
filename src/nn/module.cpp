#include <algorithm>
#include <optional>

#include "core/apply.h"
#include "core/recorder.h"
#include "twofold/graph.h"
#include "twofold/nn.h"

namespace twofold::nn {
namespace {

[[noreturn]] void refuse(const char* argument, std::string got, std::string expected, const Location& at) {
  ValueError e(
      {.op = "register", .argument = argument, .got = std::move(got), .expected = std::move(expected)});
  e.locate("register", at);
  throw e;
}

bool is_parameter(const Tensor& t) {
  return t.defined() && t.requires_grad() && t.is_leaf() && !t.symbolic();
}

std::string join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

}  // namespace

Tensor Module::operator()(const Tensor& x, std::source_location at) {
  std::optional<NameScope> scope;
  if (!name_.empty() && core::open_recorder()) scope.emplace(name_);
  return run(x, at);
}

Tensor Layer::run(const Tensor& x, const std::source_location& at) {
  const core::LocationScope scope(at);
  return forward(x);
}

// --- registration

void Module::check_name(const std::string& name, const Location& at) const {
  if (name.empty() || name.find('.') != name.npos || name.find('/') != name.npos)
    refuse("name", "'" + name + "'", "a name without '.' and '/'", at);
  const auto has_it = [&](const auto& e) { return e.name == name; };
  if (std::any_of(entries_.begin(), entries_.end(), has_it) ||
      std::any_of(children_.begin(), children_.end(), has_it))
    refuse("name", "'" + name + "' again", "a name of its own", at);
}

Tensor Module::add_tensor(const std::string& name, const Tensor& value, Role role, const Location& at) {
  check_name(name, at);
  if (!value.defined()) refuse("value", "an undefined tensor", "a tensor", at);
  const bool keep = role == Role::parameter && is_parameter(value);
  const Tensor tensor = keep ? value : role == Role::parameter ? parameter(value) : buffer(value);
  entries_.push_back({name, tensor, role});
  return tensor;
}

Tensor Module::register_parameter(const std::string& name, const Tensor& value, std::source_location at) {
  return add_tensor(name, value, Role::parameter, at);
}
Tensor Module::register_buffer(const std::string& name, const Tensor& value, std::source_location at) {
  return add_tensor(name, value, Role::buffer, at);
}

bool Module::holds(const Module& other) const {
  if (this == &other) return true;
  return std::any_of(children_.begin(), children_.end(),
                     [&](const Child& c) { return c.module->holds(other); });
}

void Module::add_child(const std::string& name, std::shared_ptr<Module> module, const Location& at) {
  check_name(name, at);
  if (!module) refuse("module", "null", "a module", at);
  if (module->holds(*this)) refuse("module", "a module that holds this one", "a tree of modules", at);
  module->name_ = name;
  children_.push_back({name, std::move(module)});
}

// --- what the tree holds

void Module::collect(const std::string& prefix, bool parameters, bool buffers, NamedTensors& out) const {
  for (const Entry& e : entries_) {
    const bool wanted = e.role == Role::parameter ? parameters : buffers;
    const bool seen =
        std::any_of(out.begin(), out.end(), [&](const auto& o) { return o.second.same_as(e.tensor); });
    if (wanted && !seen) out.emplace_back(join(prefix, e.name), e.tensor);
  }
  for (const Child& c : children_) c.module->collect(join(prefix, c.name), parameters, buffers, out);
}

NamedTensors Module::named_parameters() const {
  NamedTensors out;
  collect("", true, false, out);
  return out;
}
NamedTensors Module::named_buffers() const {
  NamedTensors out;
  collect("", false, true, out);
  return out;
}
NamedTensors Module::state() const {
  NamedTensors out;
  collect("", true, true, out);
  return out;
}

Tensors Module::parameters() const {
  Tensors out;
  for (auto& [name, tensor] : named_parameters()) out.push_back(tensor);
  return out;
}

void Module::save(const std::string& path) const { save_npz(path, state()); }
void Module::load(const std::string& path) { restore(state(), load_npz(path)); }

// --- what the tree does

void Module::train(bool on) {
  training_ = on;
  for (const Child& c : children_) c.module->train(on);
}

void Module::zero_grad() {
  for (Tensor& p : parameters()) p.zero_grad();
}

void Module::seed_tree(std::uint64_t seed, const std::string& path) {
  reseed(seed, path);
  for (const Child& c : children_) c.module->seed_tree(seed, join(path, c.name));
}

void Module::seed(std::uint64_t seed) {
  const core::RecorderScope closed(nullptr);  // initial values exist now, also while a graph is being built
  const NoGrad off;
  seed_tree(seed, "");
}

}  // namespace twofold::nn
