// Files made by hand, byte for byte.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "twofold/io.h"

namespace twofold::test {

inline Bytes bytes_of(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Bytes first(const Bytes& bytes, std::size_t count) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count)};
}

inline Bytes little(std::uint64_t value, int count) {
  Bytes out;
  for (int i = 0; i < count; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
  return out;
}

inline Bytes big(std::uint64_t value, int count) {
  Bytes out = little(value, count);
  return {out.rbegin(), out.rend()};
}

inline Bytes zeros_of(std::size_t count) { return Bytes(count); }

// `bytes` with others written over it.
inline Bytes patched(Bytes bytes, std::size_t at, const Bytes& with) {
  std::copy(with.begin(), with.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  return bytes;
}

// An .npy file with any dictionary.
inline Bytes npy(std::string_view dictionary, const Bytes& elements, int major = 1) {
  return bytes_of("\x93NUMPY") + little(static_cast<unsigned>(major), 1) + little(0, 1) +
         little(dictionary.size(), major == 1 ? 2 : 4) + bytes_of(dictionary) + elements;
}

// An IDX file: the code of a dtype, dimensions, elements.
inline Bytes idx(int code, const std::vector<std::uint32_t>& dims, const Bytes& elements) {
  Bytes out = big(0, 2) + big(static_cast<unsigned>(code), 1) + big(dims.size(), 1);
  for (std::uint32_t d : dims) out = out + big(d, 4);
  return out + elements;
}

// What zlib makes of `bytes`, as a gzip file or bare.
Bytes deflated(const Bytes& bytes, bool gzip);
// An archive of one deflated entry that says it unpacks to `size` bytes.
Bytes deflated_npz(const std::string& name, const Bytes& packed, std::uint32_t crc, std::uint64_t size);
std::uint32_t crc_of(const Bytes& bytes);

// A folder of the running test's own, removed with it.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("twofold-test-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline void expect_bytes(const Bytes& got, const Bytes& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], want[i]) << "at " << i;
}

}  // namespace twofold::test
