// Random numbers. Every execution takes its block of the generator's counter: 256 counts per element, as
// TensorFlow's kernels reserve them. Without a generator, eager code uses the thread's default one and a
// graph node its own, keyed by the graph's seed and the node's name.
#include "kernels/random.h"

#include "ops/rows.h"

namespace twofold::ops {
namespace {

constexpr std::uint64_t counts_per_element = 256;

Philox take(const Attrs& attrs, int generator, const Array& out) {
  const Generator& given = attrs.generator(generator);
  const Generator source = given.defined() ? given : default_generator();
  const Generator::State before = source.take(static_cast<std::uint64_t>(out.numel()) * counts_per_element);
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
                                 high - 1 <= std::numeric_limits<std::int32_t>::max());
  if (low >= high || !fits)
    throw ValueError({.op = c.op.name,
                      .argument = "high",
                      .got = "[" + std::to_string(low) + ", " + std::to_string(high) + ")",
                      .expected = "low < high, both within the dtype"});
  c.out.push_back({d, known_shape(c)});
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
        .cpu = [](const Call& c) { fill_uniform(take(c.attrs, 2, c.y()), c.y()); },
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
        .cpu = [](const Call& c) { fill_uniform(take(c.attrs, 0, c.y()), c.y()); },
        .shape_only = X0,
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
        .cpu = [](const Call& c) { fill_normal(take(c.attrs, 2, c.y()), c.y()); },
        .samples = "; shape=[3,5] | ; shape=[70], dtype=f64 | ; shape=[9], dtype=f16 | ; shape=[0] | !; "
                   "shape=[2], dtype=bool -> dtype",
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
            [](const Call& c) {
              fill_integers(take(c.attrs, 4, c.y()), c.attrs.integer(1), c.attrs.integer(2), c.y());
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
        .samples = "f32[3,5]:unit | f64[7]:unit | f16[4]:unit | !i32[2] -> dtype",
    },
    {
        .name = "dropout",
        .sig = "x: float, p: real, train: flag = true, generator: generator = none",
        .torch = "nn.functional.dropout(input, p, training)",
        .tf = "nn.dropout(x, keep_prob)",
        .doc = "Zeroes each element with probability p and divides the others by 1 - p; x itself when not "
               "training.",
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
        .samples = "f32[3,5]; p=0.5 | f64[7]:strided; p=0.1 | f32[4]; p=0.3, train=false | f16[5]; p=0.25 | "
                   "!f32[3]; p=1.0 -> value | "
                   "!i32[2]; p=0.5 -> dtype",
    },
};
constinit Rows random{"random", random_rows};

}  // namespace twofold::ops
