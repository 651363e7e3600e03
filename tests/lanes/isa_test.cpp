// Every opcode on every type gives the same bits on every instruction set, and what its definition says.
#include "lane_test_support.h"
#include "twofold/error.h"

namespace twofold::lanes {
namespace {

constexpr int n = 1027;  // whole tiles, whole vectors, and a rest

constexpr Dtype dtypes[type_count] = {Dtype::bool_, Dtype::u8,  Dtype::i8,  Dtype::i16,
                                      Dtype::i32,   Dtype::i64, Dtype::f32, Dtype::f64};
Dtype dtype_of_type(Type t) { return dtypes[static_cast<int>(t)]; }
Type type_at(int i) { return static_cast<Type>(i); }

template <class T>
void append(std::vector<std::byte>& bytes, T value) {
  const auto* from = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), from, from + sizeof value);
}

// Any bit pattern, with special values in between.
void append_random(std::vector<std::byte>& bytes, Type t, std::uint64_t& state) {
  const std::uint64_t r = next_random(state);
  constexpr double inf = std::numeric_limits<double>::infinity();
  const double special[] = {0,
                            -0.0,
                            1,
                            -1,
                            0.5,
                            1.5,
                            2.5,
                            -2.5,
                            inf,
                            -inf,
                            NAN,
                            127,
                            128,
                            255,
                            256.5,
                            32768,
                            -32769,
                            2147483648,
                            -2147483649.,
                            1e-45,
                            1e19,
                            -1e19,
                            9223372036854775808.,
                            -9223372036854775808.,
                            3e-310,
                            3.3,
                            1e30,
                            -129};
  const double value = special[r % std::size(special)];
  const bool pick = r >> 62 == 0;
  if (t == Type::b8) return append(bytes, static_cast<std::uint8_t>(r & 1));
  if (t == Type::f32 && pick) return append(bytes, static_cast<float>(value));
  if (t == Type::f64 && pick) return append(bytes, value);
  if (t == Type::f32 && r >> 61 & 1)
    return append(bytes, static_cast<float>(static_cast<int>(r % 2000) - 1000) / 8);
  if (t == Type::f64 && r >> 61 & 1)
    return append(bytes, static_cast<double>(static_cast<int>(r % 2000) - 1000) / 8);
  const auto* from = reinterpret_cast<const std::byte*>(&r);
  bytes.insert(bytes.end(), from, from + width_of(t));
}

std::vector<std::byte> random_lanes(Type t, std::uint64_t seed) {
  std::vector<std::byte> bytes;
  for (int i = 0; i < n; ++i) append_random(bytes, t, seed);
  return bytes;
}

template <class T>
void canonicalise(std::vector<std::byte>& bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += sizeof(T)) {
    T value;
    std::memcpy(&value, &bytes[i], sizeof value);
    if (std::isnan(value)) value = std::numeric_limits<T>::quiet_NaN();
    std::memcpy(&bytes[i], &value, sizeof value);
  }
}

std::vector<std::byte> run_on(Isa which, const Program& p) {
  set_isa(which);
  std::vector<Dtype> in_dtypes;
  std::vector<std::vector<std::byte>> data;
  std::vector<Operand> in;
  for (Type t : p.input_types()) {
    in_dtypes.push_back(dtype_of_type(t));
    data.push_back(random_lanes(t, data.size() + 7));
  }
  for (std::size_t i = 0; i < data.size(); ++i) in.push_back({data[i].data(), width_of(p.input_types()[i])});
  const int width = width_of(p.result_type());
  std::vector<std::byte> out(static_cast<std::size_t>(n * width));
  run(Executable(p, in_dtypes, dtype_of_type(p.result_type())), in, {}, {out.data(), width}, n);
  if (p.result_type() == Type::f32) canonicalise<float>(out);
  if (p.result_type() == Type::f64) canonicalise<double>(out);
  return out;
}

void expect_equal_everywhere(const Program& p) {
  const IsaScope scope;
  const std::vector<std::byte> want = run_on(Isa::portable, p);
  for (Isa which : {Isa::avx2, Isa::avx512}) {
    if (!has_isa(which)) continue;
    EXPECT_TRUE(run_on(which, p) == want) << name_of(which) << ": " << p.print();
  }
}

bool takes(Opcode op, std::span<const Type> operands) {
  try {
    result_type(op, operands);
    return true;
  } catch (const InternalError&) {
    return false;
  }
}

TEST(LaneIsa, EveryOpcodeOnEveryTypeGivesTheSameBits) {
  int programs = 0;
  for (int op = static_cast<int>(Opcode::add); op < opcode_count; ++op)
    for (int t = 0; t < type_count; ++t) {
      const Opcode opcode = static_cast<Opcode>(op);
      std::vector<Type> types(static_cast<std::size_t>(arity_of(opcode)), type_at(t));
      if (opcode == Opcode::select) types[0] = Type::b8;
      if (!takes(opcode, types)) continue;
      ++programs;
      expect_equal_everywhere(build(types, [&](Lanes x) {
        std::vector<Lane> operands;
        for (int i = 0; i < x.inputs; ++i) operands.push_back(x[i]);
        return x.builder->append(opcode, operands);
      }));
    }
  EXPECT_EQ(programs, 9 * 7 + 6 * 2 + 4 * 8 + 4 * 6 + 3 * 5 + 8 + 27 * 2);
}

TEST(LaneIsa, EveryConversionGivesTheSameBits) {
  for (int from = 0; from < type_count; ++from)
    for (int to = 0; to < type_count; ++to) {
      expect_equal_everywhere(build({type_at(from)}, [&](Lanes x) { return convert(x[0], type_at(to)); }));
      if (width_of(type_at(from)) != width_of(type_at(to)) || from * to == 0) continue;
      expect_equal_everywhere(build({type_at(from)}, [&](Lanes x) { return bitcast(x[0], type_at(to)); }));
    }
}

TEST(LaneIsa, PolynomialsOfEveryLengthGiveTheSameBits) {
  for (Type type : {Type::f32, Type::f64})
    for (int degree = 1; degree < 30; ++degree)
      expect_equal_everywhere(build({type, type}, [&](Lanes x) {
        Lane sum = x[1];
        for (int i = 0; i < degree; ++i) sum = fma(sum, x[0], x.constant(0.1 * i + 0.3, type));
        return sum;
      }));
}

TEST(LaneIsa, MissingOnesAreRefused) {
  const IsaScope scope;
  for (Isa which : {Isa::portable, Isa::avx2, Isa::avx512}) {
    if (!has_isa(which)) {
      EXPECT_THROW(set_isa(which), ValueError);
      continue;
    }
    set_isa(which);
    EXPECT_EQ(isa(), which);
  }
}

constexpr float inf = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

TEST(LaneSemantics, MinAndMaxPropagateNan) {
  const std::vector<float> a = {1, nan, 1, nan, -0.0f, 0.0f, -inf}, b = {2, 1, nan, nan, 0.0f, -0.0f, inf};
  expect_same_bits(
      evaluate<float>(build({Type::f32, Type::f32}, [](Lanes x) { return min(x[0], x[1]); }), a, b),
      {1, nan, nan, nan, 0.0f, -0.0f, -inf}, "min");
  expect_same_bits(
      evaluate<float>(build({Type::f32, Type::f32}, [](Lanes x) { return max(x[0], x[1]); }), a, b),
      {2, nan, nan, nan, 0.0f, -0.0f, inf}, "max");
}

template <class T>
void check_saturation(Type to) {
  using L = std::numeric_limits<T>;
  const std::vector<double> x = {
      0.9, -0.9, 100.99, nan, inf, -inf, 1e300, -1e300, static_cast<double>(L::lowest()), -1};
  const std::vector<T> want = {
      0,           0,        100,         0,           L::max(),
      L::lowest(), L::max(), L::lowest(), L::lowest(), static_cast<T>(L::is_signed ? -1 : 0)};
  expect_same_bits(evaluate<T>(build({Type::f64}, [&](Lanes l) { return convert(l[0], to); }), x), want,
                   name_of(to));
  const std::vector<float> narrow(x.begin(), x.end());
  expect_same_bits(evaluate<T>(build({Type::f32}, [&](Lanes l) { return convert(l[0], to); }), narrow), want,
                   name_of(to));
}

TEST(LaneSemantics, FloatsSaturateToIntegers) {
  check_saturation<std::uint8_t>(Type::u8);
  check_saturation<std::int8_t>(Type::i8);
  check_saturation<std::int16_t>(Type::i16);
  check_saturation<std::int32_t>(Type::i32);
  check_saturation<std::int64_t>(Type::i64);
}

TEST(LaneSemantics, IntegersWrapAndShiftsCountModuloTheWidth) {
  using Ints = std::vector<std::int32_t>;
  const Ints a = {2147483647, -2147483647 - 1, -8, 1}, b = {1, -1, 33, 32};
  const auto apply = [&](auto f) {
    return evaluate<std::int32_t>(build({Type::i32, Type::i32}, [&](Lanes x) { return f(x[0], x[1]); }), a,
                                  b);
  };
  EXPECT_EQ(apply([](Lane x, Lane y) { return x + y; }), Ints({-2147483647 - 1, 2147483647, 25, 33}));
  EXPECT_EQ(apply([](Lane x, Lane y) { return x * y; }), Ints({2147483647, -2147483647 - 1, -264, 32}));
  EXPECT_EQ(apply([](Lane x, Lane) { return abs(x); }), Ints({2147483647, -2147483647 - 1, 8, 1}));
  EXPECT_EQ(apply([](Lane x, Lane y) { return shl(x, y); }), Ints({-2, 0, -16, 1}));
  EXPECT_EQ(apply([](Lane x, Lane y) { return shr_logical(x, y); }), Ints({1073741823, 1, 2147483644, 1}));
  EXPECT_EQ(apply([](Lane x, Lane y) { return shr_arithmetic(x, y); }), Ints({1073741823, -1, -4, 1}));
}

TEST(LaneSemantics, RoundingKeepsSignsOfZero) {
  const std::vector<float> x = {-0.5f, 0.5f, 1.5f, 2.5f, -2.5f, -0.0f, 8388609.0f, inf};
  const auto apply = [&](auto f) {
    return evaluate<float>(build({Type::f32}, [&](Lanes l) { return f(l[0]); }), x);
  };
  expect_same_bits(apply([](Lane v) { return round_even(v); }), {-0.0f, 0, 2, 2, -2, -0.0f, 8388609.0f, inf},
                   "round");
  expect_same_bits(apply([](Lane v) { return floor(v); }), {-1, 0, 1, 2, -3, -0.0f, 8388609.0f, inf},
                   "floor");
  expect_same_bits(apply([](Lane v) { return ceil(v); }), {-0.0f, 1, 2, 3, -2, -0.0f, 8388609.0f, inf},
                   "ceil");
  expect_same_bits(apply([](Lane v) { return trunc(v); }), {-0.0f, 0, 1, 2, -2, -0.0f, 8388609.0f, inf},
                   "trunc");
}

}  // namespace
}  // namespace twofold::lanes
