// Zip archives, as far as .npz needs them: stored and deflated entries, up to 4 GiB (no zip64 directory), on
// zlib.
//
// A zip library would hide the offsets that our errors name, so this reads the archive itself: the directory
// at the end decides, and what each entry's own header repeats must agree with it.
#pragma once

#include "io/reader_p.h"
#include "twofold/io.h"

namespace twofold::io {

struct ZipEntry {
  std::string name;
  bool deflated = false;
  std::uint32_t crc = 0;
  std::uint64_t size = 0;   // unpacked
  std::uint64_t start = 0;  // of `packed` in the archive
  View packed{};
};

// In the order of the directory; names are unique and entries do not overlap.
std::vector<ZipEntry> zip_entries(const std::string& file, View archive);
// The content, checked against its checksum: a part of the archive, or unpacked into `storage`.
View zip_content(const std::string& file, const ZipEntry& entry, Bytes& storage);

// Stored entries dated 1980-01-01, the earliest that the format knows: equal contents give equal bytes.
class ZipWriter {
 public:
  void add(const std::string& name, View content);
  Bytes finish();

 private:
  Bytes archive_;
  Bytes directory_;
  std::uint32_t entries_ = 0;
};

}  // namespace twofold::io
