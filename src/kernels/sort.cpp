#include "kernels/sort.h"

#include <bit>
#include <cmath>
#include <numeric>

#include "base/threads.h"
#include "kernels/convert_p.h"
#include "kernels/index.h"
#include "kernels/scratch_p.h"
#include "kernels/visit_p.h"
#include "kernels/walk_p.h"

namespace twofold {
namespace {

using namespace kernels;

constexpr std::int64_t grain = 4096;
constexpr std::uint64_t top_bit = std::uint64_t{1} << 63;

// Every dtype goes exactly into one of two that are compared.
Dtype comparable(Dtype d) { return is_floating(d) ? f64 : i64; }

// Numbers in unsigned order.
std::uint64_t key_of(std::int64_t v) { return static_cast<std::uint64_t>(v) ^ top_bit; }
std::uint64_t key_of(double v) {
  if (std::isnan(v)) return ~std::uint64_t{0};
  const auto bits = std::bit_cast<std::uint64_t>(v + 0.0);  // -0.0 becomes 0.0
  return bits & top_bit ? ~bits : bits | top_bit;
}

struct Ranked {
  std::uint64_t key;
  std::int64_t position;
  bool operator<(const Ranked& o) const { return key != o.key ? key < o.key : position < o.position; }
};

// A line's elements as keys with their positions.
void rank_line(const char* from, std::int64_t step, Dtype dtype, bool descending, std::span<Ranked> out) {
  const auto n = static_cast<std::int64_t>(out.size());
  const Scratch numbers(n * 8);
  move_elements(conversion(dtype, comparable(dtype)), {const_cast<char*>(from), step}, {numbers.data(), 8},
                n);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::uint64_t key =
        is_floating(dtype) ? key_of(numbers.as<double>()[i]) : key_of(numbers.as<std::int64_t>()[i]);
    out[static_cast<std::size_t>(i)] = {descending ? ~key : key, i};
  }
}

Walk beside(const Array& a, int axis) {
  Walk w;
  for (int d = 0; d < a.rank(); ++d)
    if (d != axis) w.add(a.shape[d], a.strides[d] * element_bytes(a));
  return w;
}
std::int64_t length_along(const Array& a, int axis) { return a.rank() ? a.shape[axis] : 1; }
std::int64_t step_along(const Array& a, int axis) {
  return a.rank() ? a.strides[axis] * element_bytes(a) : 0;
}

void put_first(std::span<Ranked> line, std::int64_t count) {
  if (count == static_cast<std::int64_t>(line.size()))
    std::sort(line.begin(), line.end());
  else
    std::partial_sort(line.begin(), line.begin() + count, line.end());
}

// Every bit of an element is kept, a NaN's payload too.
void pick(const char* from, std::int64_t from_step, std::span<const Ranked> chosen, char* to,
          std::int64_t to_step, Dtype dtype) {
  visit_size(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (const Ranked& r : chosen) {
      *reinterpret_cast<T*>(to) = *reinterpret_cast<const T*>(from + r.position * from_step);
      to += to_step;
    }
  });
}

}  // namespace

void order_lines(const Array& x, int axis, bool descending, const Array& values, const Array& positions) {
  const Walk lines = beside(x, axis), valued = beside(values, axis), placed = beside(positions, axis);
  const std::int64_t n = length_along(x, axis), count = length_along(values, axis),
                     step = step_along(x, axis);
  if (n == 0 || count == 0) return;
  parallel_for(
      lines.count(), std::max<std::int64_t>(1, grain / n), [&](std::int64_t begin, std::int64_t end) {
        std::vector<Ranked> line(static_cast<std::size_t>(n));
        for (std::int64_t l = begin; l < end; ++l) {
          const char* from = x.as<char>() + lines.offset(l);
          rank_line(from, step, x.dtype, descending, line);
          put_first(line, count);
          const std::span<const Ranked> chosen(line.data(), static_cast<std::size_t>(count));
          pick(from, step, chosen, values.as<char>() + valued.offset(l), step_along(values, axis), x.dtype);
          char* to = positions.as<char>() + placed.offset(l);
          for (const Ranked& r : chosen) {
            *reinterpret_cast<std::int64_t*>(to) = r.position;
            to += step_along(positions, axis);
          }
        }
      });
}

Distinct distinct(const Array& x, bool in_order_of_value) {
  const auto n = static_cast<std::size_t>(x.numel());
  Distinct out;
  out.number.resize(n);
  if (n == 0) return out;
  const Scratch packed(static_cast<std::int64_t>(x.bytes()));
  copy(x, contiguous_array(packed.data(), x.dtype, x.shape));
  std::vector<Ranked> line(n);
  rank_line(packed.data(), element_bytes(x), x.dtype, false, line);
  std::sort(line.begin(), line.end());
  const std::uint64_t nan = is_floating(x.dtype) ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < n; ++i) {
    const bool fresh = i == 0 || line[i].key != line[i - 1].key || (nan && line[i].key == nan);
    if (fresh) out.first.push_back(line[i].position), out.counts.push_back(0);
    ++out.counts.back();
    out.number[static_cast<std::size_t>(line[i].position)] = static_cast<std::int64_t>(out.first.size()) - 1;
  }
  if (in_order_of_value) return out;
  std::vector<std::size_t> order(out.first.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return out.first[a] < out.first[b]; });
  Distinct seen;
  std::vector<std::int64_t> place(order.size());
  for (std::size_t old : order) {
    place[old] = static_cast<std::int64_t>(seen.first.size());
    seen.first.push_back(out.first[old]), seen.counts.push_back(out.counts[old]);
  }
  for (std::int64_t number : out.number) seen.number.push_back(place[static_cast<std::size_t>(number)]);
  return seen;
}

namespace {

// As PyTorch compares: nothing comes after a NaN that is looked for.
template <class T>
std::int64_t search(const T* line, std::int64_t n, T value, bool right) {
  std::int64_t low = 0, high = n;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    const bool beyond = right ? line[middle] > value : line[middle] >= value;
    (beyond ? high : low) = beyond ? middle : middle + 1;
  }
  return low;
}

template <class T>
void search_all(const T* lines, std::int64_t n, std::int64_t each, const T* values, bool right,
                const Array& out) {
  parallel_for(out.numel(), grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      out.as<std::int64_t>()[i] = search(lines + (each ? i / each * n : 0), n, values[i], right);
  });
}

}  // namespace

void search_sorted(const Array& sequence, const Array& values, bool right, const Array& out) {
  const Dtype type = comparable(values.dtype);
  const Scratch lines(sequence.numel() * 8), wanted(values.numel() * 8);
  copy(sequence, contiguous_array(lines.data(), type, sequence.shape));
  copy(values, contiguous_array(wanted.data(), type, values.shape));
  const std::int64_t n = sequence.shape[sequence.rank() - 1];
  const std::int64_t each = sequence.rank() > 1 ? values.shape[values.rank() - 1] : 0;  // values for a line
  if (type == f64)
    search_all(lines.as<double>(), n, each, wanted.as<double>(), right, out);
  else
    search_all(lines.as<std::int64_t>(), n, each, wanted.as<std::int64_t>(), right, out);
}

}  // namespace twofold
