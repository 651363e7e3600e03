#include "kernels/pointwise.h"

#include "base/threads.h"

namespace twofold {
namespace {

using lanes::Operand;

constexpr std::int64_t grain = 32768;  // elements below which a second thread costs more than it brings
constexpr int max_inputs = 16;

std::int64_t element(const Array& a) { return static_cast<std::int64_t>(size_of(a.dtype)); }
Operand shifted(const Operand& o, std::int64_t elements) {
  return {static_cast<char*>(o.data) + o.step * elements, o.step};
}

// Contiguous or single-valued operands: the whole array is one run.
bool flat_operands(const Array* const* in, int inputs, const Array& out, Operand* flat) {
  if (!out.contiguous) return false;
  const std::int64_t n = out.numel();
  for (int i = 0; i < inputs; ++i) {
    if (!in[i]) {
      flat[i] = {nullptr, 0};
    } else if (in[i]->numel() == n && in[i]->contiguous) {
      flat[i] = {in[i]->data, element(*in[i])};
    } else if (is_single_valued(*in[i])) {
      flat[i] = {in[i]->data, 0};
    } else {
      return false;
    }
  }
  return true;
}

// Odometer over the outer dimensions of a broadcast, with the innermost left to the executor. Neighbouring
// dimensions that are contiguous for every operand are merged first.
struct Nest {
  int operands = 0;  // inputs, then out
  int rank = 0;
  // Left uninitialised beyond what is in use: most broadcasts are of two small operands.
  std::int64_t size[max_rank];
  std::int64_t step[max_inputs + 1][max_rank];  // bytes
  char* base[max_inputs + 1];

  void add(const Array& a, const Shape& shape) {
    const int k = operands++;
    base[k] = static_cast<char*>(a.data);
    const int lead = shape.rank() - a.rank();
    for (int d = 0; d < shape.rank(); ++d)
      step[k][d] = d < lead || a.shape[d - lead] == 1 ? 0 : a.strides[d - lead] * element(a);
  }
  void add_absent() {
    base[operands] = nullptr;
    std::fill_n(step[operands++], max_rank, 0);
  }

  bool mergeable(int d, int into) const {
    for (int k = 0; k < operands; ++k)
      if (step[k][into] != step[k][d] * size[d]) return false;
    return true;
  }

  void collapse(const Shape& shape) {
    for (int d = 0; d < shape.rank(); ++d) {
      if (shape[d] == 1) continue;
      size[rank] = shape[d];
      for (int k = 0; k < operands; ++k) step[k][rank] = step[k][d];
      if (rank > 0 && mergeable(rank, rank - 1)) {
        size[rank - 1] *= size[rank];
        for (int k = 0; k < operands; ++k) step[k][rank - 1] = step[k][rank];
      } else {
        ++rank;
      }
    }
    if (rank == 0) size[rank++] = 1;
  }

  std::int64_t outer() const {
    std::int64_t n = 1;
    for (int d = 0; d + 1 < rank; ++d) n *= size[d];
    return n;
  }
  std::int64_t inner() const { return size[rank - 1]; }

  Operand row(int k, std::int64_t index) const {
    char* p = base[k];
    for (int d = rank - 2; d >= 0; --d) {
      p += index % size[d] * step[k][d];
      index /= size[d];
    }
    return {p, step[k][rank - 1]};
  }
};

void run_rows(const lanes::Executable& program, const Nest& nest, std::span<const lanes::Uniform> uniforms,
              std::int64_t begin, std::int64_t end) {
  Operand in[max_inputs];
  const int inputs = nest.operands - 1;
  for (std::int64_t r = begin; r < end; ++r) {
    for (int k = 0; k < inputs; ++k) in[k] = nest.row(k, r);
    lanes::run(program, {in, static_cast<std::size_t>(inputs)}, uniforms, nest.row(inputs, r), nest.inner(),
               r * nest.inner());
  }
}

// One long row: split it instead of the rows.
void run_inner(const lanes::Executable& program, const Operand* whole, int inputs,
               std::span<const lanes::Uniform> uniforms, const Operand& out, std::int64_t n) {
  parallel_for(n, grain, [&](std::int64_t begin, std::int64_t end) {
    Operand in[max_inputs];
    for (int k = 0; k < inputs; ++k) in[k] = shifted(whole[k], begin);
    lanes::run(program, {in, static_cast<std::size_t>(inputs)}, uniforms, shifted(out, begin), end - begin,
               begin);
  });
}

}  // namespace

void pointwise(const lanes::Executable& program, const Array* const* in, int inputs,
               std::span<const lanes::Uniform> uniforms, const Array& out) {
  if (out.numel() == 0) return;
  Operand flat[max_inputs];
  if (flat_operands(in, inputs, out, flat)) {
    const auto count = static_cast<std::size_t>(inputs);
    if (out.numel() <= 64)
      return lanes::run(program, {flat, count}, uniforms, {out.data, element(out)}, out.numel());
    return run_inner(program, flat, inputs, uniforms, {out.data, element(out)}, out.numel());
  }
  Nest nest;
  for (int i = 0; i < inputs; ++i) in[i] ? nest.add(*in[i], out.shape) : nest.add_absent();
  nest.add(out, out.shape);
  nest.collapse(out.shape);
  if (nest.outer() == 1) {
    for (int k = 0; k < inputs; ++k) flat[k] = nest.row(k, 0);
    return run_inner(program, flat, inputs, uniforms, nest.row(inputs, 0), nest.inner());
  }
  const std::int64_t rows_grain = std::max<std::int64_t>(1, grain / nest.inner());
  parallel_for(nest.outer(), rows_grain,
               [&](std::int64_t begin, std::int64_t end) { run_rows(program, nest, uniforms, begin, end); });
}

}  // namespace twofold
