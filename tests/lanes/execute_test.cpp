// How operands are walked: lengths around a tile, steps, broadcasts, attributes, positions, in-place results.
#include "lane_test_support.h"
#include "twofold/error.h"

namespace twofold::lanes {
namespace {

constexpr Type f32 = Type::f32;
const Program affine = build({f32, f32}, [](Lanes x) { return x[0] * 2.0 + x[1]; });
const Program sum = build({f32, f32}, [](Lanes x) { return x[0] + x[1]; });

std::vector<float> counting(int n) {
  std::vector<float> out;
  for (int i = 0; i < n; ++i) out.push_back(static_cast<float>(i));
  return out;
}

struct ForEachIsa : testing::TestWithParam<Isa> {
  IsaScope scope;
  void SetUp() override {
    if (!has_isa(GetParam())) GTEST_SKIP() << "this machine has no " << name_of(GetParam());
    set_isa(GetParam());
  }
};
INSTANTIATE_TEST_SUITE_P(LaneExecute, ForEachIsa, testing::Values(Isa::portable, Isa::avx2, Isa::avx512),
                         [](const auto& row) { return std::string(name_of(row.param)); });

TEST_P(ForEachIsa, AnyLengthWritesExactlyItsElements) {
  for (const Program* p : {&affine, &sum})
    for (int n : {0, 1, 2, 7, 8, 9, 31, 255, 256, 257, 383, 384, 385, 1000}) {
      std::vector<float> a = counting(n), b(a), out(static_cast<std::size_t>(n) + 1, -7);
      const Operand in[] = {{a.data(), 4}, {b.data(), 4}};
      run(Executable(*p, {Dtype::f32, Dtype::f32}, Dtype::f32), in, {}, {out.data(), 4}, n);
      for (int i = 0; i < n; ++i) ASSERT_EQ(out[i], static_cast<float>(p == &sum ? 2 * i : 3 * i)) << n;
      EXPECT_EQ(out[n], -7) << n;
    }
}

TEST_P(ForEachIsa, StepsMayBeStridedNegativeOrZero) {
  constexpr int n = 600;
  for (const Program* p : {&affine, &sum}) {
    std::vector<float> a = counting(3 * n), b = counting(n), out(2 * n, -1);
    float one = 100;
    const Executable e(*p, {Dtype::f32, Dtype::f32}, Dtype::f32);
    const float factor = p == &sum ? 1 : 2;
    const Operand reversed[] = {{a.data(), 12}, {b.data() + n - 1, -4}};
    run(e, reversed, {}, {out.data(), 8}, n);
    for (int i = 0; i < n; ++i) {
      ASSERT_EQ(out[2 * i], factor * 3 * i + (n - 1 - i));
      ASSERT_EQ(out[2 * i + 1], -1);
    }
    const Operand broadcast[] = {{b.data(), 4}, {&one, 0}};
    run(e, broadcast, {}, {out.data() + n - 1, -4}, n);
    for (int i = 0; i < n; ++i) ASSERT_EQ(out[n - 1 - i], factor * i + 100);
  }
}

TEST_P(ForEachIsa, OneElementIgnoresSteps) {
  float a = 3, b = 4, out = 0;
  const Operand in[] = {{&a, 0}, {&b, 1 << 20}};
  run(Executable(sum, {Dtype::f32, Dtype::f32}, Dtype::f32), in, {}, {&out, 0}, 1);
  EXPECT_EQ(out, 7);
  run(Executable(affine, {Dtype::f32, Dtype::f32}, Dtype::f32), in, {}, {&out, 0}, 1);
  EXPECT_EQ(out, 10);
}

TEST_P(ForEachIsa, TheResultMayReplaceAnInput) {
  const Program p = build({f32, f32}, [](Lanes x) { return exp(x[0] * 0.001) * x[1] + x[0]; });
  const std::vector<float> a = counting(777), b(777, 0.5f);
  const std::vector<float> want = evaluate<float>(p, a, b);
  const Executable e(p, {Dtype::f32, Dtype::f32}, Dtype::f32);
  for (int replaced : {0, 1}) {
    std::vector<float> x = a, y = b;
    const Operand in[] = {{x.data(), 4}, {y.data(), 4}};
    run(e, in, {}, in[replaced], 777);
    expect_same_bits(replaced ? y : x, want, "in place");
  }
}

TEST_P(ForEachIsa, PositionsStartWhereTheCallerSays) {
  const Program p = build({}, [](Lanes x) { return x.index() * x.constant(3, Type::i64); });
  std::vector<std::int64_t> out(700);
  run(Executable(p, {}, Dtype::i64), {}, {}, {out.data(), 8}, 700, 50);
  for (int i = 0; i < 700; ++i) ASSERT_EQ(out[i], 3 * (i + 50));
}

TEST_P(ForEachIsa, UniformsBecomeTheLanesType) {
  const Program p = build({f32}, [](Lanes x) {
    const Lane chosen = select(x.uniform(1, Type::b8), x.uniform(0, f32), x[0]);
    return chosen + convert(x.uniform(2, Type::i16), f32);
  });
  std::vector<float> a = counting(300), out(300);
  const Operand in[] = {{a.data(), 4}};
  const Executable e(p, {Dtype::f32}, Dtype::f32);
  const Uniform on[] = {{0.1, 0}, {0, 256}, {0, -5}}, off[] = {{0.1, 0}, {0, 0}, {0, -5}};
  run(e, in, on, {out.data(), 4}, 300);
  for (float v : out) ASSERT_EQ(v, 0.1f - 5);
  run(e, in, off, {out.data(), 4}, 300);
  for (int i = 0; i < 300; ++i) ASSERT_EQ(out[i], static_cast<float>(i - 5));
}

TEST_P(ForEachIsa, ResultsThatNoStepMakes) {
  std::vector<float> a = counting(500), out(500);
  const Operand in[] = {{a.data(), 4}};
  run(Executable(build({f32}, [](Lanes x) { return x[0]; }), {Dtype::f32}, Dtype::f32), in, {},
      {out.data(), 4}, 500);
  expect_same_bits(out, a, "input");
  run(Executable(build({}, [](Lanes x) { return x.constant(2.5, f32); }), {}, Dtype::f32), {}, {},
      {out.data(), 4}, 500);
  expect_same_bits(out, std::vector<float>(500, 2.5f), "constant");
  std::vector<std::int32_t> bits(500);
  const Program cast = build({f32}, [](Lanes x) { return bitcast(-x[0], Type::i32); });
  run(Executable(cast, {Dtype::f32}, Dtype::i32), in, {}, {bits.data(), 4}, 500);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(bits[i], std::bit_cast<std::int32_t>(-a[i]));
  const Program cast_sum = build({f32, f32}, [](Lanes x) { return bitcast(x[0] - x[1], Type::i32); });
  const std::vector<float> halved(500, 0.5f);
  const std::vector<std::int32_t> got = evaluate<std::int32_t>(cast_sum, a, halved);
  for (int i = 0; i < 500; ++i) ASSERT_EQ(got[i], std::bit_cast<std::int32_t>(a[i] - 0.5f));
}

// C's division where C defines it; nothing traps where it does not.
template <class T>
void check_division(Type type) {
  constexpr T lowest = std::numeric_limits<T>::lowest(), highest = std::numeric_limits<T>::max();
  const T minus = std::is_signed_v<T> ? T(-1) : highest;
  std::vector<T> a, b, quotient, rest;
  for (T x : {T(0), T(1), T(7), minus, lowest, highest})
    for (T y : {T(0), T(1), T(2), T(5), minus, lowest, highest}) {
      const bool negates = std::is_signed_v<T> && y == minus;
      a.push_back(x), b.push_back(y);
      quotient.push_back(y == 0 ? T(0) : negates ? T(0u - static_cast<std::uint64_t>(x)) : T(x / y));
      rest.push_back(y == 0 || negates ? T(0) : T(x % y));
    }
  expect_same_bits(evaluate<T>(build({type, type}, [](Lanes x) { return x[0] / x[1]; }), a, b), quotient,
                   "/");
  expect_same_bits(evaluate<T>(build({type, type}, [](Lanes x) { return fmod(x[0], x[1]); }), a, b), rest,
                   "%");
}

TEST_P(ForEachIsa, IntegersDivideTowardZeroAndNeverTrap) {
  check_division<std::uint8_t>(Type::u8);
  check_division<std::int8_t>(Type::i8);
  check_division<std::int16_t>(Type::i16);
  check_division<std::int32_t>(Type::i32);
  check_division<std::int64_t>(Type::i64);
}

// Many values live at once: small tiles, and every register in use.
TEST_P(ForEachIsa, ManyLiveValues) {
  const Program p = build({Type::f64}, [](Lanes x) {
    std::vector<Lane> values;
    for (int i = 0; i < 60; ++i) values.push_back(x[0] * static_cast<double>(i + 2));
    Lane total = values[0];
    for (int i = 59; i > 0; --i) total = total + values[i];
    return total;
  });
  std::vector<double> a;
  for (int i = 0; i < 700; ++i) a.push_back(i);
  const std::vector<double> out = evaluate<double>(p, a);
  for (int i = 0; i < 700; ++i) ASSERT_EQ(out[i], i * (61.0 * 62 / 2 - 1));
}

TEST(LaneExecutable, RefusesTypesThatDoNotFit) {
  EXPECT_THROW(Executable(sum, {Dtype::f32}, Dtype::f32), InternalError);
  EXPECT_THROW(Executable(sum, {Dtype::f32, Dtype::f64}, Dtype::f32), InternalError);
  EXPECT_THROW(Executable(sum, {Dtype::f32, Dtype::f32}, Dtype::f64), InternalError);
  EXPECT_THROW(Executable(Program(), {}, Dtype::f32), InternalError);
  EXPECT_NO_THROW(Executable(sum, {Dtype::f16, Dtype::bf16}, Dtype::f16));
}

}  // namespace
}  // namespace twofold::lanes
