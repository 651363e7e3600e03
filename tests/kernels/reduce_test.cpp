#include "kernels/reduce.h"

#include <limits>
#include <optional>

#include "kernels/arrays.h"

namespace twofold::test {
namespace {

// ---- the specification, word for word
template <class T>
T joined(Reduction kind, T a, T b) {
  switch (kind) {
    case Reduction::prod:
      return a * b;
    case Reduction::max:
      return a != a ? a : a > b ? a : b;
    case Reduction::min:
      return a != a ? a : a < b ? a : b;
    default:
      return a + b;
  }
}

template <class T>
std::optional<T> joined(Reduction kind, std::optional<T> a, std::optional<T> b) {
  if (!a || !b) return a ? a : b;
  return joined(kind, *a, *b);
}

template <class T>
T pairwise(Reduction kind, std::vector<T> level) {
  while (level.size() > 1) {
    std::vector<T> next;
    for (std::size_t i = 0; i < level.size(); i += 2)
      next.push_back(i + 1 < level.size() ? joined(kind, level[i], level[i + 1]) : level[i]);
    level = next;
  }
  return level[0];
}

template <class T>
T row_leaf(Reduction kind, const T* x, std::size_t n) {
  std::optional<T> acc[64];
  for (std::size_t k = 0; k < n; ++k) acc[k % 64] = joined<T>(kind, acc[k % 64], std::optional<T>(x[k]));
  std::optional<T> lane[16];
  for (int l = 0; l < 16; ++l)
    lane[l] = joined(kind, joined(kind, acc[l], acc[16 + l]), joined(kind, acc[32 + l], acc[48 + l]));
  for (int s = 8; s > 0; s /= 2)
    for (int l = 0; l < s; ++l) lane[l] = joined(kind, lane[l], lane[l + s]);
  return *lane[0];
}

template <class T>
T column_leaf(Reduction kind, const T* x, std::size_t n) {
  T chain = x[0];
  for (std::size_t k = 1; k < n; ++k) chain = joined(kind, chain, x[k]);
  return chain;
}

template <class T>
T folded(Reduction kind, const std::vector<T>& x, bool last_axis) {
  const std::size_t block = last_axis ? 16384 : 256;
  std::vector<T> blocks;
  for (std::size_t i = 0; i < x.size(); i += block) {
    const std::size_t n = std::min(block, x.size() - i);
    blocks.push_back(last_axis ? row_leaf(kind, &x[i], n) : column_leaf(kind, &x[i], n));
  }
  return pairwise(kind, blocks);
}

// Row-major positions of `in` that make up output element `output`.
std::vector<std::int64_t> sequence(const Array& in, const Dims& axes, std::int64_t output) {
  std::vector<std::int64_t> positions;
  for (std::int64_t p = 0; p < in.numel(); ++p) {
    std::int64_t rest = p, kept = 0, step = 1;
    for (int d = in.rank() - 1; d >= 0; --d) {
      if (!axes.contains(d)) kept += rest % in.shape[d] * step, step *= in.shape[d];
      rest /= in.shape[d];
    }
    if (kept == output) positions.push_back(p);
  }
  return positions;
}

template <class T>
void expected_into(Reduction kind, const Array& in, const Dims& axes, const Array& out) {
  const bool last_axis = in.rank() > 0 && axes.contains(in.rank() - 1);
  for (std::int64_t o = 0; o < out.numel(); ++o) {
    std::vector<T> x;
    for (std::int64_t p : sequence(in, axes, o)) x.push_back(get<T>(in, p));
    T result = folded(kind == Reduction::mean ? Reduction::sum : kind, x, last_axis);
    if (kind == Reduction::mean) result /= static_cast<T>(x.size());
    set(out, o, result);
  }
}

Shape kept_shape(const Shape& shape, const Dims& axes) {
  Dims kept;
  for (int d = 0; d < shape.rank(); ++d)
    if (!axes.contains(d)) kept.push_back(shape[d]);
  return Shape(kept);
}

Owned expected(Reduction kind, const Array& in, const Dims& axes, Dtype dtype) {
  Owned out = packed(dtype, kept_shape(in.shape, axes));
  if (dtype == f64)
    expected_into<double>(kind, in, axes, *out);
  else if (is_floating(dtype))
    expected_into<float>(kind, in, axes, *out);
  else  // unsigned sums wrap
    kind == Reduction::max || kind == Reduction::min ? expected_into<std::int64_t>(kind, in, axes, *out)
                                                     : expected_into<std::uint64_t>(kind, in, axes, *out);
  return out;
}

struct Row {
  Dtype in, out;
  Shape shape;
  Dims axes;
};

std::vector<Row> rows() {
  std::vector<Row> all;
  for (std::int64_t n :
       {1, 2, 15, 16, 17, 63, 64, 65, 255, 256, 257, 383, 384, 385, 769, 16383, 16384, 16385, 40000}) {
    all.push_back({f32, f32, {n}, {0}});
    if (n > 1000 && n != 16385) continue;
    all.push_back({f64, f64, {n}, {0}});
    all.push_back({f32, f32, {n, 3}, {0}});
    all.push_back({f16, f16, {2, n}, {1}});
    all.push_back({i32, i64, {n}, {0}});
  }
  for (std::int64_t n : {1, 15, 16, 63, 64, 65, 255, 257, 385}) {
    all.push_back({f64, f64, {n, 67}, {0}});
    all.push_back({f32, f32, {3, n, 5}, {1}});
    all.push_back({f32, f32, {3, n, 5}, {0, 2}});
    all.push_back({bf16, bf16, {n, 130}, {0}});
    all.push_back({i64, i64, {7, n}, {0}});
    all.push_back({u8, u8, {n, 3}, {0}});
  }
  for (const Dims& axes :
       {Dims{}, Dims{0}, Dims{1}, Dims{2}, Dims{3}, Dims{0, 1}, Dims{1, 2}, Dims{0, 3}, Dims{0, 1, 2, 3}})
    all.push_back({f32, f32, {3, 4, 5, 6}, axes});
  all.push_back({f32, f32, {}, {}});
  all.push_back({f32, f32, {300, 1}, {0, 1}});
  all.push_back({f32, f32, {300, 1}, {0}});
  all.push_back({bool_, i64, {100, 3}, {1}});
  all.push_back({i16, i16, {20, 70}, {0}});
  return all;
}

TEST(Reduce, GivesTheBitsOfTheSpecification) {
  for (const Row& row : rows()) {
    const Owned x = random(row.in, row.shape);
    for (Reduction kind :
         {Reduction::sum, Reduction::mean, Reduction::prod, Reduction::max, Reduction::min}) {
      if (kind == Reduction::mean && !is_floating(row.out)) continue;
      SCOPED_TRACE(to_string(row.shape) + to_string(row.axes) + std::string(name_of(row.in)) + " kind " +
                   std::to_string(static_cast<int>(kind)));
      const Owned want = expected(kind, *x, row.axes, row.out);
      Owned got = packed(row.out, want.array.shape);
      reduce(kind, *x, row.axes, *got);
      ASSERT_TRUE(same_bits(*got, *want));
    }
  }
}

TEST(Reduce, LayoutThreadsAndInstructionSetDoNotMatter) {
  for (const Row& row : rows()) {
    const Owned x = random(row.in, row.shape);
    Owned want = packed(row.out, kept_shape(row.shape, row.axes));
    reduce(Reduction::sum, *x, row.axes, *want);
    for (Layout layout : layouts) {
      const Owned y = laid_out(*x, layout);
      SCOPED_TRACE(to_string(row.shape) + to_string(row.axes) + " layout " +
                   std::to_string(static_cast<int>(layout)));
      every_way([&] {
        Owned got = packed(row.out, want.array.shape);
        reduce(Reduction::sum, *y, row.axes, *got);
        ASSERT_TRUE(same_bits(*got, *want));
      });
    }
  }
}

TEST(Reduce, ExpandedInputIsItsCopy) {
  const Owned row = random(f32, {1, 40});
  Array expanded = *row;
  expanded.shape = {700, 40}, expanded.strides = {0, 1}, expanded.contiguous = false;
  const Owned copied = laid_out(expanded, Layout::packed);
  for (const Dims& axes : {Dims{0}, Dims{1}, Dims{0, 1}}) {
    Owned a = packed(f32, kept_shape(expanded.shape, axes)),
          b = packed(f32, kept_shape(expanded.shape, axes));
    reduce(Reduction::sum, expanded, axes, *a);
    reduce(Reduction::sum, *copied, axes, *b);
    EXPECT_TRUE(same_bits(*a, *b));
  }
}

TEST(Reduce, RowDoesNotDependOnTheBatch) {
  const Owned batch = random(f32, {9, 20000});
  Owned all = packed(f32, {9}), one = packed(f32, {1});
  reduce(Reduction::sum, *batch, {1}, *all);
  for (std::int64_t i = 0; i < 9; ++i) {
    reduce(Reduction::sum, contiguous_array(element(*batch, i * 20000), f32, {1, 20000}), {1}, *one);
    EXPECT_EQ(get<float>(*one, 0), get<float>(*all, i));
  }
}

TEST(Reduce, NothingGivesTheIdentity) {
  const Owned x = packed(f32, {3, 0}), b = packed(bool_, {0});
  Owned out = packed(f32, {3}), flag = packed(bool_, {});
  reduce(Reduction::sum, *x, {1}, *out);
  EXPECT_EQ(get<float>(*out, 2), 0.0f);
  EXPECT_FALSE(std::signbit(get<float>(*out, 2)));
  reduce(Reduction::prod, *x, {1}, *out);
  EXPECT_EQ(get<float>(*out, 2), 1.0f);
  reduce(Reduction::mean, *x, {1}, *out);
  EXPECT_TRUE(std::isnan(get<float>(*out, 2)));
  reduce(Reduction::any, *b, {0}, *flag);
  EXPECT_EQ(get<int>(*flag, 0), 0);
  reduce(Reduction::all, *b, {0}, *flag);
  EXPECT_EQ(get<int>(*flag, 0), 1);
  EXPECT_THROW(reduce(Reduction::max, *x, {1}, *out), ValueError);
  Owned none = packed(f32, {0});
  reduce(Reduction::sum, *x, {0}, *none);
}

TEST(Reduce, NegativeZeroAndNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  struct {
    Reduction kind;
    std::vector<float> x;
    float want;
  } const cases[] = {
      {Reduction::sum, {-0.0f}, -0.0f},
      {Reduction::sum, {-0.0f, -0.0f, -0.0f}, -0.0f},
      {Reduction::sum, {inf, -inf}, nan},
      {Reduction::max, {1, nan, 2}, nan},
      {Reduction::min, {nan, 1}, nan},
      {Reduction::max, {-inf, -inf}, -inf},
      {Reduction::max, {-3, -2, -5}, -2},
      {Reduction::min, {-3, -2, -5}, -5},
      {Reduction::max, std::vector<float>(70, nan), nan},
      {Reduction::prod, {-0.0f, 2}, -0.0f},
  };
  for (const auto& c : cases)
    every_way([&] {
      const std::int64_t n = static_cast<std::int64_t>(c.x.size());
      Owned x = packed(f32, {n}), out = packed(f32, {}), want = packed(f32, {});
      for (std::int64_t i = 0; i < n; ++i) set(*x, i, c.x[static_cast<std::size_t>(i)]);
      set(*want, 0, c.want);
      reduce(c.kind, *x, {0}, *out);
      EXPECT_TRUE(same_bits(*out, *want));
      x.array.shape = {n, 1}, x.array.strides = {1, 1}, out.array.shape = want.array.shape = {1};
      out.array.strides = {1};
      reduce(c.kind, *x, {0}, *out);
      EXPECT_TRUE(same_bits(*out, *want));
    });
}

TEST(Reduce, AnyAndAll) {
  for (Dtype dtype : {bool_, i8, f16, f64}) {
    Owned x = packed(dtype, {2, 100});
    for (int i = 0; i < 100; ++i) set(*x, i, true);
    set(*x, 150, true);
    set(*x, 42, false);
    Owned out = packed(bool_, {2});
    reduce(Reduction::any, *x, {1}, *out);
    EXPECT_EQ(get<int>(*out, 0) * 10 + get<int>(*out, 1), 11);
    reduce(Reduction::all, *x, {1}, *out);
    EXPECT_EQ(get<int>(*out, 0) * 10 + get<int>(*out, 1), 0);
  }
}

TEST(ArgExtreme, FirstOfTheBestAndNaNFirst) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  struct {
    std::vector<double> x;
    std::int64_t most, least;
  } const cases[] = {{{3}, 0, 0}, {{1, 3, 3, 0, 0}, 1, 3}, {{1, nan, 9, nan}, 1, 1}, {{-0.0, 0.0}, 0, 0}};
  for (const auto& c : cases)
    for (Dtype dtype : {f16, f32, f64}) {
      const std::int64_t n = static_cast<std::int64_t>(c.x.size());
      Owned x = packed(dtype, {n}), out = packed(i64, {});
      for (std::int64_t i = 0; i < n; ++i) set(*x, i, c.x[static_cast<std::size_t>(i)]);
      arg_extreme(true, *x, 0, *out);
      EXPECT_EQ(get<std::int64_t>(*out, 0), c.most);
      arg_extreme(false, *x, 0, *out);
      EXPECT_EQ(get<std::int64_t>(*out, 0), c.least);
    }
  Owned empty = packed(f32, {0}), out = packed(i64, {});
  EXPECT_THROW(arg_extreme(true, *empty, 0, *out), ValueError);
}

TEST(ArgExtreme, AnyAxisAndLayout) {
  const Owned x = random(i32, {3, 17000, 2});
  for (int axis = 0; axis < 3; ++axis) {
    const Shape shape = kept_shape(x.array.shape, {axis});
    Owned want = packed(i64, shape);
    for (std::int64_t o = 0; o < shape.numel() && axis != 1; ++o) {
      const auto p = sequence(*x, {axis}, o);
      std::size_t best = 0;
      for (std::size_t i = 1; i < p.size(); ++i)
        if (get<int>(*x, p[i]) > get<int>(*x, p[best])) best = i;
      set(*want, o, static_cast<std::int64_t>(best));
      if (o == 20) break;
    }
    for (Layout layout : layouts) {
      const Owned y = laid_out(*x, layout);
      Owned got = packed(i64, shape), contiguous = packed(i64, shape);
      arg_extreme(true, *y, axis, *got);
      arg_extreme(true, *x, axis, *contiguous);
      EXPECT_TRUE(same_bits(*got, *contiguous));
      for (std::int64_t o = 0; o < std::min<std::int64_t>(20, shape.numel()) && axis != 1; ++o)
        EXPECT_EQ(get<std::int64_t>(*got, o), get<std::int64_t>(*want, o));
    }
  }
}

}  // namespace
}  // namespace twofold::test
