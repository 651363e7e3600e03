// .npz: a zip archive of .npy files.
#include <set>

#include "io/file_p.h"
#include "io/zip_p.h"

namespace twofold {

using namespace io;

namespace {

constexpr std::string_view suffix = ".npy";
constexpr std::size_t most_entries = 0xfffe, longest_name = 0xffff - suffix.size();

std::string array_name(const std::string& file, const ZipEntry& entry) {
  const std::string_view name = entry.name;
  if (!name.ends_with(suffix) || name.size() == suffix.size())
    throw IoError(file, entry.start, "entry " + quoted(name) + " is no .npy file");
  return std::string(name.substr(0, name.size() - suffix.size()));
}

void check_names(const NamedTensors& tensors) {
  std::set<std::string> seen;
  for (const auto& [name, tensor] : tensors)
    if (name.empty() || name.size() > longest_name || !seen.insert(name).second)
      throw ValueError({.op = "save_npz",
                        .argument = "tensors",
                        .got = "the name " + quoted(name) + (seen.contains(name) ? " twice" : ""),
                        .expected = "unique names of 1 to 65531 characters"});
  if (tensors.size() > most_entries)
    throw ValueError({.op = "save_npz",
                      .argument = "tensors",
                      .got = std::to_string(tensors.size()) + " tensors",
                      .expected = "at most 65534"});
}

}  // namespace

NamedTensors decode_npz(std::span<const std::byte> bytes, const std::string& file) {
  NamedTensors tensors;
  for (const ZipEntry& entry : zip_entries(file, bytes)) {
    Bytes storage;
    const std::string name = array_name(file, entry);
    tensors.emplace_back(name, decode_npy(zip_content(file, entry, storage), file + ":" + entry.name));
  }
  return tensors;
}

Bytes encode_npz(const NamedTensors& tensors) {
  check_names(tensors);
  ZipWriter zip;
  for (const auto& [name, tensor] : tensors) zip.add(name + std::string(suffix), encode_npy(tensor));
  return zip.finish();
}

NamedTensors load_npz(const std::string& path) { return decode_npz(read_file(path), path); }
void save_npz(const std::string& path, const NamedTensors& tensors) { write_file(path, encode_npz(tensors)); }

}  // namespace twofold
