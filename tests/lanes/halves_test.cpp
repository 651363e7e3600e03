// Halves convert at load and store only, to the bits of twofold::Half and BFloat16.
#include "lane_test_support.h"

namespace twofold::lanes {
namespace {

constexpr Type f32 = Type::f32;
const Program copy = build({f32}, [](Lanes x) { return x[0]; });

struct Halves : testing::TestWithParam<Isa> {
  IsaScope scope;
  void SetUp() override {
    if (!has_isa(GetParam())) GTEST_SKIP() << "this machine has no " << name_of(GetParam());
    set_isa(GetParam());
  }
};
INSTANTIATE_TEST_SUITE_P(LaneHalves, Halves, testing::Values(Isa::portable, Isa::avx2, Isa::avx512),
                         [](const auto& row) { return std::string(name_of(row.param)); });

template <class H>
std::vector<H> all_halves() {
  std::vector<H> all(65536);
  for (int i = 0; i < 65536; ++i) all[i].bits = static_cast<std::uint16_t>(i);
  return all;
}

template <class H>
void check_loads() {
  const std::vector<H> all = all_halves<H>();
  std::vector<float> want;
  for (H h : all) want.push_back(static_cast<float>(h));
  expect_same_bits(evaluate<float>(copy, all), want, "load");
}

TEST_P(Halves, EveryHalfLoadsAsItsValue) {
  check_loads<Half>();
  check_loads<BFloat16>();
}

// All exponents and signs, mantissas near every rounding boundary, and random patterns.
std::vector<float> floats_to_round() {
  std::vector<float> out;
  std::uint64_t state = 3;
  for (std::uint32_t top = 0; top < 65536; top += 3)
    for (std::uint32_t low : {0u, 1u, 0x0fffu, 0x1000u, 0x1001u, 0x7fffu, 0x8000u, 0x8001u, 0xf000u, 0xffffu})
      out.push_back(std::bit_cast<float>(top << 16 | low));
  for (int i = 0; i < 200000; ++i)
    out.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(next_random(state))));
  return out;
}

template <class H>
void check_stores(Dtype dtype, std::uint16_t quiet_nan) {
  std::vector<float> values = floats_to_round();
  std::vector<H> out(values.size());
  const Operand in[] = {{values.data(), 4}};
  run(Executable(copy, {Dtype::f32}, dtype), in, {}, {out.data(), 2},
      static_cast<std::int64_t>(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(out[i].bits, H(values[i]).bits) << values[i];
    ASSERT_TRUE(!std::isnan(values[i]) || out[i].bits == quiet_nan);
  }
}

TEST_P(Halves, StoresRoundToNearestEvenAndNanIsCanonical) {
  check_stores<Half>(Dtype::f16, 0x7e00);
  check_stores<BFloat16>(Dtype::bf16, 0x7fc0);
}

// (x + y) * y in halves: the sum is not rounded to a half on the way.
template <class H>
void check_rounds_once(Dtype dtype) {
  const Program p = build({f32, f32}, [](Lanes x) { return (x[0] + x[1]) * x[1]; });
  std::vector<H> a, b, out(1000);
  std::uint64_t state = 9;
  for (int i = 0; i < 1000; ++i) {
    a.push_back(H(static_cast<float>(next_random(state) % 4096) / 64.0f));
    b.push_back(H(static_cast<float>(next_random(state) % 4096) / 512.0f));
  }
  const Operand in[] = {{a.data(), 2}, {b.data(), 2}};
  run(Executable(p, {dtype, dtype}, dtype), in, {}, {out.data(), 2}, 1000);
  for (int i = 0; i < 1000; ++i) {
    const float x = static_cast<float>(a[i]), y = static_cast<float>(b[i]);
    ASSERT_EQ(out[i].bits, H((x + y) * y).bits);
  }
}

TEST_P(Halves, ComputationRoundsOnce) {
  check_rounds_once<Half>(Dtype::f16);
  check_rounds_once<BFloat16>(Dtype::bf16);
}

TEST_P(Halves, MayBeStrided) {
  std::vector<Half> a = all_halves<Half>(), out(200);
  const Operand in[] = {{a.data() + 1000, -4}};
  run(Executable(copy, {Dtype::f16}, Dtype::f16), in, {}, {out.data() + 199, -2}, 200);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(out[199 - i].bits, 1000 - 2 * i);
}

}  // namespace
}  // namespace twofold::lanes
