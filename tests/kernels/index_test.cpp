#include "kernels/index.h"

#include <numeric>

#include "kernels/arrays.h"
#include "twofold/error.h"

namespace twofold::test {
namespace {

Owned indices(Dtype dtype, const Shape& shape, std::int64_t bound, unsigned seed = 7) {
  Owned o = packed(dtype, shape);
  std::mt19937 engine(seed);
  for (std::int64_t i = 0; i < shape.numel(); ++i)
    set(*o, i, static_cast<std::int64_t>(engine() % static_cast<unsigned>(2 * bound)) - bound);
  return o;
}

std::int64_t counted(std::int64_t index, std::int64_t bound) { return index < 0 ? index + bound : index; }

// Row-major position in `shape` of the coordinates that `position` has in `from`, dimension `axis` replaced.
std::int64_t moved(const Shape& from, std::int64_t position, const Shape& shape, int axis, std::int64_t at) {
  std::int64_t result = 0, step = 1;
  for (int d = shape.rank() - 1; d >= 0; --d) {
    result += (d == axis ? at : position % from[d]) * step;
    step *= shape[d];
    position /= from[d];
  }
  return result;
}

template <class T>
void add_element(const Array& out, std::int64_t to, const Array& src, std::int64_t from) {
  set(out, to, get<T>(out, to) + get<T>(src, from));
}
void add_any(const Array& out, std::int64_t to, const Array& src, std::int64_t from) {
  if (out.dtype == f64) return add_element<double>(out, to, src, from);
  is_floating(out.dtype) ? add_element<float>(out, to, src, from)
                         : add_element<std::uint64_t>(out, to, src, from);
}

struct Row {
  Dtype dtype, index_dtype;
  Shape x, index;
  int axis;
};
const Row gather_rows[] = {
    {f32, i64, {7}, {40}, 0},
    {f32, i32, {5, 6}, {5, 9}, 1},
    {f64, i64, {5, 6}, {11, 6}, 0},
    {f16, i64, {3, 4, 5}, {3, 8, 5}, 1},
    {u8, i32, {300, 7}, {90, 5}, 0},
    {i64, i64, {3, 1000}, {3, 17000}, 1},
    {bf16, i64, {6, 50}, {300, 50}, 0},
    {bool_, i64, {3, 3}, {3, 40}, 1},
    {f32, i64, {4, 5}, {0, 5}, 0},
    {i16, i64, {9}, {1}, 0},
    {i8, i32, {2, 3, 4, 5}, {2, 3, 4, 9}, 3},
    {i32, i64, {8, 2}, {50, 2}, 0},
};

std::string name(const Row& r) { return to_string(r.x) + to_string(r.index) + std::to_string(r.axis); }

TEST(Gather, TakesTheIndexedElement) {
  for (const Row& r : gather_rows) {
    SCOPED_TRACE(name(r));
    const Owned x = random(r.dtype, r.x), index = indices(r.index_dtype, r.index, r.x[r.axis]);
    Owned want = packed(r.dtype, r.index);
    for (std::int64_t i = 0; i < r.index.numel(); ++i) {
      const std::int64_t at = counted(get<std::int64_t>(*index, i), r.x[r.axis]);
      std::memcpy(element(*want, i), element(*x, moved(r.index, i, r.x, r.axis, at)), size_of(r.dtype));
    }
    for (Layout layout : layouts) {
      const Owned y = laid_out(*x, layout), other = laid_out(*index, layout);
      every_way([&] {
        Owned got = packed(r.dtype, r.index);
        gather(*y, r.axis, *other, *got);
        ASSERT_TRUE(same_bits(*got, *want));
      });
    }
  }
}

TEST(ScatterAdd, AddsInIndexOrder) {
  for (const Row& r : gather_rows) {
    SCOPED_TRACE(name(r));
    const Owned base = random(r.dtype, r.x), src = random(r.dtype, r.index, 5),
                index = indices(r.index_dtype, r.index, r.x[r.axis]);
    const Owned want = laid_out(*base, Layout::packed);
    for (std::int64_t i = 0; i < r.index.numel(); ++i) {
      const std::int64_t at = counted(get<std::int64_t>(*index, i), r.x[r.axis]);
      add_any(*want, moved(r.index, i, r.x, r.axis, at), *src, i);
    }
    for (Layout layout : layouts) {
      const Owned from = laid_out(*src, layout), other = laid_out(*index, layout);
      every_way([&] {
        const Owned got = laid_out(*base, layout);
        scatter_add(*got, r.axis, *other, *from);
        ASSERT_TRUE(same_bits(*got, *want));
      });
    }
  }
}

const Row take_rows[] = {
    {f32, i64, {7}, {40}, 0},       {f32, i64, {50, 16}, {3, 5}, 0}, {f16, i32, {4, 6, 5}, {9}, 1},
    {f64, i64, {4, 6}, {2, 2}, 1},  {bool_, i64, {5, 3}, {}, 0},     {i64, i64, {3, 2, 2}, {70}, 2},
    {f32, i64, {9, 700}, {300}, 0}, {bf16, i64, {9, 33}, {100}, 0},  {u8, i32, {4, 3}, {0}, 0},
    {f32, i64, {5, 0}, {3}, 0},
};

Shape taken_shape(const Row& r) {
  Dims d;
  for (int i = 0; i < r.axis; ++i) d.push_back(r.x[i]);
  for (std::int64_t n : r.index) d.push_back(n);
  for (int i = r.axis + 1; i < r.x.rank(); ++i) d.push_back(r.x[i]);
  return Shape(d);
}

// The position in x that position `i` of what is taken comes from.
std::int64_t origin(const Row& r, const Array& index, std::int64_t i) {
  std::int64_t inner = 1;
  for (int d = r.axis + 1; d < r.x.rank(); ++d) inner *= r.x[d];
  const std::int64_t n = r.index.numel(), length = r.x[r.axis];
  const std::int64_t at = counted(get<std::int64_t>(index, i / inner % n), length);
  return (i / inner / n * length + at) * inner + i % inner;
}

TEST(Take, TakesSlices) {
  for (const Row& r : take_rows) {
    SCOPED_TRACE(name(r));
    const Owned x = random(r.dtype, r.x), index = indices(r.index_dtype, r.index, r.x[r.axis]);
    Owned want = packed(r.dtype, taken_shape(r));
    for (std::int64_t i = 0; i < want.array.numel(); ++i)
      std::memcpy(element(*want, i), element(*x, origin(r, *index, i)), size_of(r.dtype));
    for (Layout layout : layouts) {
      const Owned y = laid_out(*x, layout), other = laid_out(*index, layout);
      every_way([&] {
        Owned got = packed(r.dtype, want.array.shape);
        take(*y, r.axis, *other, *got);
        ASSERT_TRUE(same_bits(*got, *want));
      });
    }
  }
}

TEST(TakeAdd, AddsSlicesInIndexOrder) {
  for (const Row& r : take_rows) {
    SCOPED_TRACE(name(r));
    const Owned base = random(r.dtype, r.x), src = random(r.dtype, taken_shape(r), 5),
                index = indices(r.index_dtype, r.index, r.x[r.axis]);
    const Owned want = laid_out(*base, Layout::packed);
    for (std::int64_t i = 0; i < src.array.numel(); ++i) add_any(*want, origin(r, *index, i), *src, i);
    for (Layout layout : layouts) {
      const Owned from = laid_out(*src, layout), other = laid_out(*index, layout);
      every_way([&] {
        const Owned got = laid_out(*base, layout);
        take_add(*got, r.axis, *other, *from);
        ASSERT_TRUE(same_bits(*got, *want));
      });
    }
  }
}

TEST(Index, RefusesWhatIsOutOfRangeAndWritesNothing) {
  const Owned x = random(f32, {4, 3});
  for (std::int64_t bad : {4, -5, 1000000}) {
    Owned index = packed(i64, {2, 3}), out = packed(f32, {2, 3}), list = packed(i64, {2}),
          rows = packed(f32, {2, 3});
    set(*index, 4, bad);
    set(*list, 1, bad);
    EXPECT_THROW(gather(*x, 0, *index, *out), IndexError);
    EXPECT_THROW(take(*x, 0, *list, *rows), IndexError);
    const Owned target = laid_out(*x, Layout::packed);
    EXPECT_THROW(scatter_add(*target, 0, *index, *out), IndexError);
    EXPECT_THROW(take_add(*target, 0, *list, *rows), IndexError);
    EXPECT_TRUE(same_bits(*target, *x));
    try {
      gather(*x, 0, *index, *out);
    } catch (const IndexError& e) {
      EXPECT_STREQ(e.what(),
                   ("gather: argument 'index': got " + std::to_string(bad) + ", expected an index in [-4, 3]")
                       .c_str());
    }
  }
  const Owned none = packed(f32, {0, 3}), index = packed(i64, {1});
  Owned out = packed(f32, {1, 3});
  EXPECT_THROW(take(*none, 0, *index, *out), IndexError);
}

TEST(Nonzero, CountsAndLists) {
  for (Dtype dtype : {bool_, u8, i64, f16, f32, f64})
    for (std::int64_t n : {0, 1, 15, 100, 4097, 40000}) {
      Owned x = packed(dtype, {n, 2});
      for (std::int64_t i = 0; i < n; i += 3) set(*x, 2 * i + i % 2, 1);
      if (is_floating(dtype) && n > 1) set(*x, 2, std::nan("")), set(*x, 3, -0.0f);
      std::vector<std::int64_t> want;
      for (std::int64_t i = 0; i < 2 * n; ++i)
        if (!(get<float>(*x, i) == 0)) want.push_back(i / 2), want.push_back(i % 2);
      for (Layout layout : layouts) {
        const Owned y = laid_out(*x, layout);
        every_way([&] { ASSERT_EQ(2 * count_nonzero(*y), static_cast<std::int64_t>(want.size())); });
        Owned got = packed(i64, {static_cast<std::int64_t>(want.size()) / 2, 2});
        nonzero(*y, *got);
        for (std::size_t i = 0; i < want.size(); ++i)
          ASSERT_EQ(get<std::int64_t>(*got, static_cast<std::int64_t>(i)), want[i]);
      }
    }
  EXPECT_EQ(count_nonzero(*random(f32, {})), 1);
}

TEST(Concat, PutsPartsSideBySide) {
  const Owned a = random(f32, {2, 3, 4}, 1), b = random(f32, {2, 5, 4}, 2), none = random(f32, {2, 0, 4}, 3);
  for (Layout layout : layouts) {
    const Owned la = laid_out(*a, layout), lb = laid_out(*b, layout);
    const Array* parts[] = {&*la, &*none, &*lb};
    Owned out = packed(f32, {2, 8, 4});
    concat(parts, 3, 1, *out);
    for (std::int64_t i = 0; i < 64; ++i) {
      const std::int64_t row = i / 4 % 8, first = i / 32, column = i % 4;
      const float want = row < 3 ? get<float>(*a, (first * 3 + row) * 4 + column)
                                 : get<float>(*b, (first * 5 + row - 3) * 4 + column);
      ASSERT_EQ(get<float>(*out, i), want);
    }
  }
}

TEST(Copy, KeepsEveryBitOfTheSameDtype) {
  for (Dtype dtype : {bool_, u8, i8, i16, i32, i64, f16, bf16, f32, f64})
    for (const Shape& shape :
         {Shape{}, Shape{0}, Shape{70}, Shape{33, 65}, Shape{3, 40, 5}, Shape{200, 130}}) {
      const Owned x = random(dtype, shape);
      if (dtype != bool_)
        std::memset(x.array.data, 0xff,
                    static_cast<std::size_t>(std::min<std::int64_t>(shape.numel(), 3) * bytes_of(dtype)));
      for (Layout from : layouts)
        for (Layout to : layouts) {
          const Owned y = laid_out(*x, from), z = laid_out(*random(dtype, shape, 9), to);
          every_way([&] { copy(*y, *z); });
          for (std::int64_t i = 0; i < shape.numel(); ++i)
            ASSERT_EQ(std::memcmp(element(*z, i), element(*x, i), size_of(dtype)), 0);
        }
    }
}

TEST(Copy, BroadcastsAndConverts) {
  Owned x = packed(f32, {3, 1});
  set(*x, 0, -1.5f), set(*x, 1, 300.7f), set(*x, 2, std::nanf(""));
  Owned i = packed(i8, {2, 3, 4}), b = packed(bool_, {3, 2}), h = packed(f16, {3, 1}),
        d = packed(f64, {3, 1});
  copy(*x, *i);
  EXPECT_EQ(get<int>(*i, 3), -1);
  EXPECT_EQ(get<int>(*i, 16), 127);  // out of range: saturates
  EXPECT_EQ(get<int>(*i, 23), 0);    // NaN
  copy(*x, *b);
  EXPECT_EQ(get<int>(*b, 5), 1);
  copy(*x, *h);
  EXPECT_EQ(get<float>(*h, 1), 300.75f);
  copy(*x, *d);
  EXPECT_EQ(get<double>(*d, 1), static_cast<double>(300.7f));
}

}  // namespace
}  // namespace twofold::test
