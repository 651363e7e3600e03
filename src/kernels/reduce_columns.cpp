#include <utility>

#include "base/threads.h"
#include "kernels/reduce_p.h"
#include "kernels/scratch_p.h"

namespace twofold::kernels {
namespace {

constexpr std::int64_t buffer_elements = 16384;

// The kept positions are `outer` x `columns`; a task folds one block of rows in one tile of columns.
struct Tiling {
  explicit Tiling(const Reducing& r)
      : columns(r.kept.inner()),
        rows(std::min(r.length, column_block)),
        width(std::min(columns, std::max<std::int64_t>(512, buffer_elements / rows))),
        across((columns + width - 1) / width),
        outer(r.outputs / columns) {}
  std::int64_t columns, rows, width, across, outer;
};

class Task {
 public:
  Task(const Reducing& r, const Tiling& t, std::int64_t number)
      : r_(r),
        column_(number % t.across * t.width),
        width_(std::min(t.width, t.columns - column_)),
        block_(number / t.across % r.blocks),
        output_(number / t.across / r.blocks * t.columns + column_) {}

  void run(FoldColumns fold, char* partial, char* buffer) const {
    const std::int64_t first = block_ * column_block, n = std::min(column_block, r_.length - first);
    const std::int64_t from = r_.kept.offset(output_), step = r_.reduced.step();
    char* acc = partial + (block_ * r_.outputs + output_) * r_.size;
    bool start = true;
    r_.reduced.runs(first, n, [&](std::int64_t offset, std::int64_t rows) {
      const char* x = r_.at(from + offset);
      if (!buffer) return fold(acc, x, step / r_.size, rows, width_, std::exchange(start, false));
      for (std::int64_t k = 0, some; k < rows; k += some) {
        some = std::min(rows - k, buffer_elements / width_);
        gather(x + k * step, some, buffer);
        fold(acc, buffer, width_, some, width_, std::exchange(start, false));
      }
    });
  }

 private:
  void gather(const char* x, std::int64_t rows, char* buffer) const {
    for (std::int64_t k = 0; k < rows; ++k)
      r_.read(x + k * r_.reduced.step(), r_.kept.step(), buffer + k * width_ * r_.size, width_);
  }

  const Reducing& r_;
  std::int64_t column_, width_, block_, output_;
};

}  // namespace

void fold_columns(const Reducing& r, char* partial) {
  const FoldColumns fold = loops().fold_columns[static_cast<int>(r.accumulator)][static_cast<int>(r.fold)];
  const Tiling t(r);
  const bool direct = !r.reader && (r.kept.step() == r.size || t.columns == 1);
  const std::int64_t area = t.rows * t.width;
  parallel_for(r.blocks * t.outer * t.across, std::max<std::int64_t>(1, reduce_grain / area),
               [&](std::int64_t begin, std::int64_t end) {
                 const Scratch buffer(direct ? 0 : buffer_elements * r.size);
                 for (std::int64_t i = begin; i < end; ++i) Task(r, t, i).run(fold, partial, buffer.data());
               });
}

}  // namespace twofold::kernels
