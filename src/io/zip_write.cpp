#include <zlib.h>

#include "io/zip_p.h"

namespace twofold::io {
namespace {

void put(Bytes& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i) & 255));
}

void append(Bytes& out, View bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

std::uint32_t fits_zip(std::uint64_t value) {
  if (value < 0xffffffffu) return static_cast<std::uint32_t>(value);
  throw ValueError({.op = "save_npz",
                    .argument = "tensors",
                    .got = "more than 4 GiB",
                    .expected = "at most 4 GiB in one archive"});
}

// From "version needed" to the length of the extra field: the same in both headers.
void put_fields(Bytes& out, const std::string& name, View content) {
  constexpr std::uint32_t version = 20, utf8 = 1 << 11, stored = 0, midnight = 0, first_of_1980 = 0x21;
  put(out, version, 2);
  put(out, utf8, 2);
  put(out, stored, 2);
  put(out, midnight, 2);
  put(out, first_of_1980, 2);
  put(out,
      static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size())),
      4);
  put(out, fits_zip(content.size()), 4);
  put(out, fits_zip(content.size()), 4);
  put(out, static_cast<std::uint32_t>(name.size()), 2);
  put(out, 0, 2);  // no extra field
}

}  // namespace

void ZipWriter::add(const std::string& name, View content) {
  const std::uint32_t start = fits_zip(archive_.size());
  const View name_bytes = std::as_bytes(std::span(name));
  put(archive_, 0x04034b50, 4);
  put_fields(archive_, name, content);
  append(archive_, name_bytes);
  append(archive_, content);

  put(directory_, 0x02014b50, 4);
  put(directory_, 20, 2);  // version made by
  put_fields(directory_, name, content);
  put(directory_, 0, 4);  // no comment, first disk
  put(directory_, 0, 4);  // no attributes
  put(directory_, 0, 2);
  put(directory_, start, 4);
  append(directory_, name_bytes);
  ++entries_;
}

Bytes ZipWriter::finish() {
  const std::uint32_t start = fits_zip(archive_.size()), size = fits_zip(directory_.size());
  fits_zip(std::uint64_t{start} + size);
  append(archive_, directory_);
  put(archive_, 0x06054b50, 4);
  put(archive_, 0, 4);  // disks
  put(archive_, entries_, 2);
  put(archive_, entries_, 2);
  put(archive_, size, 4);
  put(archive_, start, 4);
  put(archive_, 0, 2);  // no comment
  return std::move(archive_);
}

}  // namespace twofold::io
