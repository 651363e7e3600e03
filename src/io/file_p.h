// Whole files in and out; every failure is an IoError.
#pragma once

#include "twofold/io.h"

namespace twofold::io {

// resize() whose failure is an IoError too.
void grow(Bytes& bytes, std::uint64_t size, const std::string& file);

Bytes read_file(const std::string& path);
// All or nothing: written beside `path`, then renamed.
void write_file(const std::string& path, std::span<const std::byte> bytes);

}  // namespace twofold::io
