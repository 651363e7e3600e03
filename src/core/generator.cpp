#include "twofold/generator.h"

namespace twofold {
namespace {

// FNV-1a: a fixed, documented hash, because names decide draws and draws must never change.
std::uint64_t hash_path(std::string_view path) {
  std::uint64_t h = 0xcbf29ce484222325ull;
  for (char c : path) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return h;
}

thread_local Generator thread_default;

}  // namespace

Generator::Generator(std::uint64_t seed, std::uint64_t stream) : state_(std::make_shared<State>()) {
  state_->key = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
  state_->counter = {0, 0, static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)};
}

Generator::Generator(std::uint64_t seed, std::string_view path) : Generator(seed, hash_path(path)) {}

Generator Generator::per_session(std::uint64_t seed, std::uint64_t stream) {
  Generator g(seed, stream);
  g.state_->per_session = true;
  return g;
}

Generator Generator::clone() const {
  Generator copy;
  if (state_) copy.state_ = std::make_shared<State>(*state_);
  return copy;
}

Generator::State Generator::take(std::uint64_t blocks) const {
  const State before = *state_;
  std::uint64_t low = before.counter[0] | static_cast<std::uint64_t>(before.counter[1]) << 32;
  std::uint64_t high = before.counter[2] | static_cast<std::uint64_t>(before.counter[3]) << 32;
  low += blocks;
  if (low < blocks) ++high;
  state_->counter = {static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(low >> 32),
                     static_cast<std::uint32_t>(high), static_cast<std::uint32_t>(high >> 32)};
  return before;
}

void manual_seed(std::uint64_t seed) { thread_default = Generator(seed); }

Generator default_generator() {
  if (!thread_default.defined()) thread_default = Generator(0);
  return thread_default;
}

}  // namespace twofold
