#include "kernels/matmul.h"

#include <limits>

#include "kernels/arrays.h"

namespace twofold::test {
namespace {

// ---- the specification, word for word
template <class T>
T dot(const std::vector<T>& a, const std::vector<T>& b) {
  T sum = 0;
  for (std::size_t k = 0; k < a.size(); k += 384) {
    T chain = 0;
    for (std::size_t i = k; i < std::min(k + 384, a.size()); ++i) chain = std::fma(a[i], b[i], chain);
    sum = k == 0 ? chain : sum + chain;
  }
  return sum;
}
std::uint64_t dot(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// Position in `x` of matrix element (i, j) of the output's stack element `s`.
std::int64_t stacked(const Array& x, const Shape& out, std::int64_t s, std::int64_t i, std::int64_t j) {
  const std::int64_t m = x.shape[x.rank() - 2], n = x.shape[x.rank() - 1];
  std::int64_t at = i * n + j, step = m * n;
  for (int d = out.rank() - 3, own = x.rank() - 3; own >= 0; --d, --own) {
    at += (x.shape[own] == 1 ? 0 : s % out[d]) * step;
    s /= out[d];
    step *= x.shape[own];
  }
  return at;
}

template <class T>
void expected_into(const Array& a, const Array& b, const Array& out) {
  const std::int64_t m = out.shape[out.rank() - 2], n = out.shape[out.rank() - 1], k = a.shape[a.rank() - 1];
  for (std::int64_t o = 0; o < out.numel(); ++o) {
    const std::int64_t s = o / (m * n), i = o / n % m, j = o % n;
    std::vector<T> row, column;
    for (std::int64_t p = 0; p < k; ++p) {
      row.push_back(get<T>(a, stacked(a, out.shape, s, i, p)));
      column.push_back(get<T>(b, stacked(b, out.shape, s, p, j)));
    }
    set(out, o, dot(row, column));
  }
}

struct Row {
  Dtype dtype;
  Shape a, b, out;
};

Owned expected(const Row& row, const Array& a, const Array& b) {
  Owned out = packed(row.dtype, row.out);
  if (row.dtype == f64)
    expected_into<double>(a, b, *out);
  else if (is_floating(row.dtype))
    expected_into<float>(a, b, *out);
  else
    expected_into<std::uint64_t>(a, b, *out);
  return out;
}

std::vector<Row> rows() {
  std::vector<Row> all;
  for (std::int64_t n : {1, 2, 5, 6, 7, 15, 16, 17, 31, 33})
    for (Dtype dtype : {f32, f64}) all.push_back({dtype, {n, 3}, {3, n + 1}, {n, n + 1}});
  for (std::int64_t k : {0, 1, 2, 63, 383, 384, 385, 769, 1153}) {
    all.push_back({f32, {7, k}, {k, 18}, {7, 18}});
    all.push_back({f64, {3, k}, {k, 9}, {3, 9}});
    all.push_back({bf16, {3, k}, {k, 4}, {3, 4}});
  }
  all.push_back({f32, {65, 385}, {385, 130}, {65, 130}});  // packed
  all.push_back({f32, {173, 400}, {400, 17}, {173, 17}});
  all.push_back({f32, {3, 100}, {100, 1030}, {3, 1030}});
  all.push_back({f64, {64, 769}, {769, 64}, {64, 64}});
  all.push_back({f16, {70, 70}, {70, 70}, {70, 70}});
  for (Dtype dtype : {u8, i8, i16, i32, i64}) all.push_back({dtype, {9, 33}, {33, 10}, {9, 10}});
  all.push_back({f32, {5, 4, 6}, {6, 3}, {5, 4, 3}});  // broadcast stacks
  all.push_back({f32, {4, 6}, {5, 6, 3}, {5, 4, 3}});
  all.push_back({f32, {2, 1, 4, 6}, {3, 6, 5}, {2, 3, 4, 5}});
  all.push_back({i32, {1, 3, 2}, {4, 2, 3}, {4, 3, 3}});
  all.push_back({f32, {0, 4}, {4, 3}, {0, 3}});
  all.push_back({f32, {3, 0, 2}, {2, 2}, {3, 0, 2}});
  return all;
}

std::string name(const Row& r) { return std::string(name_of(r.dtype)) + to_string(r.a) + to_string(r.b); }

TEST(Matmul, GivesTheBitsOfTheSpecificationOnAnyThreadsAndInstructionSet) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(name(row));
    const Owned a = random(row.dtype, row.a, 1), b = random(row.dtype, row.b, 2);
    const Owned want = expected(row, *a, *b);
    every_way([&] {
      Owned got = random(row.dtype, row.out, 3);  // old values must not shine through
      matmul(*a, *b, *got);
      ASSERT_TRUE(same_bits(*got, *want));
    });
  }
}

TEST(Matmul, LayoutDoesNotMatter) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(name(row));
    const Owned a = random(row.dtype, row.a, 1), b = random(row.dtype, row.b, 2);
    Owned want = packed(row.dtype, row.out);
    matmul(*a, *b, *want);
    for (Layout la : layouts)
      for (Layout lb : layouts) {
        const Owned x = laid_out(*a, la), y = laid_out(*b, lb);
        Owned got = packed(row.dtype, row.out);
        matmul(*x, *y, *got);
        ASSERT_TRUE(same_bits(*got, *want));
      }
  }
}

TEST(Matmul, ExpandedOperandIsItsCopy) {
  const Owned row = random(f32, {1, 300}), b = random(f32, {300, 40});
  Array expanded = *row;
  expanded.shape = {50, 300}, expanded.strides = {0, 1}, expanded.contiguous = false;
  Owned one = packed(f32, {1, 40}), all = packed(f32, {50, 40});
  matmul(*row, *b, *one);
  matmul(expanded, *b, *all);
  for (std::int64_t i = 0; i < all.array.numel(); ++i)
    ASSERT_EQ(get<float>(*all, i), get<float>(*one, i % 40));
}

TEST(Matmul, RowDoesNotDependOnTheBatch) {
  const Owned a = random(f32, {101, 500}), b = random(f32, {500, 70});
  Owned all = packed(f32, {101, 70}), one = packed(f32, {1, 70});
  matmul(*a, *b, *all);
  for (std::int64_t i = 0; i < 101; ++i) {
    matmul(contiguous_array(element(*a, i * 500), f32, {1, 500}), *b, *one);
    ASSERT_EQ(std::memcmp(one.array.data, element(*all, i * 70), 280), 0);
  }
}

TEST(Matmul, InfinityAndNaNStayInTheirRowsAndColumns) {
  Owned a = random(f32, {20, 30}), b = random(f32, {30, 20});
  set(*a, 5 * 30 + 7, std::numeric_limits<float>::quiet_NaN());
  set(*b, 7 * 20 + 11, std::numeric_limits<float>::infinity());
  Owned got = packed(f32, {20, 20});
  matmul(*a, *b, *got);
  for (std::int64_t i = 0; i < 400; ++i)
    EXPECT_EQ(!std::isfinite(get<float>(*got, i)), i / 20 == 5 || i % 20 == 11);
}

}  // namespace
}  // namespace twofold::test
