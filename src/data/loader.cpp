#include <algorithm>
#include <numeric>

#include "core/recorder.h"
#include "twofold/data.h"
#include "twofold/ops.h"

namespace twofold::data {
namespace {

template <class E>
[[noreturn]] void refuse(const char* argument, std::string got, std::string expected, const Location& at) {
  E e({.op = "DataLoader", .argument = argument, .got = std::move(got), .expected = std::move(expected)});
  e.locate("DataLoader", at);
  throw e;
}

std::int64_t common_rows(const Tensors& tensors, const Location& at) {
  if (tensors.empty()) refuse<ValueError>("tensors", "none", "at least one", at);
  std::int64_t rows = -1;
  for (const Tensor& t : tensors) {
    if (!t.defined() || t.symbolic() || t.rank() == 0)
      refuse<ValueError>("tensors", "a tensor without rows", "tensors with values and a first dimension", at);
    if (rows >= 0 && t.size(0) != rows)
      refuse<ShapeError>("tensors", std::to_string(t.size(0)) + " rows",
                         std::to_string(rows) + " as the first", at);
    rows = t.size(0);
  }
  return rows;
}

}  // namespace

// Each place, from the last, swaps with one at or before it; 62 random bits make the remainder's bias
// negligible.
Tensor permutation(std::int64_t n, const Generator& generator) {
  const core::RecorderScope closed(nullptr);
  const Tensor draws = random_integers({n}, 0, std::int64_t{1} << 62, i64, generator);
  const std::int64_t* draw = draws.data<std::int64_t>();
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (std::int64_t i = n - 1; i > 0; --i)
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(draw[i] % (i + 1))]);
  return tensor(order, Shape{n});
}

DataLoader::DataLoader(Tensors tensors, const LoaderOptions& options, std::source_location at)
    : tensors_(std::move(tensors)), options_(options), rows_(common_rows(tensors_, at)) {
  if (options.batch_size < 1)
    refuse<ValueError>("batch_size", std::to_string(options.batch_size), "at least 1", at);
}

std::int64_t DataLoader::batches() const {
  const std::int64_t full = rows_ / options_.batch_size;
  return full + (rows_ % options_.batch_size != 0 && !options_.drop_last);
}

DataLoader::Iterator DataLoader::begin() {
  const core::RecorderScope closed(nullptr);
  Iterator first;
  first.loader_ = this;
  const auto epoch = static_cast<std::uint64_t>(epoch_);
  epoch_ = static_cast<std::int64_t>(epoch + 1);
  first.order_ = options_.shuffle ? permutation(rows_, Generator(options_.seed, epoch)) : arange(0, rows_);
  return first;
}

Tensors DataLoader::batch(const Tensor& order, std::int64_t number) const {
  const core::RecorderScope closed(nullptr);
  const NoGrad off;
  const std::int64_t start = number * options_.batch_size;
  const std::int64_t stop = std::min(start + options_.batch_size, rows_);
  const Tensor rows = slice(order, 0, start, stop);
  Tensors out;
  for (const Tensor& t : tensors_) out.push_back(take(t, rows));
  return out;
}

}  // namespace twofold::data
