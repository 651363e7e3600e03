#include "kernels/flat_index.h"

#include "kernels/index.h"

namespace twofold {
namespace {

std::string text_of(const std::int64_t* at, std::int64_t n) {
  return to_string(Dims(std::span<const std::int64_t>(at, static_cast<std::size_t>(n))));
}

[[noreturn]] void refuse_row(const char* op, std::int64_t row, const std::string& at, const std::string& why,
                             const Dims& sizes) {
  throw IndexError({.op = op,
                    .argument = "indices",
                    .got = "indices[" + std::to_string(row) + "] = " + at + why,
                    .expected = "rows within " + to_string(sizes)});
}

}  // namespace

std::vector<std::int64_t> rows_of(const Array& indices) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(indices.numel()));
  if (!values.empty()) copy(indices, contiguous_array(values.data(), i64, indices.shape));
  return values;
}

std::vector<std::int64_t> flat_indices(const char* op, const Array& indices, const Dims& sizes) {
  const std::vector<std::int64_t> values = rows_of(indices);
  const std::int64_t width = sizes.size();
  const std::int64_t rows = width ? indices.numel() / width : 0;
  std::vector<std::int64_t> flat(static_cast<std::size_t>(rows));
  for (std::int64_t r = 0; r < rows; ++r) {
    const std::int64_t* at = values.data() + r * width;
    std::int64_t offset = 0;
    for (int k = 0; k < sizes.size(); ++k) {
      if (at[k] < 0 || at[k] >= sizes[k])
        refuse_row(op, r, text_of(at, width), " is out of bounds: need 0 <= index < " + to_string(sizes),
                   sizes);
      offset = offset * sizes[k] + at[k];
    }
    flat[static_cast<std::size_t>(r)] = offset;
  }
  return flat;
}

void check_increasing(const char* op, const Array& indices, const Dims& sizes) {
  const std::vector<std::int64_t> flat = flat_indices(op, indices, sizes), values = rows_of(indices);
  for (std::size_t r = 1; r < flat.size(); ++r) {
    if (flat[r] > flat[r - 1]) continue;
    const std::int64_t* at = values.data() + static_cast<std::int64_t>(r) * sizes.size();
    refuse_row(op, static_cast<std::int64_t>(r), text_of(at, sizes.size()),
               flat[r] == flat[r - 1] ? " is repeated" : " is out of order", sizes);
  }
}

}  // namespace twofold
