#include "io/file_p.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace twofold::io {
namespace {

struct Close {
  void operator()(std::FILE* f) const { std::fclose(f); }
};
using File = std::unique_ptr<std::FILE, Close>;

[[noreturn]] void fail(const std::string& path, std::uint64_t offset, const char* what) {
  const int code = errno;
  throw IoError(path, offset, std::string(what) + (code ? std::string(": ") + std::strerror(code) : ""));
}

File open(const std::string& path, const char* mode) {
  errno = 0;
  File file(std::fopen(path.c_str(), mode));
  if (!file) fail(path, 0, "cannot be opened");
  return file;
}

// Devices and pipes have no size to check promises against.
std::uint64_t regular_size(const std::string& path) {
  std::error_code code;
  if (std::filesystem::exists(path, code) && !std::filesystem::is_regular_file(path, code))
    throw IoError(path, 0, "not a regular file");
  const auto size = std::filesystem::file_size(path, code);
  if (code) throw IoError(path, 0, "cannot be opened: " + code.message());
  return size;
}

}  // namespace

void grow(Bytes& bytes, std::uint64_t size, const std::string& file) {
  try {
    bytes.resize(size);
  } catch (const std::exception&) {  // bad_alloc, length_error
    throw IoError(file, bytes.size(), std::to_string(size) + " bytes do not fit in memory");
  }
}

Bytes read_file(const std::string& path) {
  Bytes bytes;
  grow(bytes, regular_size(path), path);
  const File file = open(path, "rb");
  const std::size_t got = bytes.empty() ? 0 : std::fread(bytes.data(), 1, bytes.size(), file.get());
  if (got != bytes.size()) fail(path, got, "cannot be read");
  return bytes;
}

void write_file(const std::string& path, std::span<const std::byte> bytes) {
  const std::string partial = path + ".partial";
  File file = open(partial, "wb");
  const std::size_t put = bytes.empty() ? 0 : std::fwrite(bytes.data(), 1, bytes.size(), file.get());
  if (put != bytes.size()) fail(path, put, "cannot be written");
  if (std::fclose(file.release()) != 0) fail(path, put, "cannot be written");
  if (std::rename(partial.c_str(), path.c_str()) != 0) fail(path, 0, "cannot be renamed into place");
}

}  // namespace twofold::io
