// PyTorch's CPU generator, so that torch.manual_seed gives PyTorch's own numbers.
//
// The engine is mt19937 (Matsumoto and Nishimura 1998), seeded by the low 32 bits of the seed as PyTorch
// does. How draws become values, and in which order, follows PyTorch's CPU kernels for contiguous tensors:
// uniform numbers, integers and permutations are equal bit for bit; normal ones use this library's log, sin
// and cos.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/array.h"

namespace twofold::core {

class TorchGenerator {
 public:
  static constexpr std::uint64_t default_seed = 67280421310721;

  explicit TorchGenerator(std::uint64_t seed = default_seed) { manual_seed(seed); }
  void manual_seed(std::uint64_t seed);
  std::uint64_t initial_seed() const { return seed_; }
  std::uint32_t random();
  std::uint64_t random64();
  // The bytes of torch.get_rng_state(); ValueError for others.
  std::vector<std::byte> state() const;
  void set_state(std::span<const std::byte> bytes);

  // The second number of a pair of normal ones, kept for the next call.
  std::optional<double> next_normal;

 private:
  void refill();

  std::array<std::uint32_t, 624> state_{};
  int left_ = 0, next_ = 0;
  std::uint64_t seed_ = 0;
};

// Fill a contiguous array. Uniform in [from, to): floating dtypes. Integers in [low, high), and all that the
// dtype holds exactly and that are not negative: any dtype. DtypeError for others.
void fill_uniform(TorchGenerator& generator, const Array& out, double from, double to);
void fill_integers(TorchGenerator& generator, const Array& out, std::int64_t low, std::int64_t high);
void fill_any_integers(TorchGenerator& generator, const Array& out);
// Sixteen or more are drawn in sixteens, unless the tensor that they are for has gaps: then one by one.
void fill_normal(TorchGenerator& generator, const Array& out, double mean, double deviation);
void fill_normal_one_by_one(TorchGenerator& generator, const Array& out, double mean, double deviation);
// 1 with a probability, else 0: one probability in f64 for all, or one for each element.
void fill_bernoulli(TorchGenerator& generator, const Array& out, double probability);
void fill_bernoulli_each(TorchGenerator& generator, const Array& out, const Array& probabilities);
// 0 .. n-1 in a random order; i64.
void fill_permutation(TorchGenerator& generator, const Array& out);

// The process's generator, as torch.default_generator.
TorchGenerator& default_torch_generator();

}  // namespace twofold::core
