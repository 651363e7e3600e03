#include "check/operands.h"

#include <cmath>
#include <limits>

#include "check/element.h"
#include "core/impl.h"
#include "twofold/ops.h"

namespace twofold::check {
namespace {

// The finaliser of SplitMix64.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

double special(std::uint64_t key, std::int64_t i) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double values[] = {nan, inf, -inf, 0.0, -0.0, 1e-40, -3e30, 2.5, 1e-3, -1.0, 8e37, -1e-39};
  return values[(static_cast<std::uint64_t>(i) + key % 12) % 12];
}

// [-2, 2] without a neighbourhood of 0, where many derivatives jump.
double plain_float(double u) {
  const double v = 4 * u - 2;
  return std::fabs(v) < 0.05 ? v + 0.1 : v;
}

double plain(Dtype d, double u) {
  if (d == bool_) return u < 0.5;
  if (d == u8) return std::floor(10 * u);
  return is_floating(d) ? plain_float(u) : std::floor(11 * u) - 5;
}

double value(const Operand& x, std::uint64_t key, std::int64_t i) {
  const double u = hashed(key, i);
  switch (x.range) {
    case Range::positive:
      return is_floating(x.dtype) ? 0.1 + 1.9 * u : 1 + std::floor(5 * u);
    case Range::unit:
      return u;
    case Range::below:
      return std::floor(x.below * u);
    case Range::listed:
      return i < x.listed.size() ? static_cast<double>(x.listed[static_cast<int>(i)]) : 1;
    case Range::special:
      return special(key, i);
    default:
      return plain(x.dtype, u);
  }
}

}  // namespace

double hashed(std::uint64_t key, std::int64_t position) {
  return static_cast<double>(mixed(key ^ mixed(static_cast<std::uint64_t>(position))) >> 11) * 0x1p-53;
}

std::uint64_t key_of(std::string_view row, std::string_view sample, int operand) {
  std::uint64_t key = 0xcbf29ce484222325;
  for (std::string_view text : {row, sample})
    for (char c : text) key = (key ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return mixed(key + static_cast<std::uint64_t>(operand));
}

Tensor make_operand(const Operand& x, std::uint64_t key) {
  const Tensor out(core::allocate(x.dtype, x.shape));
  for (std::int64_t i = 0; i < out.numel(); ++i) store(out.impl()->array, i, value(x, key, i));
  return x.strided ? strided_copy(out) : out;
}

Tensor make_weights(Dtype dtype, const Shape& shape, std::uint64_t key) {
  const Tensor out(core::allocate(dtype, shape));
  for (std::int64_t i = 0; i < out.numel(); ++i)
    store(out.impl()->array, i, is_floating(dtype) ? 2 * hashed(key, i) - 1 : std::floor(5 * hashed(key, i)));
  return out;
}

Tensor strided_copy(const Tensor& x) {
  Dims stored, axes;
  for (int d = x.rank() - 1; d >= 0; --d) stored.push_back(x.shape()[d]), axes.push_back(d);
  if (x.rank() == 0) stored.push_back(1);
  stored[stored.size() - 1] *= 2;
  const Tensor memory = zeros(stored, x.dtype());
  const Tensor apart = slice(memory, -1, 0, std::numeric_limits<std::int64_t>::max(), 2);
  const Tensor out = x.rank() == 0 ? select(apart, 0, 0) : permute(apart, axes);
  for (std::int64_t i = 0; i < x.numel(); ++i) store(out.impl()->array, i, load(x.impl()->array, i));
  return out;
}

}  // namespace twofold::check
