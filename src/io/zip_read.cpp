#include <zlib.h>

#include <algorithm>
#include <set>

#include "io/inflate_p.h"
#include "io/zip_p.h"

namespace twofold::io {
namespace {

constexpr std::uint32_t end_magic = 0x06054b50, entry_magic = 0x02014b50, local_magic = 0x04034b50;
constexpr std::uint64_t end_size = 22, longest_comment = 0xffff;
constexpr std::uint64_t worst_ratio = 1032;  // of deflate

struct Directory {
  std::uint64_t start = 0, end = 0;
  std::uint32_t entries = 0;
};

// The end record stands last, before a comment of up to 64 KiB.
std::uint64_t find_end(const Reader& in, View archive) {
  if (archive.size() < end_size) in.fail_at(0, "truncated: too short for a zip archive");
  const std::uint64_t last = archive.size() - end_size;
  for (std::uint64_t back = 0; back <= std::min(last, longest_comment); ++back)
    if (Reader(in.file(), archive, last - back).little(4, "a signature") == end_magic) return last - back;
  in.fail_at(archive.size(), "not a zip archive, or truncated: no end record");
}

Directory read_end(View archive, const std::string& file) {
  const std::uint64_t at = find_end(Reader(file, archive), archive);
  Reader in(file, archive, at + 4);
  const std::uint32_t disk = in.little(2, "the end record"), first_disk = in.little(2, "the end record");
  const std::uint32_t here = in.little(2, "the end record"), entries = in.little(2, "the end record");
  const std::uint32_t size = in.little(4, "the end record"), start = in.little(4, "the end record");
  const std::uint32_t comment = in.little(2, "the end record");
  if (start == 0xffffffffu || entries == 0xffffu) in.fail_at(at, "zip64 archives (over 4 GiB) are not read");
  if (disk != 0 || first_disk != 0 || here != entries) in.fail_at(at, "a part of a split archive");
  if (comment != in.left()) in.fail_at(at + 20, "the comment's length is wrong");
  if (std::uint64_t{start} + size != at)
    in.fail_at(at + 12, "the directory does not end where the end record begins");
  return {start, at, entries};
}

// What the directory and an entry's own header both say.
struct Fields {
  std::uint32_t flags, method, crc, packed, unpacked, name, extra;
};

Fields read_fields(Reader& in, const char* what) {
  Fields f{};
  in.take(2, what);  // version needed
  f.flags = in.little(2, what);
  f.method = in.little(2, what);
  in.take(4, what);  // time and date
  f.crc = in.little(4, what);
  f.packed = in.little(4, what);
  f.unpacked = in.little(4, what);
  f.name = in.little(2, what);
  f.extra = in.little(2, what);
  return f;
}

std::string read_name(Reader& in, std::uint32_t length) {
  const View bytes = in.take(length, "an entry's name");
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void check_fields(const Reader& in, std::uint64_t at, const Fields& f) {
  if (f.flags & 1) in.fail_at(at, "an encrypted entry");
  if (f.method != 0 && f.method != 8)
    in.fail_at(at, "compression method " + std::to_string(f.method) + " is neither stored nor deflated");
  if (f.packed == 0xffffffffu || f.unpacked == 0xffffffffu)
    in.fail_at(at, "zip64 entries (over 4 GiB) are not read");
  if (f.method == 0 && f.packed != f.unpacked) in.fail_at(at, "a stored entry with two sizes");
  if (f.unpacked > worst_ratio * f.packed)
    in.fail_at(at, "an entry promises " + std::to_string(f.unpacked) + " bytes, more than its " +
                       std::to_string(f.packed) + " can unpack to");
}

// The entry's own header stands before its data.
void locate_data(const std::string& file, View body, std::uint64_t local, const Fields& f, ZipEntry& entry) {
  Reader in(file, body, local);
  if (in.little(4, "an entry's header") != local_magic)
    in.fail_at(local, "no header where an entry should begin");
  const Fields own = read_fields(in, "an entry's header");
  if (read_name(in, own.name) != entry.name || own.method != f.method || (own.flags & 1))
    in.fail_at(local, "an entry's header contradicts the directory");
  in.take(own.extra, "an entry's extra field");
  entry.start = in.offset();
  entry.packed = in.take(f.packed, "an entry's data");
}

ZipEntry read_entry(Reader& in, const std::string& file, View body) {
  const std::uint64_t at = in.offset();
  if (in.little(4, "the directory") != entry_magic) in.fail_at(at, "no directory entry where one should be");
  in.take(2, "the directory");  // version made by
  const Fields f = read_fields(in, "the directory");
  const std::uint32_t comment = in.little(2, "the directory");
  in.take(8, "the directory");  // disk, attributes
  const std::uint32_t local = in.little(4, "the directory");
  ZipEntry entry{.name = read_name(in, f.name), .deflated = f.method == 8, .crc = f.crc, .size = f.unpacked};
  in.take(f.extra, "the directory");
  in.take(comment, "the directory");
  check_fields(in, at, f);
  if (local > body.size()) in.fail_at(at, "an entry begins outside the archive");
  locate_data(file, body, local, f, entry);
  return entry;
}

// Overlapping entries are how small archives unpack to enormous ones.
void check_apart(const Reader& in, const std::vector<ZipEntry>& entries) {
  std::vector<const ZipEntry*> sorted;
  for (const ZipEntry& e : entries) sorted.push_back(&e);
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->start < b->start; });
  for (std::size_t i = 1; i < sorted.size(); ++i)
    if (sorted[i - 1]->start + sorted[i - 1]->packed.size() > sorted[i]->start ||
        sorted[i - 1]->start == sorted[i]->start)
      in.fail_at(sorted[i]->start, "entries overlap");
}

}  // namespace

std::vector<ZipEntry> zip_entries(const std::string& file, View archive) {
  const Directory directory = read_end(archive, file);
  const View body = archive.first(directory.start);
  Reader in(file, archive.first(directory.end), directory.start);
  std::vector<ZipEntry> entries;
  std::set<std::string> names;
  for (std::uint32_t i = 0; i < directory.entries; ++i) {
    const std::uint64_t at = in.offset();
    entries.push_back(read_entry(in, file, body));
    if (!names.insert(entries.back().name).second)
      in.fail_at(at, "two entries named " + quoted(entries.back().name));
  }
  if (in.left() > 0) in.fail("bytes between the directory and the end record");
  check_apart(in, entries);
  return entries;
}

View zip_content(const std::string& file, const ZipEntry& entry, Bytes& storage) {
  View content = entry.packed;
  if (entry.deflated) {
    Inflater inflater(file, entry.start, entry.packed, Wrapping::raw);
    inflater.read(entry.size, storage);
    inflater.expect_end();
    content = storage;
  }
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (crc != entry.crc)
    throw IoError(file, entry.start, "the checksum of " + quoted(entry.name) + " is wrong");
  return content;
}

}  // namespace twofold::io
