// IDX: two zero bytes, a dtype, a rank, big-endian dimensions and elements. MNIST's files are gzipped.
#include "io/elements_p.h"
#include "io/file_p.h"
#include "io/inflate_p.h"

namespace twofold {

using namespace io;

namespace {

bool find_dtype(std::uint32_t code, Dtype& dtype) {
  switch (code) {
    case 0x08:
      dtype = u8;
      return true;
    case 0x09:
      dtype = i8;
      return true;
    case 0x0b:
      dtype = i16;
      return true;
    case 0x0c:
      dtype = i32;
      return true;
    case 0x0d:
      dtype = f32;
      return true;
    case 0x0e:
      dtype = f64;
      return true;
    default:
      return false;
  }
}

// The first four bytes: dtype and rank.
int read_magic(Reader& in, Dtype& dtype) {
  if (in.big(2, "the magic number") != 0)
    in.fail_at(0, "not an IDX file: it does not begin with two zero bytes");
  if (!find_dtype(in.big(1, "the magic number"), dtype)) in.fail_at(2, "an unknown dtype");
  const std::uint32_t rank = in.big(1, "the magic number");
  if (rank < 1 || rank > max_rank)
    in.fail_at(3, std::to_string(rank) + " dimensions, expected 1 to " + std::to_string(max_rank));
  return static_cast<int>(rank);
}

Layout read_header(Reader& in) {
  Layout layout{.big_endian = true};
  const int rank = read_magic(in, layout.dtype);
  Dims dims;
  for (int i = 0; i < rank; ++i) dims.push_back(in.big(4, "a dimension"));
  try {
    layout.shape = Shape(dims);
    checked_mul(layout.shape.numel(), static_cast<std::int64_t>(size_of(layout.dtype)));
  } catch (const ShapeError&) {
    in.fail_at(4, "shape " + to_string(dims) + " does not fit in memory");
  }
  return layout;
}

// Unpacks the header, then what the header promises, and no more.
Bytes unpack(std::span<const std::byte> packed, const std::string& file) {
  Inflater inflater(file, 0, packed, Wrapping::gzip);
  Bytes bytes;
  inflater.read(4, bytes);
  Reader magic(file, bytes);
  Dtype dtype{};
  const int rank = read_magic(magic, dtype);
  inflater.read(4 * static_cast<std::uint64_t>(rank), bytes);
  Reader header(file, bytes);
  const Layout layout = read_header(header);
  inflater.read(static_cast<std::uint64_t>(layout.shape.numel()) * size_of(layout.dtype), bytes);
  inflater.expect_end();
  return bytes;
}

bool gzipped(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

}  // namespace

Tensor decode_idx(std::span<const std::byte> bytes, const std::string& file) {
  if (gzipped(bytes)) return decode_idx(unpack(bytes, file), file);
  Reader in(file, bytes);
  const Layout layout = read_header(in);
  return read_elements(in, layout);
}

Tensor load_idx(const std::string& path) { return decode_idx(read_file(path), path); }

}  // namespace twofold
