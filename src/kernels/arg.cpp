#include "base/threads.h"
#include "kernels/convert_p.h"
#include "kernels/loops_p.h"
#include "kernels/reduce.h"
#include "kernels/scratch_p.h"
#include "kernels/walk_p.h"
#include "twofold/error.h"

namespace twofold {
namespace {

using namespace kernels;

constexpr std::int64_t block = 16384;
constexpr std::int64_t grain = 32768;

// Blocks are folded to their extreme, which is looked up only in a block that beats those before it.
struct Search {
  const Array& in;
  bool maximum;
  Walk kept;
  std::int64_t length, step;
};

template <class T>
bool beats(bool maximum, T x, T best) {
  if (best != best) return false;
  return x != x || (maximum ? x > best : x < best);
}

template <class T>
std::int64_t first_of(const T* x, T value) {
  std::int64_t i = 0;
  if (value != value)
    while (x[i] == x[i]) ++i;
  else
    while (x[i] != value) ++i;
  return i;
}

template <class T>
std::int64_t position(const Search& s, std::int64_t output, char* buffer) {
  constexpr Dtype type = dtype_of<T>;
  constexpr Accumulator accumulator = type == f32   ? Accumulator::f32
                                      : type == f64 ? Accumulator::f64
                                                    : Accumulator::i64;
  constexpr std::int64_t size = sizeof(T);
  const FoldRows fold =
      loops().fold_rows[static_cast<int>(accumulator)][static_cast<int>(s.maximum ? Fold::max : Fold::min)];
  const bool direct = s.in.dtype == type && s.step == size;
  char* from = s.in.as<char>() + s.kept.offset(output);
  T best{}, extreme;
  std::int64_t found = 0;
  for (std::int64_t first = 0; first < s.length; first += block) {
    const std::int64_t n = std::min(block, s.length - first);
    char* x = from + first * s.step;
    if (!direct) move_elements(conversion(s.in.dtype, type), {x, s.step}, {buffer, size}, n), x = buffer;
    fold(x, n, 0, 1, &extreme);
    if (first > 0 && !beats(s.maximum, extreme, best)) continue;
    best = extreme;
    found = first + first_of(reinterpret_cast<const T*>(x), best);
  }
  return found;
}

using Position = std::int64_t (*)(const Search&, std::int64_t, char*);
Position position_in(Dtype dtype) {
  if (!is_floating(dtype)) return position<std::int64_t>;
  return dtype == f64 ? position<double> : position<float>;
}

}  // namespace

void arg_extreme(bool maximum, const Array& in, int axis, const Array& out) {
  Search s{in, maximum, {}, 1, 0};
  for (int d = 0; d < in.rank(); ++d)
    if (d != axis) s.kept.add(in.shape[d], in.strides[d] * element_bytes(in));
  if (in.rank() > 0) s.length = in.shape[axis], s.step = in.strides[axis] * element_bytes(in);
  if (s.length == 0)
    throw ValueError(
        {.op = maximum ? "argmax" : "argmin",
         .argument = "axis",
         .got = "no elements along axis " + std::to_string(axis) + " of shape " + to_string(in.shape),
         .expected = "at least one"});
  const Position find = position_in(in.dtype);
  parallel_for(out.numel(), std::max<std::int64_t>(1, grain / s.length),
               [&](std::int64_t begin, std::int64_t end) {
                 const Scratch buffer(std::min(s.length, block) * 8);
                 for (std::int64_t i = begin; i < end; ++i)
                   out.as<std::int64_t>()[i] = find(s, i, buffer.data());
               });
}

}  // namespace twofold
