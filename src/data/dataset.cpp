#include <cstdlib>
#include <filesystem>

#include "core/recorder.h"
#include "twofold/data.h"
#include "twofold/io.h"
#include "twofold/ops.h"

namespace twofold::data {
namespace {

// Where build/twofold, build/PRESET/twofold, build/examples/NAME and PREFIX/bin/twofold have their data.
constexpr const char* data_folders[] = {"../data/", "../../data/", "../../../data/", "../share/twofold/"};

std::string find_data(const std::string& name) {
  if (const char* folder = std::getenv("TWOFOLD_DATA")) return std::string(folder) + "/" + name;
  for (const char* folder : data_folders) {
    const std::string path = program_folder() + folder + name;
    if (std::filesystem::exists(path)) return path;
  }
  throw IoError(name, 0, "not found near the program; name its path, or its folder in TWOFOLD_DATA");
}

const Tensor& member(const NamedTensors& tensors, const std::string& name, const std::string& path) {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return tensor;
  throw IoError(path, 0, "no array '" + name + "'");
}

// u8 images [n, height, width] and one label each, of any integer dtype.
Dataset checked(Dataset d, const std::string& path) {
  if (d.images.dtype() != u8 || d.images.rank() != 3)
    throw IoError(path, 0,
                  "images of " + std::string(name_of(d.images.dtype())) + to_string(d.images.shape()) +
                      ", expected u8[n,height,width]");
  if (!is_integer(d.labels.dtype()) || d.labels.shape() != Shape{d.size()})
    throw IoError(path, 0,
                  "labels of " + std::string(name_of(d.labels.dtype())) + to_string(d.labels.shape()) +
                      ", expected one integer for each of " + std::to_string(d.size()) + " images");
  d.labels = d.labels.to(i64);
  return d;
}

std::string idx_path(const std::string& folder, const std::string& name) {
  const std::string plain = folder + "/" + name;
  return std::filesystem::exists(plain + ".gz") && !std::filesystem::exists(plain) ? plain + ".gz" : plain;
}

Dataset rows_of(const Dataset& all, const Tensor& rows) {
  Dataset part = all;
  part.images = take(all.images, rows);
  part.labels = take(all.labels, rows);
  return part;
}

}  // namespace

std::string program_folder() {
  std::error_code code;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", code);
  return code ? "./" : program.parent_path().string() + "/";
}

Tensor Dataset::features() const {
  const core::RecorderScope closed(nullptr);
  const Tensor pixels = images.to(f32) / scale;
  return reshape(pixels, {size(), -1});
}

Dataset load_digits(const std::string& given) {
  const core::RecorderScope closed(nullptr);  // data exist now, also while a graph is being built
  const std::string path = given.empty() ? find_data("digits.npz") : given;
  const NamedTensors arrays = load_npz(path);
  return checked({.name = "digits",
                  .images = member(arrays, "images", path),
                  .labels = member(arrays, "labels", path),
                  .scale = 16,
                  .credit = "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI 1998, "
                            "CC BY 4.0, doi 10.24432/C50P49"},
                 path);
}

Dataset load_mnist(const std::string& folder, bool train) {
  const core::RecorderScope closed(nullptr);
  const std::string part = train ? "train" : "t10k";
  const std::string images = idx_path(folder, part + "-images-idx3-ubyte");
  return checked({.name = "mnist",
                  .images = load_idx(images),
                  .labels = load_idx(idx_path(folder, part + "-labels-idx1-ubyte")),
                  .scale = 255,
                  .credit = "MNIST, Y. LeCun, C. Cortes and C. J. C. Burges"},
                 images);
}

Split split(const Dataset& all, std::uint64_t seed, std::int64_t every) {
  if (every < 2)
    throw ValueError(
        {.op = "split", .argument = "every", .got = std::to_string(every), .expected = "at least 2"});
  const core::RecorderScope closed(nullptr);
  const Tensor order = permutation(all.size(), Generator(seed, "split"));
  std::vector<std::int64_t> parts[2];
  const std::int64_t* row = order.data<std::int64_t>();
  for (std::int64_t i = 0; i < all.size(); ++i) parts[i % every == every - 1].push_back(row[i]);
  const auto rows = [](const std::vector<std::int64_t>& r) {
    return tensor(r, Shape{static_cast<std::int64_t>(r.size())});
  };
  return {rows_of(all, rows(parts[0])), rows_of(all, rows(parts[1]))};
}

}  // namespace twofold::data
