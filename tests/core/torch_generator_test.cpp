// PyTorch's draws: the expected values were printed by PyTorch 2.13.0 (CPU).
#include "core/torch_generator.h"

#include <gtest/gtest.h>

#include <cmath>

#include "twofold/ops.h"

namespace twofold::core {
namespace {

template <class T>
std::vector<T> drawn(std::int64_t n, const std::function<void(const Array&)>& fill) {
  std::vector<T> values(static_cast<std::size_t>(n));
  fill(contiguous_array(values.data(), dtype_of<T>, Shape{n}));
  return values;
}

struct Row {
  std::uint64_t seed;
  float uniform[3];    // elements 0, 15 and 16 of 17
  double normal17[3];  // elements 0, 1 and 16 of 17, f64
  double normal3[3];   // f64
  std::int64_t digits[6], signed_digits[3], wide[2], permutation[7];
  float weight[6], bias[2];  // of Linear(3, 2)
};

const Row rows[] = {
    {0,
     {0x1.fc2abp-2f, 0x1.097bbp-1f, 0x1.6534bp-1f},
     {-0x1.27bb92e9262dcp+1, -0x1.443c91ccf2402p-1, 0x1.5986ed8e63e98p-1},
     {0x1.8a7eb8902be3ap+0, -0x1.2c78a087c6feap-2, -0x1.16e2920a70ee5p+1},
     {4, 9, 3, 0, 3, 9},
     {2, -2, 2},
     {7069061397, 1879422756},
     {4, 0, 5, 3, 2, 6, 1},
     {-0x1.1b47dp-8f, 0x1.3d2626p-2f, -0x1.e696fcp-2f, -0x1.b31792p-2f, -0x1.c76962p-3f, 0x1.3d12a6p-3f},
     {-0x1.76d68p-7f, 0x1.d4c2f4p-2f}},
    {42,
     {0x1.c3b8ccp-1f, 0x1.b7b5dp-2f, 0x1.c558c6p-1f},
     {0x1.32bee22ccb503p-2, 0x1.812ba60e823bdp+0, 0x1.fecba7d412db7p-3},
     {0x1.58c55b33d44ccp-2, 0x1.07cd39b3d4b85p-3, 0x1.e02dcdb63ec41p-3},
     {2, 7, 6, 4, 6, 5},
     {-5, -1, -5},
     {4964958674, 249467210},
     {1, 6, 3, 5, 4, 0, 2},
     {0x1.c40012p-2f, 0x1.eab4cap-2f, -0x1.1501c4p-3f, 0x1.0f8b68p-1f, -0x1.03122cp-3f, 0x1.dd3334p-4f},
     {-0x1.1fd4fap-2f, 0x1.5b3496p-2f}},
    {1099511627783,
     {0x1.11e15ep-1f, 0x1.6fe8a8p-2f, 0x1.70d5b4p-1f},
     {0x1.0f6e8d3a53973p-4, -0x1.2a06c67e33848p-2, -0x1.aaf04bea1dd97p+0},
     {-0x1.2ca2e8774a1c0p-3, 0x1.92811cc01ae83p-1, 0x1.e4c5cd4ba2dcfp-1},
     {5, 2, 1, 6, 3, 7},
     {2, 4, 3},
     {6607789454, 6447263304},
     {5, 0, 3, 1, 2, 6, 4},
     {0x1.4a57dp-5f, -0x1.64239ep-2f, 0x1.78821p-3f, 0x1.7304bp-3f, -0x1.3bfc7ep-2f, -0x1.626efep-4f},
     {-0x1.5a586cp-2f, 0x1.32cdd4p-3f}},
};

TEST(TorchGenerator, GivesPyTorchsUniformNumbers) {
  for (const Row& row : rows) {
    TorchGenerator g(row.seed);
    const auto u = drawn<float>(17, [&](const Array& a) { fill_uniform(g, a, 0, 1); });
    EXPECT_EQ(u[0], row.uniform[0]);
    EXPECT_EQ(u[15], row.uniform[1]);
    EXPECT_EQ(u[16], row.uniform[2]);
  }
}

// The tail of 17 draws its last sixteen anew; fewer than sixteen come in pairs.
TEST(TorchGenerator, GivesPyTorchsNormalNumbers) {
  for (const Row& row : rows) {
    TorchGenerator g(row.seed);
    const auto many = drawn<double>(17, [&](const Array& a) { fill_normal(g, a, 0, 1); });
    for (const auto& [index, expected] :
         {std::pair(0, row.normal17[0]), {1, row.normal17[1]}, {16, row.normal17[2]}})
      EXPECT_NEAR(many[static_cast<std::size_t>(index)], expected, std::fabs(expected) * 0x1p-51);
    g.manual_seed(row.seed);
    const auto few = drawn<double>(3, [&](const Array& a) { fill_normal(g, a, 0, 1); });
    for (std::size_t i = 0; i < 3; ++i)
      EXPECT_NEAR(few[i], row.normal3[i], std::fabs(row.normal3[i]) * 0x1p-51);
  }
}

TEST(TorchGenerator, GivesPyTorchsIntegersAndPermutations) {
  for (const Row& row : rows) {
    TorchGenerator g(row.seed);
    auto integers = [&](std::int64_t n, std::int64_t low, std::int64_t high) {
      return drawn<std::int64_t>(n, [&](const Array& a) { fill_integers(g, a, low, high); });
    };
    EXPECT_EQ(integers(6, 0, 10), std::vector(std::begin(row.digits), std::end(row.digits)));
    EXPECT_EQ(integers(3, -5, 5), std::vector(std::begin(row.signed_digits), std::end(row.signed_digits)));
    EXPECT_EQ(integers(2, 0, std::int64_t{1} << 33), std::vector(std::begin(row.wide), std::end(row.wide)));
    g.manual_seed(row.seed);
    EXPECT_EQ(drawn<std::int64_t>(7, [&](const Array& a) { fill_permutation(g, a); }),
              std::vector(std::begin(row.permutation), std::end(row.permutation)));
  }
}

TEST(TorchGenerator, GivesLinearsInitialWeights) {
  for (const Row& row : rows) {
    TorchGenerator g(row.seed);
    const double bound = std::sqrt(3.0) * std::sqrt(2.0 / 6.0) / std::sqrt(3.0);
    EXPECT_EQ(drawn<float>(6, [&](const Array& a) { fill_uniform(g, a, -bound, bound); }),
              std::vector(std::begin(row.weight), std::end(row.weight)));
    const double rest = 1 / std::sqrt(3.0);
    EXPECT_EQ(drawn<float>(2, [&](const Array& a) { fill_uniform(g, a, -rest, rest); }),
              std::vector(std::begin(row.bias), std::end(row.bias)));
  }
}

TEST(TorchGenerator, RefusesIntegersForUniformNumbers) {
  TorchGenerator g;
  std::int64_t value = 0;
  EXPECT_THROW(fill_uniform(g, contiguous_array(&value, i64, Shape{}), 0, 1), DtypeError);
  EXPECT_EQ(g.initial_seed(), TorchGenerator::default_seed);
}

}  // namespace
}  // namespace twofold::core
