#include "check/element.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace twofold::check {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Element, DistanceInUnitsOfTheLastPlace) {
  struct Row {
    double got, expected;
    Dtype dtype;
    double ulps;
  };
  const Row rows[] = {
      {1 + 0x1p-23, 1, f32, 1}, {1 - 0x1p-24, 1, f32, 0.5}, {1 + 0x1p-10, 1, f16, 1},
      {1 + 0x1p-7, 1, bf16, 1}, {1 + 0x1p-52, 1, f64, 1},   {0x1p-149, 0, f32, 1},
      {nan, nan, f32, 0},       {nan, 1, f32, inf},         {inf, 1e39, f32, 0},
      {-inf, 1e39, f32, inf},   {3.4e38, 1e39, f32, inf},   {0, -0.0, f32, 0},
  };
  for (const Row& r : rows) EXPECT_EQ(ulps(r.got, r.expected, r.dtype), r.ulps) << r.got << " " << r.expected;
}

TEST(Element, RoundsAsATensorWould) {
  EXPECT_EQ(rounded(300, u8), 44);
  EXPECT_EQ(rounded(-7, bool_), 1);
  EXPECT_EQ(rounded(0.1, f32), static_cast<double>(0.1f));
  EXPECT_EQ(rounded(70000, f16), inf);
  EXPECT_EQ(raised(1, 2, f32), 1 + 0x1p-22);
}

TEST(Element, ReadsThroughStridesAndCanonicalisesNaN) {
  float memory[6] = {0, 1, 2, 3, 4, 5};
  const Array columns{memory, f32, false, Shape{3, 2}, Dims{1, 3}};
  EXPECT_EQ(load(columns, 1), 3);
  store(columns, 4, -std::nan(""));
  EXPECT_EQ(canonical_bits(columns, 4), 0x7ff8000000000000u);
  EXPECT_TRUE(std::isnan(memory[2]));
}

}  // namespace
}  // namespace twofold::check
