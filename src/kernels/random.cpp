#include "kernels/random.h"

#include "kernels/random_p.h"
#include "twofold/error.h"

namespace twofold {
namespace {

using namespace kernels;

// clang-format off
void unit(const std::uint32_t* w, float& out) { out = unit_float(w[0]); }
void unit(const std::uint32_t* w, double& out) { out = unit_double(w[0], w[1]); }
void unit(const std::uint32_t* w, Half& out) { out = Half(unit_float((w[0] & 0x3ffu) << 13)); }
void unit(const std::uint32_t* w, BFloat16& out) { out = BFloat16(unit_float((w[0] & 0x7fu) << 16)); }
// clang-format on

template <class T>
void fill_unit(const Philox& source, const Array& out) {
  constexpr int words_each = sizeof(T) == 8 ? 2 : 1;
  draw_tiles(source, out.numel(), 4 / words_each,
             [&](const std::uint32_t* words, std::int64_t first, std::int64_t n) {
               T* to = out.as<T>() + first;
               for (std::int64_t i = 0; i < n; ++i) unit(words + i * words_each, to[i]);
             });
}

template <class T>
void fill_range(const Philox& source, std::int64_t low, std::int64_t high, const Array& out) {
  constexpr int words_each = sizeof(T) == 8 ? 2 : 1;
  const std::uint64_t base = static_cast<std::uint64_t>(low), range = static_cast<std::uint64_t>(high) - base;
  draw_tiles(source, out.numel(), 4 / words_each,
             [&](const std::uint32_t* words, std::int64_t first, std::int64_t n) {
               T* to = out.as<T>() + first;
               for (std::int64_t i = 0; i < n; ++i) {
                 const std::uint32_t* w = words + i * words_each;
                 const std::uint64_t word = words_each == 2 ? std::uint64_t{w[1]} << 32 | w[0] : w[0];
                 to[i] = static_cast<T>(base + word % range);
               }
             });
}

[[noreturn]] void refuse(const char* op, Dtype got, const char* expected) {
  throw InternalError(
      {.op = op, .argument = "dtype", .got = std::string(name_of(got)), .expected = expected});
}

}  // namespace

void Philox::skip(std::uint64_t blocks) {
  for (std::uint32_t& word : counter) {
    blocks += word;
    word = static_cast<std::uint32_t>(blocks);
    blocks >>= 32;
  }
}

std::array<std::uint32_t, 4> Philox::block(std::uint64_t offset) const {
  Philox at = *this;
  at.skip(offset);
  std::array<std::uint32_t, 4> words;
  loops().philox(at.key.data(), at.counter.data(), 1, words.data());
  return words;
}

void fill_uniform(const Philox& source, const Array& out) {
  switch (out.dtype) {
    case Dtype::f16:
      return fill_unit<Half>(source, out);
    case Dtype::bf16:
      return fill_unit<BFloat16>(source, out);
    case Dtype::f32:
      return fill_unit<float>(source, out);
    case Dtype::f64:
      return fill_unit<double>(source, out);
    default:
      refuse("uniform", out.dtype, "a floating dtype");
  }
}

void fill_integers(const Philox& source, std::int64_t low, std::int64_t high, const Array& out) {
  if (low >= high)
    throw ValueError({.op = "",
                      .argument = "high",
                      .got = std::to_string(high),
                      .expected = "more than low, which is " + std::to_string(low)});
  switch (out.dtype) {
    case Dtype::u8:
      return fill_range<std::uint8_t>(source, low, high, out);
    case Dtype::i8:
      return fill_range<std::int8_t>(source, low, high, out);
    case Dtype::i16:
      return fill_range<std::int16_t>(source, low, high, out);
    case Dtype::i32:
      return fill_range<std::int32_t>(source, low, high, out);
    case Dtype::i64:
      return fill_range<std::int64_t>(source, low, high, out);
    default:
      refuse("random integers", out.dtype, "an integer dtype");
  }
}

}  // namespace twofold
