#include "core/torch_generator.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <numeric>
#include <vector>

#include "kernels/index.h"
#include "twofold/error.h"

namespace twofold::core {
namespace {

constexpr int size = 624, middle = 397;

std::uint32_t mixed(std::uint32_t u, std::uint32_t v) {
  return (((u & 0x80000000u) | (v & 0x7fffffffu)) >> 1) ^ (v & 1u ? 0x9908b0dfu : 0u);
}

// As many random bits as the significand has; the halves are drawn as f32.
float unit_float(TorchGenerator& g) { return static_cast<float>(g.random() & 0xffffffu) * 0x1p-24f; }
double unit_double(TorchGenerator& g) {
  return static_cast<double>(g.random64() & ((std::uint64_t{1} << 53) - 1)) * 0x1p-53;
}

// How many of 0, 1, 2, ... the dtype holds, one after the other; for floats with the power of two at the end.
std::uint64_t exact_integers(Dtype dtype) {
  constexpr std::uint64_t one = 1;
  switch (dtype) {
    case Dtype::bool_:
      return 2;
    case Dtype::u8:
      return one << 8;
    case Dtype::f16:
      return (one << 11) + 1;
    case Dtype::bf16:
      return (one << 8) + 1;
    case Dtype::f32:
      return (one << 24) + 1;
    case Dtype::f64:
      return (one << 53) + 1;
    default:
      return one << (8 * size_of(dtype) - 1);
  }
}

float rounded(float v, Dtype half) {
  return half == f16 ? static_cast<float>(Half(v)) : static_cast<float>(BFloat16(v));
}

void check_floating(const char* call, Dtype dtype) {
  if (!is_floating(dtype))
    throw DtypeError(
        {.op = call, .argument = "", .got = std::string(name_of(dtype)), .expected = "a floating dtype"});
}

// The values computed in f32 or f64, then rounded to what `out` holds.
template <class T>
void store(const std::vector<T>& values, const Array& out) {
  copy(contiguous_array(const_cast<T*>(values.data()), dtype_of<T>, out.shape), out);
}

template <class T>
std::vector<T> uniform_values(TorchGenerator& g, std::int64_t n, double from, double to) {
  std::vector<T> values(static_cast<std::size_t>(n));
  const T low = static_cast<T>(from), range = static_cast<T>(to) - static_cast<T>(from);
  for (T& v : values) {
    if constexpr (std::is_same_v<T, double>)
      v = std::fma(unit_double(g), range, low);
    else
      v = std::fma(unit_float(g), range, low);
  }
  return values;
}

// Box-Muller on the first eight uniform numbers and the second eight.
template <class T>
void transform_sixteen(T* data, T mean, T deviation) {
  for (int j = 0; j < 8; ++j) {
    const T u1 = 1 - data[j], u2 = data[j + 8];
    const double radius = std::sqrt(-2 * std::log(static_cast<double>(u1)));
    const double theta = static_cast<T>(2 * std::numbers::pi) * u2;  // rounded to T, as PyTorch's is
    data[j] = std::fma(static_cast<T>(radius * std::cos(theta)), deviation, mean);
    data[j + 8] = std::fma(static_cast<T>(radius * std::sin(theta)), deviation, mean);
  }
}

// Sixteen at a time; where the count is no multiple, the last sixteen are drawn anew. The first draws are as
// many as there are elements, for halves (`by_sixteens`) only as many as the full sixteens need.
template <class T>
std::vector<T> many_normal(TorchGenerator& g, std::int64_t n, double mean, double deviation,
                           bool by_sixteens) {
  std::vector<T> values = uniform_values<T>(g, by_sixteens ? n / 16 * 16 : n, 0, 1);
  values.resize(static_cast<std::size_t>(n));
  std::int64_t i = 0;
  for (; i + 16 <= n; i += 16) transform_sixteen(&values[static_cast<std::size_t>(i)], T(mean), T(deviation));
  if (i == n) return values;
  const std::vector<T> again = uniform_values<T>(g, 16, 0, 1);
  std::copy(again.begin(), again.end(), values.end() - 16);
  transform_sixteen(&*(values.end() - 16), T(mean), T(deviation));
  return values;
}

double one_normal(TorchGenerator& g) {
  if (g.next_normal) {
    const double kept = *g.next_normal;
    g.next_normal.reset();
    return kept;
  }
  const double u1 = unit_double(g), u2 = unit_double(g);
  const double radius = std::sqrt(-2 * std::log1p(-u2)), theta = 2 * std::numbers::pi * u1;
  g.next_normal = radius * std::sin(theta);
  return radius * std::cos(theta);
}

}  // namespace

void TorchGenerator::manual_seed(std::uint64_t seed) {
  seed_ = seed;
  state_[0] = static_cast<std::uint32_t>(seed);
  for (std::uint32_t i = 1; i < size; ++i)
    state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
  left_ = 1;
  next_ = 0;
  next_normal.reset();
}

namespace {

// As PyTorch lays it out, padding and fields that it no longer uses included.
struct StateBytes {
  std::uint64_t seed = 0;
  std::int32_t left = 1, seeded = 1;
  std::uint64_t next = 0;
  std::uint64_t state[size] = {};
  double unused_x = 0, next_normal = 0, unused_rho = 0;
  std::int32_t next_normal_is_valid = 0, padding = 0;
  std::uint64_t unused_float = 0;
};
static_assert(sizeof(StateBytes) == 5056);

}  // namespace

std::vector<std::byte> TorchGenerator::state() const {
  StateBytes s{.seed = seed_, .left = left_, .next = static_cast<std::uint64_t>(next_)};
  std::ranges::copy(state_, s.state);
  s.next_normal = next_normal.value_or(0);
  s.next_normal_is_valid = next_normal.has_value();
  std::vector<std::byte> bytes(sizeof s);
  std::memcpy(bytes.data(), &s, sizeof s);
  return bytes;
}

void TorchGenerator::set_state(std::span<const std::byte> bytes) {
  StateBytes s;
  if (bytes.size() == sizeof s) std::memcpy(&s, bytes.data(), sizeof s);
  if (bytes.size() != sizeof s || s.left < 1 || s.left > size || s.next > size)
    throw ValueError({.op = "set_state",
                      .argument = "state",
                      .got = std::to_string(bytes.size()) + " bytes",
                      .expected = "the " + std::to_string(sizeof s) + " bytes of a generator's state"});
  seed_ = s.seed;
  left_ = s.left;
  next_ = static_cast<int>(s.next);
  for (std::size_t i = 0; i < size; ++i) state_[i] = static_cast<std::uint32_t>(s.state[i]);
  next_normal.reset();
  if (s.next_normal_is_valid) next_normal = s.next_normal;
}

void TorchGenerator::refill() {
  left_ = size;
  next_ = 0;
  for (std::size_t i = 0; i < size; ++i)
    state_[i] = state_[(i + middle) % size] ^ mixed(state_[i], state_[(i + 1) % size]);
}

std::uint32_t TorchGenerator::random() {
  if (--left_ == 0) refill();
  std::uint32_t y = state_[static_cast<std::size_t>(next_++)];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

std::uint64_t TorchGenerator::random64() {
  const std::uint64_t high = random();
  return high << 32 | random();
}

void fill_uniform(TorchGenerator& g, const Array& out, double from, double to) {
  check_floating("uniform_", out.dtype);
  if (out.dtype == f64) return store(uniform_values<double>(g, out.numel(), from, to), out);
  std::vector<float> values = uniform_values<float>(g, out.numel(), from, to);
  // A half that rounds up to the open end becomes the closed one, as PyTorch has it.
  for (float& v : values)
    if (is_half(out.dtype) && rounded(v, out.dtype) == static_cast<float>(to)) v = static_cast<float>(from);
  store(values, out);
}

void fill_normal_one_by_one(TorchGenerator& g, const Array& out, double mean, double deviation) {
  check_floating("normal_", out.dtype);
  std::vector<double> values(static_cast<std::size_t>(out.numel()));
  for (double& v : values) v = one_normal(g) * deviation + mean;
  store(values, out);
}

void fill_normal(TorchGenerator& g, const Array& out, double mean, double deviation) {
  check_floating("normal_", out.dtype);
  if (out.numel() < 16) return fill_normal_one_by_one(g, out, mean, deviation);
  if (out.dtype == f64)
    store(many_normal<double>(g, out.numel(), mean, deviation, false), out);
  else
    store(many_normal<float>(g, out.numel(), mean, deviation, is_half(out.dtype)), out);
}

void fill_integers(TorchGenerator& g, const Array& out, std::int64_t low, std::int64_t high) {
  const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  std::vector<std::int64_t> values(static_cast<std::size_t>(out.numel()));
  for (std::int64_t& v : values) {
    const std::uint64_t draw = range >> 28 ? g.random64() : g.random();
    v = static_cast<std::int64_t>(draw % range + static_cast<std::uint64_t>(low));
  }
  store(values, out);
}

void fill_any_integers(TorchGenerator& g, const Array& out) {
  const std::uint64_t count = exact_integers(out.dtype);
  std::vector<std::int64_t> values(static_cast<std::size_t>(out.numel()));
  for (std::int64_t& v : values)
    v = static_cast<std::int64_t>((size_of(out.dtype) == 8 ? g.random64() : g.random()) % count);
  store(values, out);
}

void fill_bernoulli(TorchGenerator& g, const Array& out, double probability) {
  std::vector<std::uint8_t> values(static_cast<std::size_t>(out.numel()));
  for (std::uint8_t& v : values) v = unit_double(g) < probability;
  store(values, out);
}

void fill_bernoulli_each(TorchGenerator& g, const Array& out, const Array& probabilities) {
  check_floating("bernoulli", probabilities.dtype);
  std::vector<double> p(static_cast<std::size_t>(out.numel()));
  copy(probabilities, contiguous_array(p.data(), f64, out.shape));
  for (double& v : p)
    v = probabilities.dtype == f64 ? unit_double(g) < v : unit_float(g) < static_cast<float>(v);
  store(p, out);
}

void fill_permutation(TorchGenerator& g, const Array& out) {
  auto* p = out.as<std::int64_t>();
  const std::int64_t n = out.numel();
  std::iota(p, p + n, std::int64_t{0});
  for (std::int64_t i = 0; i + 1 < n; ++i)
    std::swap(p[i], p[i + static_cast<std::int64_t>(g.random() % static_cast<std::uint64_t>(n - i))]);
}

TorchGenerator& default_torch_generator() {
  static TorchGenerator generator;
  return generator;
}

}  // namespace twofold::core
