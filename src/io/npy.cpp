// .npy: a header, then the elements.
#include "io/file_p.h"
#include "io/npy_header_p.h"

namespace twofold {

using namespace io;

Tensor decode_npy(std::span<const std::byte> bytes, const std::string& file) {
  Reader in(file, bytes);
  const Layout layout = read_npy_header(in);
  return read_elements(in, layout);
}

Bytes encode_npy(const Tensor& tensor) {
  const Bytes elements = elements_of(tensor, "save_npy");
  const std::string header = npy_header(tensor.dtype(), tensor.shape());
  const View head = std::as_bytes(std::span(header));
  Bytes out(head.begin(), head.end());
  out.insert(out.end(), elements.begin(), elements.end());
  return out;
}

Tensor load_npy(const std::string& path) { return decode_npy(read_file(path), path); }
void save_npy(const std::string& path, const Tensor& tensor) { write_file(path, encode_npy(tensor)); }

}  // namespace twofold
