// Files of tensors.
#include "python/plain.h"
#include "twofold/io.h"

namespace twofold::python {
namespace {

// The bytes of an object with a buffer, for the length of a call.
class Borrowed {
 public:
  explicit Borrowed(const Given& g) {
    if (g.absent() || PyObject_GetBuffer(g.object().ptr(), &view_, PyBUF_SIMPLE) != 0) {
      PyErr_Clear();
      g.refuse("bytes");
    }
  }
  ~Borrowed() { PyBuffer_Release(&view_); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  std::span<const std::byte> bytes() const {
    return {static_cast<const std::byte*>(view_.buf), static_cast<std::size_t>(view_.len)};
  }

 private:
  Py_buffer view_{};
};

nb::object bytes_object(const Bytes& bytes) { return nb::bytes(bytes.data(), bytes.size()); }

void add_decoders(nb::module_& m) {
  define(m, "def decode_npy(bytes: Buffer, file: str) -> Tensor",
         "The same from memory; errors call it `file`.",
         [](const Call& c) { return decode_npy(Borrowed(c["bytes"]).bytes(), c["file"].text()); });
  define(m, "def decode_npz(bytes: Buffer, file: str) -> dict[str, Tensor]",
         "The same from memory; errors call it `file`.",
         [](const Call& c) { return decode_npz(Borrowed(c["bytes"]).bytes(), c["file"].text()); });
  define(m, "def decode_idx(bytes: Buffer, file: str) -> Tensor",
         "The same from memory; errors call it `file`.",
         [](const Call& c) { return decode_idx(Borrowed(c["bytes"]).bytes(), c["file"].text()); });
  define(m, "def encode_npy(tensor: Tensor) -> bytes", "What save_npy() writes.",
         [](const Call& c) { return bytes_object(encode_npy(c["tensor"].tensor_with_values())); });
  define(m, "def encode_npz(tensors: NamedTensors) -> bytes", "What save_npz() writes.",
         [](const Call& c) { return bytes_object(encode_npz(c["tensors"].named())); });
}

}  // namespace

void add_files(nb::module_& m) {
  define(m, "def load_npy(path: Path) -> Tensor", "The array of an .npy file.",
         [](const Call& c) { return load_npy(c["path"].path()); });
  define(m, "def save_npy(path: Path, tensor: Tensor) -> None", "Writes an .npy file.",
         [](const Call& c) { save_npy(c["path"].path(), c["tensor"].tensor_with_values()); });
  define(m, "def load_npz(path: Path) -> dict[str, Tensor]",
         "The arrays in the order of the archive's directory, named without '.npy'.",
         [](const Call& c) { return load_npz(c["path"].path()); });
  define(m, "def save_npz(path: Path, tensors: NamedTensors) -> None",
         "Writes an .npz file; names must be unique.",
         [](const Call& c) { save_npz(c["path"].path(), c["tensors"].named()); });
  define(m, "def load_idx(path: Path) -> Tensor", "An IDX file, gzipped or not: MNIST's and its kin.",
         [](const Call& c) { return load_idx(c["path"].path()); });
  add_decoders(m);
  define(m, "def restore(into: NamedTensors, source: NamedTensors) -> None",
         "Writes each tensor of `source` into the one of the same name; nothing unless names, shapes and "
         "dtypes match.",
         [](const Call& c) { restore(c["into"].named(), c["source"].named()); });
}

}  // namespace twofold::python
