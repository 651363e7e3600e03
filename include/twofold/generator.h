// Generator: keyed randomness, held like a variable.
//
//   Generator g(42);
//   auto a = normal({2, 3}, f32, g);   // draws 0..5 of stream 42
//   auto b = normal({2, 3}, f32, g);   // the next ones; the same in both modes
//
// The algorithm is Philox-4x32-10 (Salmon et al., SC'11): a 64-bit key, a 128-bit counter that each execution
// of a random operation advances by a number its row states. A Generator is a handle: copies share the state;
// clone() does not.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace twofold {

class Generator {
 public:
  struct State {
    std::array<std::uint32_t, 2> key{};
    std::array<std::uint32_t, 4> counter{};
    bool per_session = false;  // each session of a graph draws from a copy of its own
    bool operator==(const State&) const = default;
  };

  Generator() = default;  // none: the operation uses its default (see uniform())
  // TensorFlow's convention: `seed` is the key, `stream` the upper half of the counter.
  explicit Generator(std::uint64_t seed, std::uint64_t stream = 0);
  // Keyed by a seed and a path such as a module's or node's name, so that unrelated additions change no draw.
  Generator(std::uint64_t seed, std::string_view path);

  bool defined() const { return state_ != nullptr; }
  State& state() const { return *state_; }
  // The same stream from its beginning in every session (TensorFlow's contract); by default all draw in turn.
  static Generator per_session(std::uint64_t seed, std::uint64_t stream = 0);
  Generator clone() const;
  // The state before, and the counter moved on by `blocks`.
  State take(std::uint64_t blocks) const;
  bool operator==(const Generator&) const = default;

 private:
  std::shared_ptr<State> state_;
};

// Seed of the thread's default generator, used by eager random operations without one of their own.
void manual_seed(std::uint64_t seed);
Generator default_generator();

}  // namespace twofold
