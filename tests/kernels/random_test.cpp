#include "kernels/random.h"

#include "kernels/arrays.h"
#include "twofold/error.h"

namespace twofold::test {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The known answers that Random123 publishes for philox4x32-10.
TEST(Philox, KnownAnswers) {
  const std::uint32_t ones = 0xffffffffu;
  const struct {
    Philox source;
    Words want;
  } rows[] = {
      {{{0, 0}, {0, 0, 0, 0}}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{{ones, ones}, {ones, ones, ones, ones}}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{{0xa4093822, 0x299f31d0}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (const auto& row : rows) every_way([&] { EXPECT_EQ(row.source.block(0), row.want); });
}

// The specification, word for word: ten rounds, the key bumped between them.
Words naive_block(const Philox& p) {
  Words c = p.counter;
  std::uint32_t k0 = p.key[0], k1 = p.key[1];
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * c[0], b = std::uint64_t{0xCD9E8D57u} * c[2];
    c = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(b),
         static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(a)};
  }
  return c;
}

TEST(Philox, TheCounterCarriesThroughAllWords) {
  const std::uint32_t ones = 0xffffffffu;
  const struct {
    Words from;
    std::uint64_t blocks;
    Words to;
  } rows[] = {
      {{0, 0, 0, 0}, 5, {5, 0, 0, 0}},
      {{ones, 0, 0, 0}, 1, {0, 1, 0, 0}},
      {{ones, ones, 7, 0}, 2, {1, 0, 8, 0}},
      {{ones, ones, ones, 0}, 1, {0, 0, 0, 1}},
      {{ones, ones, ones, ones}, 1, {0, 0, 0, 0}},
      {{1, 2, 3, 4}, 0x500000006u, {7, 7, 3, 4}},
  };
  for (const auto& row : rows) {
    Philox p{{11, 12}, row.from};
    every_way([&] { EXPECT_EQ(p.block(row.blocks), naive_block({{11, 12}, row.to})); });
    p.skip(row.blocks);
    EXPECT_EQ(p.counter, row.to);
  }
}

TEST(Philox, ManyBlocksAcrossACarry) {
  const Philox p{{3, 4}, {0xffffffe0u, 0xffffffffu, 9, 1}};
  Owned out = packed(f32, {4000});
  every_way([&] {
    fill_uniform(p, *out);
    for (std::int64_t i = 0; i < 4000; ++i) {
      Philox at = p;
      at.skip(static_cast<std::uint64_t>(i / 4));
      const std::uint32_t word = naive_block(at)[static_cast<std::size_t>(i % 4)];
      ASSERT_EQ(get<float>(*out, i), static_cast<float>(word & 0x7fffffu) * 0x1p-23f) << i;
    }
  });
}

// What TensorFlow 2.21 draws on its CPU with seed=87654321, seed2=12345 (tf.raw_ops.RandomUniform,
// RandomStandardNormal, RandomUniformInt): the seed is the key, seed2 the counter's upper half.
const Philox tensorflow{{87654321, 0}, {0, 0, 12345, 0}};

struct Known {
  Dtype dtype;
  std::vector<std::uint64_t> bits;
};

std::uint64_t bits_at(const Array& a, std::int64_t i) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, element(a, i), size_of(a.dtype));
  return bits;
}

TEST(Uniform, TensorFlowsNumbers) {
  const Known rows[] = {
      {f32,
       {1059889538, 1047631120, 1062367948, 1055791588, 1035856592, 1051544208, 1052457700, 1058166480,
        1029626080, 1042080568}},
      {f64,
       {4600782193767795336, 4603367994447826162, 4604857341095355720, 4606511107233961680,
        4601512372263088540, 4606234707152825368, 4602610032767583784, 4605052265735409414,
        4597443811374736464, 4601525947989205152}},
      {f16, {12808, 14660, 13720, 14578, 14682, 14664, 14706, 15056, 14734, 11888}},
      {bf16, {16130, 16008, 16204, 16242, 16052, 16016, 16100, 16208, 16142, 16206}},
  };
  for (const Known& row : rows) {
    Owned out = packed(row.dtype, {10});
    fill_uniform(tensorflow, *out);
    for (std::int64_t i = 0; i < 10; ++i) EXPECT_EQ(bits_at(*out, i), row.bits[static_cast<std::size_t>(i)]);
  }
}

// TensorFlow's log, sin and cos are its C library's, ours are the lane programs': equal to a few units in the
// last place, not in every bit.
TEST(Normal, TensorFlowsNumbers) {
  const double f32_values[] = {
      0.8842466473579407,  0.07843047380447388, 0.1363987922668457,  -0.6109575033187866, 1.8525681495666504,
      -1.1506747007369995, -0.6171126365661621, -1.2771629095077515, 1.9803682565689087,  1.3786592483520508};
  const double f64_values[] = {
      -0.6305510086852888, -1.2089591533541697, -0.34879889687828197, 0.6895771241742282, -0.7919383625966261,
      1.0180897584165023,  -1.179643161936033,  0.10034262049350312,  0.6712629133045993, -1.57840873699064};
  Owned single = packed(f32, {10}), twice = packed(f64, {10}), half = packed(f16, {10});
  fill_normal(tensorflow, *single);
  fill_normal(tensorflow, *twice);
  fill_normal(tensorflow, *half);
  for (std::int64_t i = 0; i < 10; ++i) {
    EXPECT_NEAR(get<double>(*single, i), f32_values[i], 4e-7);
    EXPECT_NEAR(get<double>(*twice, i), f64_values[i], 1e-15);
    EXPECT_EQ(bits_at(*half, i), Half(get<float>(*single, i)).bits);
  }
}

TEST(Integers, TensorFlowsNumbers) {
  const std::int64_t i32_values[] = {774, 835, 180, 370, 829, 721, 799, 347, 792, 604};
  const std::int64_t i64_values[] = {343392515036859, 19625277386520,  60988063934335,  286529062059371,
                                     104291580691236, 544252054642965, 232250674531016, 647963695575755,
                                     535023457590619, 464559245550185};
  Owned narrow = packed(i32, {10}), wide = packed(i64, {10});
  fill_integers(tensorflow, -5, 1000, *narrow);
  fill_integers(tensorflow, -5, 1000000000000000, *wide);
  for (std::int64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(get<std::int64_t>(*narrow, i), i32_values[i]);
    EXPECT_EQ(get<std::int64_t>(*wide, i), i64_values[i]);
  }
}

TEST(Integers, WholeRangesAndRefusal) {
  Owned wide = packed(i64, {100}), narrow = packed(i32, {100});
  fill_integers(tensorflow, std::numeric_limits<std::int64_t>::min(),
                std::numeric_limits<std::int64_t>::max(), *wide);
  fill_integers(tensorflow, -2147483648ll, 2147483648ll, *narrow);
  bool low = false, high = false;
  for (std::int64_t i = 0; i < 100; ++i) (get<int>(*narrow, i) < 0 ? low : high) = true;
  EXPECT_TRUE(low && high);
  EXPECT_THROW(fill_integers(tensorflow, 3, 3, *wide), ValueError);
}

TEST(Draws, ThreadsInstructionSetAndLengthDoNotMatter) {
  using Fill = void (*)(const Philox&, const Array&);
  for (Fill fill : {Fill(fill_uniform), Fill(fill_normal),
                    Fill([](const Philox& p, const Array& out) { fill_integers(p, -100, 77, out); })})
    for (Dtype dtype : {f32, f64, f16, bf16, i32, i64, u8}) {
      if (is_floating(dtype) != (fill == fill_uniform || fill == fill_normal)) continue;
      Owned want = packed(dtype, {40000});
      fill(tensorflow, *want);
      every_way([&] {
        Owned got = packed(dtype, {40000});
        fill(tensorflow, *got);
        EXPECT_TRUE(same_bits(*got, *want));
      });
      for (std::int64_t n : {0, 1, 2, 3, 5, 63, 1023, 1025}) {
        Owned some = packed(dtype, {n});
        fill(tensorflow, *some);
        want.array.shape = some.array.shape;
        EXPECT_TRUE(same_bits(*some, *want));
        want.array.shape = {40000};
      }
    }
}

TEST(Normal, HasTheMomentsOfANormalDistribution) {
  for (Dtype dtype : {f32, f64, f16, bf16}) {
    Owned x = packed(dtype, {100001});
    fill_normal({{5, 6}, {}}, *x);
    double mean = 0, square = 0;
    for (std::int64_t i = 0; i < 100001; ++i) {
      const double v = get<double>(*x, i);
      mean += v / 100001, square += v * v / 100001;
    }
    EXPECT_NEAR(mean, 0, 0.02);
    EXPECT_NEAR(square, 1, 0.02);
  }
}

}  // namespace
}  // namespace twofold::test
