#include "ops/told.h"

#include "kernels/index.h"

namespace twofold::ops {
namespace {

Shape hinted(const Infer& c, const Shape& sizes) {
  const Dims& hint = c.attrs.dims(0);
  if (!hint.empty()) return Shape(hint);
  if (!sizes.known()) return Shape::unknown_rank();
  if (sizes.numel() > max_rank)
    throw ShapeError({.op = c.op.name,
                      .argument = "sizes",
                      .got = std::to_string(sizes.numel()) + " sizes",
                      .expected = "at most " + std::to_string(max_rank)});
  Dims dims;
  for (std::int64_t i = 0; i < sizes.numel(); ++i) dims.push_back(unknown);
  return Shape(dims);
}

}  // namespace

void infer_told(Infer& c, int x, int operand) {
  const Shape& sizes = c.in[static_cast<std::size_t>(operand)].shape;
  if (sizes.has_rank() && sizes.rank() != 1)
    throw ShapeError({.op = c.op.name,
                      .argument = "sizes",
                      .got = "shape " + to_string(sizes),
                      .expected = "one dimension"});
  c.out.push_back({c.in[static_cast<std::size_t>(x)].dtype, hinted(c, sizes)});
}

Dims sizes_in(const char* op, const Array& sizes) {
  if (sizes.rank() != 1 || sizes.numel() > max_rank)
    throw ShapeError({.op = op,
                      .argument = "sizes",
                      .got = "shape " + to_string(sizes.shape),
                      .expected = "one dimension of at most " + std::to_string(max_rank) + " sizes"});
  std::int64_t values[max_rank];
  copy(sizes, contiguous_array(values, i64, sizes.shape));
  return Dims(std::span<const std::int64_t>(values, static_cast<std::size_t>(sizes.numel())));
}

Tensors as_promised(const Produce& c, const Tensor& result) {
  const Dims& hint = c.attrs.dims(0);
  if (!hint.empty() && !Shape(hint).accepts(result.shape()))
    throw ShapeError({.op = c.op.name,
                      .argument = "sizes",
                      .got = to_string(result.shape()),
                      .expected = "what the graph was told: " + to_string(Shape(hint))});
  return {identity(result)};
}

}  // namespace twofold::ops
