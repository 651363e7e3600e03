#include "kernels/reduce.h"

#include <limits>

#include "base/threads.h"
#include "kernels/reduce_p.h"
#include "kernels/scratch_p.h"
#include "twofold/error.h"

namespace twofold {
namespace kernels {
namespace {

bool is_logical(Reduction kind) { return kind == Reduction::any || kind == Reduction::all; }

Fold fold_of(Reduction kind) {
  switch (kind) {
    case Reduction::prod:
      return Fold::prod;
    case Reduction::max:
    case Reduction::any:
      return Fold::max;
    case Reduction::min:
    case Reduction::all:
      return Fold::min;
    default:
      return Fold::sum;
  }
}

Dtype accumulator_type(Reduction kind, Dtype out) {
  return is_floating(out) && !is_logical(kind) ? compute_type(out) : i64;
}

Accumulator accumulator_of(Dtype type) {
  if (type == i64) return Accumulator::i64;
  return type == f64 ? Accumulator::f64 : Accumulator::f32;
}

const lanes::Executable* reader_of(Reduction kind, Dtype from, Dtype type) {
  if (is_logical(kind)) return &nonzero_test(from, type);
  return from == type ? nullptr : &conversion(from, type);
}

}  // namespace

Reducing::Reducing(Reduction kind, const Array& in_, const Dims& axes, Dtype out)
    : in(in_),
      fold(fold_of(kind)),
      accumulator(accumulator_of(accumulator_type(kind, out))),
      type(accumulator_type(kind, out)),
      size(static_cast<std::int64_t>(size_of(type))),
      reader(reader_of(kind, in.dtype, type)) {
  for (int d = 0; d < in.rank(); ++d)
    (axes.contains(d) ? reduced : kept).add(in.shape[d], in.strides[d] * element_bytes(in));
  block = in.rank() > 0 && axes.contains(in.rank() - 1) ? row_block : column_block;
  outputs = kept.count(), length = reduced.count();
  blocks = length <= block ? 1 : (length - 1) / block + 1;
}

}  // namespace kernels

namespace {

using namespace kernels;

// Joins neighbours first, then neighbours' neighbours; the last of an odd number waits for the next round.
void join_blocks(const Reducing& r, char* partial) {
  const FoldColumns join = loops().fold_columns[static_cast<int>(r.accumulator)][static_cast<int>(r.fold)];
  const std::int64_t bytes = r.outputs * r.size;
  for (std::int64_t apart = 1; apart < r.blocks; apart *= 2)
    for (std::int64_t b = 0; b + apart < r.blocks; b += 2 * apart)
      join(partial + b * bytes, partial + (b + apart) * bytes, 0, 1, r.outputs, false);
}

template <class T>
void divide(T* sums, std::int64_t n, T count) {
  for (std::int64_t i = 0; i < n; ++i) sums[i] /= count;
}

// What is left to do with the finished folds: the mean's division, and rounding to out's dtype.
void finish(Reduction kind, const Reducing& r, char* folds, const Array& out) {
  const std::int64_t n = r.outputs;
  if (kind == Reduction::mean && r.type == f32)
    divide(reinterpret_cast<float*>(folds), n, static_cast<float>(r.length));
  if (kind == Reduction::mean && r.type == f64)
    divide(reinterpret_cast<double*>(folds), n, static_cast<double>(r.length));
  if (folds != out.data)
    move_elements(conversion(r.type, out.dtype), {folds, r.size}, {out.data, element_bytes(out)}, n);
}

double value_of_nothing(Reduction kind) {
  switch (kind) {
    case Reduction::mean:
      return std::numeric_limits<double>::quiet_NaN();
    case Reduction::prod:
    case Reduction::all:
      return 1;
    default:
      return 0;
  }
}

void fill(const Array& out, double value) {
  move_elements(conversion(f64, out.dtype), {&value, 0}, {out.data, element_bytes(out)}, out.numel());
}

void refuse_empty(const char* op, const Array& in) {
  throw ValueError({.op = op,
                    .argument = "",
                    .got = "no elements to choose from in shape " + to_string(in.shape),
                    .expected = "at least one along the reduced axes"});
}

}  // namespace

void reduce(Reduction kind, const Array& in, const Dims& axes, const Array& out) {
  const Reducing r(kind, in, axes, out.dtype);
  if (r.length == 0) {
    if (kind == Reduction::max || kind == Reduction::min)
      refuse_empty(kind == Reduction::max ? "max" : "min", in);
    return fill(out, value_of_nothing(kind));
  }
  if (r.outputs == 0) return;
  const bool in_place = r.type == out.dtype && r.blocks == 1;
  const Scratch scratch(in_place ? 0 : r.outputs * r.blocks * r.size);
  char* partial = in_place ? out.as<char>() : scratch.data();
  r.block == row_block ? fold_rows(r, partial) : kernels::fold_columns(r, partial);
  if (r.blocks > 1) join_blocks(r, partial);
  finish(kind, r, partial, out);
}

}  // namespace twofold
