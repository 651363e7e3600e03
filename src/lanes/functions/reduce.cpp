#include "lanes/functions/reduce_p.h"

namespace twofold::lanes::functions {
namespace {

constexpr double half_pi = 0x1.921fb54442d18p+0, half_pi_low = 0x1.1a62633145c07p-54;
constexpr double magic = 0x1.8p52;  // adding it leaves the nearest integer in the low bits

// 2/pi in two parts for floats in [2^start, the next start): digits that contribute multiples of 4 are left
// out, so that x times the rest stays below 2^49 and its fraction keeps enough digits.
struct TwoOverPi {
  double start, high, low;
};
constexpr TwoOverPi parts_by_size[] = {{0, 0x1.45f306dc9c883p-1, -0x1.6b01ec5417056p-55},
                                       {0x1p40, 0x1.836e4e44152a0p-16, -0x1.ec54170565912p-71},
                                       {0x1p62, 0x1.91054a7f09d5fp-38, 0x1.1f534ddc0db63p-92},
                                       {0x1p84, 0x1.3f84eafa3ea6ap-61, -0x1.11f924eb53362p-115},
                                       {0x1p106, 0x1.5f47d4d377037p-82, -0x1.3ad4cd8778df8p-137}};

// The binary digits of 2/pi after the point, 64 a word, behind a word of zeros.
constexpr int word_count = 20;
constexpr std::uint64_t words[word_count] = {0,
                                             0xa2f9836e4e441529,
                                             0xfc2757d1f534ddc0,
                                             0xdb6295993c439041,
                                             0xfe5163abdebbc561,
                                             0xb7246e3a424dd2e0,
                                             0x06492eea09d1921c,
                                             0xfe1deb1cb129a73e,
                                             0xe88235f52ebb4484,
                                             0xe99c7026b45f7e41,
                                             0x3991d639835339f4,
                                             0x9c845f8bbdf9283b,
                                             0x1ff897ffde05980f,
                                             0xef2f118b5a0a6d1f,
                                             0x6d367ecf27cb09b7,
                                             0x4f463f669e5fea2d,
                                             0x7527bac7ebe5f17b,
                                             0x3d0739f78a5292ea,
                                             0x6bfb5fb11f8d5d08,
                                             0x56033046fc7b6bab};

Double times_half_pi(Double v) {
  const Double product = exact_product(v.high, like(v.high, half_pi));
  return {product.high, product.low + fma(v.high, like(v.high, half_pi_low), v.low * half_pi)};
}

Lane word(Lane like_bits, std::uint64_t value) {
  return integer(like_bits, static_cast<std::int64_t>(value));
}

// words[at], words[at + 1], ... of a table too large to index: halve it by each bit of `at`.
struct Window {
  Lane w[4];
};
Window select_words(Lane at) {
  Lane table[word_count];
  for (int i = 0; i < word_count; ++i) table[i] = word(at, words[i]);
  const Lane zero = integer(at, 0);
  const Lane last = (at & integer(at, 16)) != zero;  // then the other bits are 0
  int needed = 4 + 7;
  for (int step = 8; step >= 1; step /= 2, needed -= step) {
    const Lane further = (at & integer(at, step)) != zero;
    for (int i = 0; i < needed; ++i) table[i] = select(further, table[i + step], table[i]);
  }
  Window out;
  for (int i = 0; i < 4; ++i) out.w[i] = select(last, word(at, words[16 + i]), table[i]);
  return out;
}

// The high 64 bits of the product of unsigned a and m < 2^53.
Lane high_product(Lane a, Lane m) {
  const Lane mask = integer(a, 0xffffffff), shift = integer(a, 32);
  const Lane a_high = shr_logical(a, shift), a_low = a & mask;
  const Lane m_high = shr_logical(m, shift), m_low = m & mask;
  const Lane middle = a_high * m_low + shr_logical(a_low * m_low, shift);
  const Lane carry = shr_logical(a_low * m_high + (middle & mask), shift);
  return a_high * m_high + shr_logical(middle, shift) + carry;
}

Lane unsigned_less(Lane a, Lane b) {
  const Lane sign = word(a, std::uint64_t{1} << 63);
  return (a ^ sign) < (b ^ sign);
}

// x times 2/pi modulo 4 for |x| >= 2^-9, in fixed point: `high` counts 2^-62, `low` 2^-126.
struct Fixed {
  Lane high, low;
};
Fixed multiply_digits(Lane x) {
  const Lane bits = to_bits(x), one = integer(bits, 1);
  const Lane mantissa = (bits & word(bits, 0xfffffffffffff)) | word(bits, std::uint64_t{1} << 52);
  // The digit that the mantissa's lowest bit turns into 2 has this place in `words`.
  const Lane place = shr_logical(bits, integer(bits, 52)) - integer(bits, 1075 - 62);
  const Window window = select_words(shr_logical(place, integer(bits, 6)));
  const Lane shift = place & integer(bits, 63), rest = integer(bits, 63) - shift;
  Lane digits[3] = {one, one, one};
  for (int i = 0; i < 3; ++i)
    digits[i] = shl(window.w[i], shift) | shr_logical(shr_logical(window.w[i + 1], one), rest);
  const Lane product = digits[1] * mantissa;
  const Lane low = product + high_product(digits[2], mantissa);
  const Lane carry = convert(unsigned_less(low, product), Type::i64);
  return {digits[0] * mantissa + high_product(digits[1], mantissa) + carry, low};
}

Quadrant reduce_large(Lane x) {
  const Fixed f = multiply_digits(x);
  const Lane half = word(f.high, std::uint64_t{1} << 61), bits = integer(f.high, 62);
  const Lane n = shr_logical(f.high + half, bits);
  const Lane signed_part = f.high - shl(n, bits);
  const auto part = [](Lane i, double unit) { return convert(i, Type::f64) * unit; };
  const Lane a = part(shr_arithmetic(signed_part, integer(n, 32)), 0x1p-30);
  const Lane b = part(signed_part & integer(n, 0xffffffff), 0x1p-62);
  const Lane c = part(shr_logical(f.low, integer(n, 11)), 0x1p-115);
  const Double sum = fast_sum(a, b);
  return {times_half_pi(fast_sum(sum.high, sum.low + c)), n};
}

// 160 digits of 2/pi are enough below 2^40.
Quadrant reduce_medium(Lane x) {
  const Double t = exact_product(x, like(x, 0x1.45f306dc9c883p-1));
  const Double v = exact_product(x, like(x, -0x1.6b01ec5417056p-55));
  const Lane shifted = t.high + magic;
  const Double first = exact_sum(t.high - (shifted - magic), t.low);
  const Double second = exact_sum(first.high, v.high);
  const Lane low = (first.low + second.low) + fma(x, like(x, -0x1.6447e493ad4cep-109), v.low);
  return {times_half_pi(fast_sum(second.high, low)), to_bits(shifted)};
}

Lane part_for(Lane x, double TwoOverPi::*part) {
  Lane value = like(x, parts_by_size[0].*part);
  for (const TwoOverPi& p : std::span(parts_by_size).subspan(1))
    value = select(x < p.start, value, like(x, p.*part));
  return value;
}

}  // namespace

Quadrant reduce_float(Lane x) {
  const Double t = exact_product(x, part_for(x, &TwoOverPi::high));
  const Lane shifted = t.high + magic;
  const Lane fraction = (t.high - (shifted - magic)) + t.low;
  const Lane r = fma(x, part_for(x, &TwoOverPi::low), fraction) * half_pi;
  return {{r, like(x, 0)}, to_bits(shifted)};
}

Quadrant reduce_half_turns(Lane x) {
  const Lane quarters = x * 2.0, shifted = quarters + magic;
  return {times_half_pi({quarters - (shifted - magic), like(x, 0)}), to_bits(shifted)};
}

Quadrant reduce_double(Lane x) {
  const Quadrant large = reduce_large(x), medium = reduce_medium(x);
  const Lane is_medium = x < 0x1p40, is_small = x < 0.78;
  const Lane infinite = x - x;  // 0, or NaN
  const auto pick = [&](Lane a, Lane b) { return select(is_medium, a, b + infinite); };
  const Lane high = select(is_small, x, pick(medium.r.high, large.r.high));
  const Lane low = select(is_small, like(x, 0), pick(medium.r.low, large.r.low));
  return {{high, low}, select(is_medium, medium.quadrant, large.quadrant)};
}

}  // namespace twofold::lanes::functions
