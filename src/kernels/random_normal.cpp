#include <cmath>
#include <numbers>
#include <vector>

#include "kernels/convert_p.h"
#include "kernels/random_p.h"
#include "kernels/walk_p.h"
#include "lanes/nearest.h"
#include "twofold/error.h"

namespace twofold {
namespace {

using namespace kernels;
using lanes::Executable;
using lanes::Lane;
using lanes::Lanes;
using lanes::Type;

// Box and Muller: from uniform u and v, sin(2 pi v) r and cos(2 pi v) r with r = sqrt(-2 log u). u is kept
// away from 0, as TensorFlow keeps it. Each step is rounded as there, the logarithm to nearest, as C
// libraries do.
Lane radius(Lanes x) {
  const Lane least = x.constant(1e-7, x.type());
  const Lane logarithm = lanes::nearest_log(lanes::max(x[0], least));
  return lanes::sqrt(logarithm * -2.0);
}
// TensorFlow's constant is a double, and so is the product before it is rounded.
Lane angle(Lanes x) {
  const Lane turns = lanes::convert(x[0], Type::f64);
  return lanes::convert(turns * (2 * std::numbers::pi), x.type());
}
Lane sine(Lanes x) {
  const Lane s = lanes::sin(angle(x));
  return s * x[1];
}
Lane cosine(Lanes x) {
  const Lane c = lanes::cos(angle(x));
  return c * x[1];
}

struct BoxMuller {
  explicit BoxMuller(Dtype d)
      : radius(lanes::build({lanes::type_of(d)}, twofold::radius), {d}, d),
        sine(lanes::build({lanes::type_of(d), lanes::type_of(d)}, twofold::sine), {d, d}, d),
        cosine(lanes::build({lanes::type_of(d), lanes::type_of(d)}, twofold::cosine), {d, d}, d) {}
  Executable radius, sine, cosine;
};

// u[i], v[i] -> out[2 i], out[2 i + 1]; u is overwritten.
template <class T>
void transform(T* u, T* v, T* out, std::int64_t pairs) {
  static const BoxMuller programs(dtype_of<T>);
  constexpr std::int64_t size = sizeof(T);
  lanes::Operand in[] = {{u, size}, {v, size}};
  lanes::run(programs.radius, {in, 1}, {}, {u, size}, pairs);
  std::swap(in[0], in[1]);
  lanes::run(programs.sine, in, {}, {out, 2 * size}, pairs);
  lanes::run(programs.cosine, in, {}, {out + 1, 2 * size}, pairs);
}

void unit_pair(const std::uint32_t* w, float& u, float& v) { u = unit_float(w[0]), v = unit_float(w[1]); }
void unit_pair(const std::uint32_t* w, double& u, double& v) {
  u = unit_double(w[0], w[1]), v = unit_double(w[2], w[3]);
}

template <class T>
constexpr std::int64_t words_each = sizeof(T) / 4;

// `n` draws of the compute type T, from the words of as many.
template <class T>
void fill_tile(const std::uint32_t* words, T* values, std::int64_t n) {
  T u[tile_words / 2], v[tile_words / 2];
  const std::int64_t pairs = (n + 1) / 2;
  for (std::int64_t i = 0; i < pairs; ++i) unit_pair(words + 2 * i * words_each<T>, u[i], v[i]);
  transform(u, v, values, pairs);
}

// A half is rounded from f32.
template <class T>
void fill(const Philox& source, const Array& out) {
  const Executable& round = conversion(dtype_of<T>, out.dtype);
  const std::int64_t from = sizeof(T), to = element_bytes(out);
  draw_tiles(source, out.numel(), 4 / words_each<T>,
             [&](const std::uint32_t* words, std::int64_t first, std::int64_t n) {
               T values[tile_words];
               fill_tile(words, values, n);
               move_elements(round, {values, from}, {out.as<char>() + first * to, to}, n);
             });
}

// Draws beyond two standard deviations are thrown away. As many elements as a block has draws belong
// together: each such group has a region of counts of its own, and takes from it, block after block, until it
// is full.
template <class T>
class Truncated {
 public:
  static constexpr std::int64_t per_group = 4 / words_each<T>;
  static constexpr std::uint64_t region = per_group * 256 / 4;

  Truncated(const Philox& source, std::int64_t first, std::int64_t count)
      : source_(source), first_(first), taken_(static_cast<std::size_t>(count)), values_(taken_.size()) {}

  // The draws of the groups, one after the other.
  const T* draw() {
    std::vector<std::int64_t> open(taken_.size());
    for (std::size_t g = 0; g < open.size(); ++g) open[g] = static_cast<std::int64_t>(g);
    for (std::uint64_t block = 0; !open.empty(); ++block) {
      take(open, block);
      std::erase_if(open, [&](std::int64_t g) { return taken_[static_cast<std::size_t>(g)] == per_group; });
    }
    return values_[0].data();
  }

 private:
  // One more block for each of these groups.
  void take(const std::vector<std::int64_t>& open, std::uint64_t block) {
    std::vector<std::uint32_t> words;
    for (std::int64_t g : open)
      for (std::uint32_t w : source_.block(static_cast<std::uint64_t>(first_ + g) * region + block))
        words.push_back(w);
    std::vector<T> draws(open.size() * per_group);
    for (std::size_t at = 0; at < draws.size(); at += tile_words / 2) {
      const auto n = std::min<std::int64_t>(tile_words / 2, static_cast<std::int64_t>(draws.size() - at));
      fill_tile(words.data() + static_cast<std::int64_t>(at) * words_each<T>, draws.data() + at, n);
    }
    for (std::size_t k = 0; k < open.size(); ++k)
      keep(static_cast<std::size_t>(open[k]), draws.data() + k * per_group);
  }

  void keep(std::size_t group, const T* draws) {
    for (std::int64_t i = 0; i < per_group && taken_[group] < per_group; ++i)
      if (std::abs(draws[i]) < 2) values_[group][static_cast<std::size_t>(taken_[group]++)] = draws[i];
  }

  Philox source_;
  std::int64_t first_;
  std::vector<std::int64_t> taken_;  // of each group
  std::vector<std::array<T, per_group>> values_;
};

template <class T>
void fill_truncated_as(const Philox& source, const Array& out) {
  constexpr std::int64_t per_group = Truncated<T>::per_group;
  const Executable& round = conversion(dtype_of<T>, out.dtype);
  const std::int64_t from = sizeof(T), to = element_bytes(out), count = out.numel();
  parallel_for((count + per_group - 1) / per_group, 256, [&](std::int64_t begin, std::int64_t end) {
    if (begin == end) return;
    Truncated<T> groups(source, begin, end - begin);
    const std::int64_t first = begin * per_group, n = std::min(count, end * per_group) - first;
    const T* values = groups.draw();
    move_elements(round, {const_cast<T*>(values), from}, {out.as<char>() + first * to, to}, n);
  });
}

void check_floating(const char* op, Dtype d) {
  if (!is_floating(d))
    throw InternalError(
        {.op = op, .argument = "dtype", .got = std::string(name_of(d)), .expected = "a floating dtype"});
}

}  // namespace

void fill_normal(const Philox& source, const Array& out) {
  check_floating("normal", out.dtype);
  out.dtype == f64 ? fill<double>(source, out) : fill<float>(source, out);
}

void fill_truncated_normal(const Philox& source, const Array& out) {
  check_floating("truncated_normal", out.dtype);
  out.dtype == f64 ? fill_truncated_as<double>(source, out) : fill_truncated_as<float>(source, out);
}

}  // namespace twofold
