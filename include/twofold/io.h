// Files of tensors: NumPy's .npy and .npz, and the IDX files of MNIST.
//
//   save_npz("weights.npz", {{"w", w}, {"b", b}});
//   for (const auto& [name, tensor] : load_npz("weights.npz")) ...
//
// What is written depends on the values alone: no clock, entries in the order given, NaNs canonical. What is
// read is checked before memory is taken for it; a malformed file gives one IoError with file, offset and
// reason. Dtypes: bool, u8, i8, i16, i32, i64, f16, f32, f64 in either byte order; NumPy has no bf16: cast to
// f32 first. Formats: numpy.lib.format (versions 1 to 3), PKWARE APPNOTE (stored or deflated, up to 4 GiB),
// and IDX as described with the MNIST database.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "twofold/tensor.h"

namespace twofold {

using Bytes = std::vector<std::byte>;
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

Tensor load_npy(const std::string& path);
void save_npy(const std::string& path, const Tensor& tensor);

// The arrays in the order of the archive's directory, named without ".npy".
NamedTensors load_npz(const std::string& path);
// Names must be unique and not empty, else ValueError.
void save_npz(const std::string& path, const NamedTensors& tensors);

// An IDX file, gzipped or not: MNIST's train-images-idx3-ubyte and its kin.
Tensor load_idx(const std::string& path);

// The same from memory and to memory; `file` is what an error calls the bytes. An error inside an entry of an
// .npz calls it "FILE:ENTRY" and counts the offset from the entry's (unpacked) start.
Tensor decode_npy(std::span<const std::byte> bytes, const std::string& file);
NamedTensors decode_npz(std::span<const std::byte> bytes, const std::string& file);
Tensor decode_idx(std::span<const std::byte> bytes, const std::string& file);
Bytes encode_npy(const Tensor& tensor);
Bytes encode_npz(const NamedTensors& tensors);

// Writes each tensor of `from` into the one of the same name: how modules and optimisers load. Both must have
// the same names (ValueError), shapes and dtypes; nothing is written unless all of them match.
void restore(const NamedTensors& into, const NamedTensors& from);

}  // namespace twofold
