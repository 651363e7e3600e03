// Random numbers. Every execution takes its block of the generator's counter, as long as the row says.
// Without a generator, eager code uses the thread's default one and a graph node its own, keyed by the
// graph's seed and the node's name.
#include "kernels/random.h"
#include "kernels/index.h"

#include <array>
#include <numbers>
#include <numeric>

#include "ops/rows.h"

namespace twofold::ops {
namespace {

// The stream of this execution.
Philox take(const Call& c, int generator) {
  const Generator& given = c.attrs.generator(generator);
  const Generator source = given.defined() ? given : default_generator();
  const Generator::State before = source.take(c.op.counts(c.y().shape));
  return {before.key, before.counter};
}

Shape known_shape(const Infer& c) {
  const Shape shape(c.attrs.dims(0));
  if (shape.known()) return shape;
  throw ShapeError(
      {.op = c.op.name, .argument = "shape", .got = to_string(shape), .expected = "known dimensions"});
}

void infer_floats(Infer& c) {
  const Dtype d = c.attrs.dtype(1);
  if (!is_floating(d))
    throw DtypeError({.op = c.op.name,
                      .argument = "dtype",
                      .got = std::string(name_of(d)),
                      .expected = "a floating dtype"});
  c.out.push_back({d, known_shape(c)});
}

void infer_integers(Infer& c) {
  const Dtype d = c.attrs.dtype(3);
  if (d != i32 && d != i64)
    throw DtypeError(
        {.op = c.op.name, .argument = "dtype", .got = std::string(name_of(d)), .expected = "i32 or i64"});
  const std::int64_t low = c.attrs.integer(1), high = c.attrs.integer(2);
  const bool fits = d == i64 || (low >= std::numeric_limits<std::int32_t>::min() &&
                                 high <= std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1);
  if (low >= high || !fits)
    throw ValueError({.op = c.op.name,
                      .argument = "high",
                      .got = "[" + std::to_string(low) + ", " + std::to_string(high) + ")",
                      .expected = "low < high, both within the dtype"});
  c.out.push_back({d, known_shape(c)});
}

// Fisher and Yates from the front, by the generator's words: what TensorFlow's RandomShuffle does.
template <class Word>
std::vector<std::int64_t> permutation_of(std::int64_t n, Word word) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (std::int64_t i = 0; i + 1 < n; ++i) {
    const std::int64_t k = i + static_cast<std::int64_t>(word(i) % static_cast<std::uint64_t>(n - i));
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(k)]);
  }
  return order;
}

void run_shuffle(const Call& c) {
  const Array& x = c.x(0);
  if (x.rank() == 0) return copy(x, c.y());
  const std::int64_t n = x.shape[0];
  const Philox stream = take(c, 0);
  std::vector<std::int64_t> order = permutation_of(n, [&](std::int64_t i) {
    return stream.block(static_cast<std::uint64_t>(i / 4))[static_cast<std::size_t>(i % 4)];
  });
  twofold::take(x, 0, contiguous_array(order.data(), i64, Shape{n}), c.y());
}

// --- references: the algorithms as published, on double
// -------------------------------------------------------

using core::RefCall;
using core::RefTensor;

// Block number `index` of Philox-4x32-10 (Salmon et al., SC'11).
std::array<std::uint32_t, 4> philox_ref(const Generator::State& state, std::uint64_t index) {
  std::array<std::uint32_t, 4> c = state.counter;
  std::uint32_t k0 = state.key[0], k1 = state.key[1];
  for (std::uint32_t& word : c) {
    index += word;
    word = static_cast<std::uint32_t>(index);
    index >>= 32;
  }
  for (int round = 0; round < 10; ++round, k0 += 0x9e3779b9, k1 += 0xbb67ae85) {
    const std::uint64_t a = std::uint64_t{0xd2511f53} * c[0], b = std::uint64_t{0xcd9e8d57} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(a)};
  }
  return c;
}

// Word number i of the stream.
std::uint32_t word_ref(const Generator& g, std::int64_t i) {
  return philox_ref(g.state(), static_cast<std::uint64_t>(i / 4))[static_cast<std::size_t>(i % 4)];
}

// Row by row, one of those left over; the first of them takes its place.
std::vector<RefTensor> shuffle_ref(const RefCall& c) {
  const RefTensor& x = c.in[0];
  if (x.shape.rank() == 0 || x.values.empty()) return {x};
  const std::int64_t n = x.shape[0];
  const auto row = static_cast<std::ptrdiff_t>(x.values.size()) / n;
  std::vector<std::int64_t> left, order;
  for (std::int64_t i = 0; i < n; ++i) left.push_back(i);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::size_t k = i + 1 < n ? word_ref(c.attrs.generator(0), i) % left.size() : 0;
    order.push_back(left[k]);
    left[k] = left[0];
    left.erase(left.begin());
  }
  RefTensor out{x.shape, {}};
  for (std::int64_t i : order)
    out.values.insert(out.values.end(), x.values.begin() + i * row, x.values.begin() + (i + 1) * row);
  return {out};
}

// Element i of a uniform draw: as many low bits of a word as the dtype's mantissa has.
double uniform_ref(const Generator& g, Dtype dtype, std::int64_t i) {
  if (dtype == f64) {
    const std::uint64_t high = word_ref(g, 2 * i) & 0xfffffu;
    return static_cast<double>(high << 32 | word_ref(g, 2 * i + 1)) * 0x1p-52;
  }
  const int bits = dtype == f16 ? 10 : dtype == bf16 ? 7 : 23;
  return std::ldexp(static_cast<double>(word_ref(g, i) & ((1u << bits) - 1)), -bits);
}

// Box and Muller on pairs of uniform elements; the angle is rounded to the type that computes.
double normal_ref(const Generator& g, Dtype dtype, std::int64_t i) {
  const Dtype type = compute_type(dtype);
  const double u = std::max(uniform_ref(g, type, i / 2 * 2), 1e-7);
  const double turns = 2 * std::numbers::pi * uniform_ref(g, type, i / 2 * 2 + 1);
  const double angle = type == f64 ? turns : static_cast<double>(static_cast<float>(turns));
  return (i % 2 ? std::cos(angle) : std::sin(angle)) * std::sqrt(-2 * std::log(u));
}

// The first draws within two standard deviations, from a region of the stream for every 4 elements (f64: 2).
double truncated_ref(const Generator& g, Dtype dtype, std::int64_t i) {
  const bool wide = dtype == f64;
  const std::int64_t per_group = wide ? 2 : 4, group = i / per_group;
  const Dtype type = compute_type(dtype);
  std::int64_t wanted = i % per_group;
  for (std::int64_t draw = group * (wide ? 256 : 1024);; ++draw) {
    const double value = normal_ref(g, type, draw);
    if (std::abs(value) < 2 && wanted-- == 0) return value;
  }
}

double integer_ref(const RefCall& c, std::int64_t i) {
  const Generator& g = c.attrs.generator(4);
  const auto low = static_cast<std::uint64_t>(c.attrs.integer(1));
  const std::uint64_t range = static_cast<std::uint64_t>(c.attrs.integer(2)) - low;
  const std::uint64_t word = c.attrs.dtype(3) == i64
                                 ? std::uint64_t{word_ref(g, 2 * i + 1)} << 32 | word_ref(g, 2 * i)
                                 : word_ref(g, i);
  return static_cast<double>(static_cast<std::int64_t>(low + word % range));
}

template <class Element>
std::vector<RefTensor> each_element(const Shape& shape, Element element) {
  RefTensor out{shape, {}};
  for (std::int64_t i = 0; i < shape.numel(); ++i) out.values.push_back(element(i));
  return {out};
}

// A half-typed composition draws in f32, and C++ numbers take the type that computes.
std::vector<RefTensor> dropout_ref(const RefCall& c) {
  const RefTensor& x = c.in[0];
  const Dtype type = compute_type(c.dtypes[0]);
  auto number = [&](double v) { return type == f64 ? v : static_cast<double>(static_cast<float>(v)); };
  const double p = number(c.attrs.real(0)), kept = number(1 - c.attrs.real(0));
  if (!c.attrs.flag(1)) return {x};
  return each_element(x.shape, [&](std::int64_t i) {
    return uniform_ref(c.attrs.generator(2), type, i) >= p ? x.values[static_cast<std::size_t>(i)] / kept
                                                           : 0.0;
  });
}

}  // namespace

constinit const Op random_rows[] = {
    {
        .name = "uniform",
        .sig = "shape: ints, dtype: dtype = f32, generator: generator = none",
        .torch = "rand(size)",
        .tf = "random_uniform(shape)",
        .doc = "Independent draws from [0, 1).",
        .effect = Effect::random,
        .infer = infer_floats,
        .cpu = [](const Call& c) { fill_uniform(take(c, 2), c.y()); },
        .ref =
            [](const RefCall& c) {
              return each_element(Shape(c.attrs.dims(0)), [&](std::int64_t i) {
                return uniform_ref(c.attrs.generator(2), c.attrs.dtype(1), i);
              });
            },
        .samples = "; shape=[3,5] | ; shape=[70], dtype=f64 | ; shape=[9], dtype=f16 | ; shape=[9], "
                   "dtype=bf16 | ; shape=[0] | "
                   "!; shape=[-1] -> shape | !; shape=[2], dtype=i32 -> dtype",
    },
    {
        .name = "uniform_like",
        .sig = "x: float, generator: generator = none",
        .torch = "rand_like(input)",
        .tf = "",
        .doc = "Independent draws from [0, 1) of x's shape and dtype.",
        .effect = Effect::random,
        .infer = same_as_x,
        .cpu = [](const Call& c) { fill_uniform(take(c, 0), c.y()); },
        .shape_only = X0,
        .ref =
            [](const RefCall& c) {
              return each_element(c.in[0].shape, [&](std::int64_t i) {
                return uniform_ref(c.attrs.generator(0), c.dtypes[0], i);
              });
            },
        .samples = "f32[3,5] | f64[7]:strided | f16[0] | !i32[2] -> dtype",
    },
    {
        .name = "normal",
        .sig = "shape: ints, dtype: dtype = f32, generator: generator = none",
        .torch = "randn(size)",
        .tf = "random_normal(shape)",
        .doc = "Independent standard normal draws (Box-Muller).",
        .effect = Effect::random,
        .infer = infer_floats,
        .cpu = [](const Call& c) { fill_normal(take(c, 2), c.y()); },
        .ref =
            [](const RefCall& c) {
              return each_element(Shape(c.attrs.dims(0)), [&](std::int64_t i) {
                return normal_ref(c.attrs.generator(2), c.attrs.dtype(1), i);
              });
            },
        .ulp = 8,
        .samples = "; shape=[3,5] | ; shape=[70], dtype=f64 | ; shape=[9], dtype=f16 | ; shape=[0] | !; "
                   "shape=[2], dtype=bool -> dtype",
    },
    {
        .name = "normal_like",
        .sig = "x: float, generator: generator = none",
        .torch = "randn_like(input)",
        .tf = "",
        .doc = "Independent standard normal draws of x's shape and dtype.",
        .effect = Effect::random,
        .infer = same_as_x,
        .cpu = [](const Call& c) { fill_normal(take(c, 0), c.y()); },
        .shape_only = X0,
        .ref =
            [](const RefCall& c) {
              return each_element(c.in[0].shape, [&](std::int64_t i) {
                return normal_ref(c.attrs.generator(0), c.dtypes[0], i);
              });
            },
        .ulp = 8,
        .samples = "f32[3,5] | f64[7]:strided | f16[0] | !i32[2] -> dtype",
    },
    {
        .name = "truncated_normal",
        .sig = "shape: ints, dtype: dtype = f32, generator: generator = none",
        .torch = "",
        .tf = "truncated_normal(shape)",
        .doc = "Independent standard normal draws, those beyond two standard deviations drawn again.",
        .effect = Effect::random,
        .infer = infer_floats,
        .cpu = [](const Call& c) { fill_truncated_normal(take(c, 2), c.y()); },
        .ref =
            [](const RefCall& c) {
              return each_element(Shape(c.attrs.dims(0)), [&](std::int64_t i) {
                return truncated_ref(c.attrs.generator(2), c.attrs.dtype(1), i);
              });
            },
        .ulp = 8,
        .samples = "; shape=[3,5] | ; shape=[1300] | ; shape=[71], dtype=f64 | ; shape=[9], dtype=f16 | ; "
                   "shape=[0] | "
                   "!; shape=[2], dtype=bool -> dtype",
    },
    {
        .name = "truncated_normal_like",
        .sig = "x: float, generator: generator = none",
        .torch = "",
        .tf = "",
        .doc = "Independent draws of truncated_normal, of x's shape and dtype.",
        .effect = Effect::random,
        .infer = same_as_x,
        .cpu = [](const Call& c) { fill_truncated_normal(take(c, 0), c.y()); },
        .shape_only = X0,
        .ref =
            [](const RefCall& c) {
              return each_element(c.in[0].shape, [&](std::int64_t i) {
                return truncated_ref(c.attrs.generator(0), c.dtypes[0], i);
              });
            },
        .ulp = 8,
        .samples = "f32[3,5] | f64[7]:strided | f16[0] | !i32[2] -> dtype",
    },
    {
        .name = "shuffle",
        .sig = "x: any, generator: generator = none",
        .torch = "",
        .tf = "random_shuffle(value)",
        .doc = "The slices of x along the first axis, in a random order.",
        .effect = Effect::random,
        .infer = same_as_x,
        .cpu = run_shuffle,
        // A word for every slice but the last, four to a count.
        .counts = [](const Shape& s) { return s.rank() ? static_cast<std::uint64_t>((s[0] + 2) / 4) : 0; },
        .ref = shuffle_ref,
        .samples = "i64[9] | f32[5,3] | f64[4,2]:strided | bool[1] | i32[0] | f16[]",
    },
    {
        .name = "random_integers",
        .sig = "shape: ints, low: int, high: int, dtype: dtype = i64, generator: generator = none",
        .torch = "randint(low, high, size)",
        .tf = "random_uniform(shape, minval, maxval, dtype)",
        .doc = "Independent integers from [low, high).",
        .effect = Effect::random,
        .infer = infer_integers,
        .cpu =
            [](const Call& c) { fill_integers(take(c, 4), c.attrs.integer(1), c.attrs.integer(2), c.y()); },
        .ref =
            [](const RefCall& c) {
              return each_element(Shape(c.attrs.dims(0)), [&](std::int64_t i) { return integer_ref(c, i); });
            },
        .samples = "; shape=[3,5], low=0, high=10 | ; shape=[9], low=-3, high=4, dtype=i32 | !; shape=[2], "
                   "low=3, high=3 -> value | "
                   "!; shape=[2], low=0, high=2, dtype=f32 -> dtype",
    },
    {
        .name = "bernoulli",
        .sig = "probability: float, generator: generator = none",
        .torch = "bernoulli(input)",
        .tf = "",
        .doc = "1 with the given probability, else 0, in its dtype: uniform < probability.",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          const Tensor u = uniform_like(in[0], a.generator(0));
          return {cast(lt(u, in[0]), in[0].dtype())};
        },
        .ref =
            [](const RefCall& c) {
              return each_element(c.in[0].shape, [&](std::int64_t i) {
                const double u = uniform_ref(c.attrs.generator(0), compute_type(c.dtypes[0]), i);
                return double(u < c.in[0].values[static_cast<std::size_t>(i)]);
              });
            },
        .samples = "f32[3,5]:unit | f64[7]:unit | f16[4]:unit | !i32[2] -> dtype",
    },
    {
        .name = "dropout",
        .sig = "x: float, p: real, train: flag = true, generator: generator = none",
        .torch = "nn.functional.dropout(input, p, training)",
        .tf = "nn.dropout(x, keep_prob)",
        .doc = "Zeroes each element with probability p and divides the others by 1 - p; x itself when not "
               "training.",
        .unlike = "in what the number means: torch.nn.functional.dropout(x, 0.) | tf.nn.dropout(x, 1.)",
        .compose = [](const Tensors& in, const Attrs& a) -> Tensors {
          const double p = a.real(0);
          if (!(p >= 0 && p < 1))
            throw ValueError({.op = "dropout",
                              .argument = "p",
                              .got = std::to_string(p),
                              .expected = "a probability in [0, 1)"});
          if (!a.flag(1) || p == 0) return {in[0]};
          const Tensor keep = ge(uniform_like(in[0], a.generator(2)), p);
          return {where(keep, div(in[0], 1 - p), 0.0)};
        },
        .ref = dropout_ref,
        .ulp = 0.5,
        .samples = "f32[3,5]; p=0.5 | f64[7]:strided; p=0.1 | f32[4]; p=0.3, train=false | f16[5]; p=0.25 | "
                   "!f32[3]; p=1.0 -> value | "
                   "!i32[2]; p=0.5 -> dtype",
    },
};
constinit Rows random{"random", random_rows};

}  // namespace twofold::ops
