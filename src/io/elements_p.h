// Elements as bytes: between the order and layout of a file and our own (little-endian, row-major).
#pragma once

#include "io/reader_p.h"
#include "twofold/io.h"

namespace twofold::io {

// Reverses the bytes of every element.
void swap_bytes(std::span<std::byte> elements, std::size_t size);
// Column-major elements in row-major order.
Bytes from_fortran_order(View elements, const Shape& shape, std::size_t size);
// A bool may be 0 or 1: anything else is undefined behaviour to whoever reads it. `start` is where they lie.
void check_bools(const Reader& in, View elements, std::uint64_t start);
// One bit pattern for every NaN, as in all files and hashes.
void canonicalise_nans(std::span<std::byte> elements, Dtype dtype);

// A new tensor from elements that lie at the reader's position and fill the rest of it.
struct Layout {
  Dtype dtype = f32;
  Shape shape{};
  bool big_endian = false;
  bool fortran_order = false;
};
Tensor read_elements(Reader& in, const Layout& layout);
// A copy of the elements of a tensor with values; StateError for a symbolic tensor, in the name of `call`.
Bytes elements_of(const Tensor& tensor, const char* call);

}  // namespace twofold::io
