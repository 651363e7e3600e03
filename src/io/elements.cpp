#include "io/elements_p.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/impl.h"
#include "core/recorder.h"
#include "twofold/ops.h"

namespace twofold::io {
namespace {

static_assert(std::endian::native == std::endian::little, "files are written in this machine's byte order");

template <class Bits>
void canonicalise(std::span<std::byte> elements, Bits infinity, Bits nan) {
  constexpr Bits sign = Bits{1} << (8 * sizeof(Bits) - 1);
  for (std::size_t i = 0; i + sizeof(Bits) <= elements.size(); i += sizeof(Bits)) {
    Bits bits;
    std::memcpy(&bits, elements.data() + i, sizeof(Bits));
    if (static_cast<Bits>(bits & ~sign) > infinity) std::memcpy(elements.data() + i, &nan, sizeof(Bits));
  }
}

Dims column_major_strides(const Shape& shape) {
  Dims strides = shape.dims();
  std::int64_t step = 1;
  for (int d = 0; d < shape.rank(); ++d) {
    strides[d] = step;
    step *= shape[d];
  }
  return strides;
}

std::uint64_t promised_bytes(const Reader& in, const Layout& layout) {
  try {
    return static_cast<std::uint64_t>(
        checked_mul(layout.shape.numel(), static_cast<std::int64_t>(size_of(layout.dtype))));
  } catch (const ShapeError&) {
    in.fail("shape " + to_string(layout.shape) + " does not fit in memory");
  }
}

// The elements in our order: `elements` itself where that is theirs already, else rearranged in `storage`.
View in_our_order(View elements, const Layout& layout, Bytes& storage) {
  const std::size_t size = size_of(layout.dtype);
  if (layout.fortran_order && layout.shape.rank() > 1) {
    storage = from_fortran_order(elements, layout.shape, size);
    elements = storage;
  }
  if (layout.big_endian && size > 1) {
    if (storage.empty()) storage.assign(elements.begin(), elements.end());
    swap_bytes(storage, size);
    elements = storage;
  }
  return elements;
}

const core::Impl& concrete(const Tensor& tensor, const char* call) {
  if (!tensor.defined())
    throw ValueError(
        {.op = call, .argument = "tensor", .got = "an undefined tensor", .expected = "a tensor"});
  if (tensor.symbolic())
    throw StateError({.op = call,
                      .argument = "tensor",
                      .got = "a tensor of a graph, which has no value until a Session runs it",
                      .expected = "a tensor with values"});
  return *tensor.impl();
}

}  // namespace

void swap_bytes(std::span<std::byte> elements, std::size_t size) {
  for (auto at = elements.begin(); at != elements.end(); at += static_cast<std::ptrdiff_t>(size))
    std::reverse(at, at + static_cast<std::ptrdiff_t>(size));
}

Bytes from_fortran_order(View elements, const Shape& shape, std::size_t size) {
  Bytes out(elements.size());
  const Dims strides = column_major_strides(shape);
  Dims index = shape.dims();
  std::fill_n(&index[0], index.size(), 0);
  std::int64_t source = 0;
  for (std::size_t to = 0; to < out.size(); to += size) {
    std::memcpy(out.data() + to, elements.data() + static_cast<std::size_t>(source) * size, size);
    for (int d = shape.rank() - 1; d >= 0; --d) {
      source += strides[d];
      if (++index[d] < shape[d]) break;
      source -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
  return out;
}

void check_bools(const Reader& in, View elements, std::uint64_t start) {
  const auto bad =
      std::find_if(elements.begin(), elements.end(), [](std::byte b) { return b > std::byte{1}; });
  if (bad != elements.end())
    in.fail_at(start + static_cast<std::uint64_t>(bad - elements.begin()),
               "a bool of value " + std::to_string(std::to_integer<int>(*bad)));
}

void canonicalise_nans(std::span<std::byte> elements, Dtype dtype) {
  switch (dtype) {
    case Dtype::f16:
      return canonicalise<std::uint16_t>(elements, 0x7c00, 0x7e00);
    case Dtype::bf16:
      return canonicalise<std::uint16_t>(elements, 0x7f80, 0x7fc0);
    case Dtype::f32:
      return canonicalise<std::uint32_t>(elements, 0x7f800000u, 0x7fc00000u);
    case Dtype::f64:
      return canonicalise<std::uint64_t>(elements, 0x7ffull << 52, 0xfffull << 51);
    default:
      return;
  }
}

Tensor read_elements(Reader& in, const Layout& layout) {
  const std::uint64_t start = in.offset();
  const View elements = in.take(promised_bytes(in, layout), "the array");
  in.expect_end();
  if (layout.dtype == bool_) check_bools(in, elements, start);
  Bytes storage;
  return from_values(in_our_order(elements, layout, storage).data(), layout.dtype, layout.shape);
}

Bytes elements_of(const Tensor& tensor, const char* call) {
  Tensor packed = tensor;
  if (!concrete(tensor, call).array.contiguous) {
    const core::RecorderScope closed(nullptr);
    const NoGrad off;
    packed = identity(tensor);
  }
  const Array& array = packed.impl()->array;
  const auto* first = static_cast<const std::byte*>(array.data);
  Bytes bytes(first, first + array.bytes());
  canonicalise_nans(bytes, array.dtype);
  return bytes;
}

}  // namespace twofold::io
