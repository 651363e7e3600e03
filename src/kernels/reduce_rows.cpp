#include "base/threads.h"
#include "kernels/reduce_p.h"
#include "kernels/scratch_p.h"

namespace twofold::kernels {
namespace {

// Does a stretch of a sequence lie in memory as packed accumulators?
bool is_packed(const Reducing& r) {
  return !r.reader && r.reduced.single_run() && (r.reduced.step() == r.size || r.length == 1);
}

const char* gather(const Reducing& r, std::int64_t from, std::int64_t begin, std::int64_t n, char* buffer) {
  char* to = buffer;
  r.reduced.runs(begin, n, [&](std::int64_t offset, std::int64_t run) {
    r.read(r.at(from + offset), r.reduced.step(), to, run);
    to += run * r.size;
  });
  return buffer;
}

// partial[i], for blocks counted sequence by sequence.
void fold_blocks(const Reducing& r, FoldRows fold, std::int64_t begin, std::int64_t end, char* partial) {
  const bool packed = is_packed(r);
  const Scratch buffer(packed ? 0 : std::min(r.length, row_block) * r.size);
  for (std::int64_t i = begin; i < end; ++i) {
    const std::int64_t output = i / r.blocks, block = i % r.blocks, first = block * row_block;
    const std::int64_t n = std::min(row_block, r.length - first), from = r.kept.offset(output);
    const char* x = packed ? r.at(from + first * r.size) : gather(r, from, first, n, buffer.data());
    fold(x, n, 0, 1, partial + (block * r.outputs + output) * r.size);
  }
}

}  // namespace

void Reducing::read(const char* from, std::int64_t step, char* to, std::int64_t n) const {
  const lanes::Executable& program = reader ? *reader : conversion(type, type);
  move_elements(program, {const_cast<char*>(from), step}, {to, size}, n);
}

void fold_rows(const Reducing& r, char* partial) {
  const FoldRows fold = loops().fold_rows[static_cast<int>(r.accumulator)][static_cast<int>(r.fold)];
  const bool evenly =
      r.blocks == 1 && r.kept.single_run() && is_packed(r);  // rows at a fixed distance, as they lie
  const std::int64_t grain = std::max<std::int64_t>(1, reduce_grain / std::min(r.length, row_block));
  parallel_for(r.outputs * r.blocks, grain, [&](std::int64_t begin, std::int64_t end) {
    if (!evenly) return fold_blocks(r, fold, begin, end, partial);
    const std::int64_t step = r.kept.step();
    fold(r.at(begin * step), r.length, step / r.size, end - begin, partial + begin * r.size);
  });
}

}  // namespace twofold::kernels
