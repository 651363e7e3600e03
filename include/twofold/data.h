// Data: labelled images, a keyed split, and batches in a keyed order.
//
//   const data::Split digits = data::split(data::load_digits(), 42);
//   data::DataLoader loader({digits.train.images, digits.train.labels}, {.batch_size = 32, .seed = 42});
//   for (int epoch = 0; epoch < 10; ++epoch)
//     for (const Tensors& batch : loader) step(batch[0], batch[1]);
//
// Orders are drawn from Philox by seed (and epoch): the same everywhere, in both modes, whatever else draws.
#pragma once

#include <cstdint>
#include <iterator>
#include <string>

#include "twofold/generator.h"
#include "twofold/tensor.h"

namespace twofold::data {

struct Dataset {
  std::string name;
  Tensor images;       // u8 [n, height, width]
  Tensor labels;       // i64 [n]
  double scale = 255;  // the largest value of a pixel
  std::string credit;  // to print where results are shown

  std::int64_t size() const { return images.size(0); }
  // The images as f32 [n, height * width] in 0..1: what a network takes.
  Tensor features() const;
};

// UCI's 1,797 handwritten digits, 8x8 pixels of 0..16. Without a path, digits.npz is looked for in the data
// folder of the source tree or the installation that the running program belongs to, or in $TWOFOLD_DATA.
// IoError.
Dataset load_digits(const std::string& path = "");
// A folder with MNIST's four files in IDX form, gzipped or not: train-images-idx3-ubyte, ...
// t10k-labels-idx1-ubyte.
Dataset load_mnist(const std::string& folder, bool train = true);

// The folder of the running program, with a '/' at the end.
std::string program_folder();

// 0..n-1 in an order drawn from `generator` (Fisher-Yates), i64.
Tensor permutation(std::int64_t n, const Generator& generator);

struct Split {
  Dataset train, held_out;
};
// Every `every`-th image of a shuffled order is held out.
Split split(const Dataset& all, std::uint64_t seed, std::int64_t every = 5);

struct LoaderOptions {
  std::int64_t batch_size = 32;
  std::uint64_t seed = 0;
  bool shuffle = true;
  bool drop_last = false;  // the last batch, if it is smaller
};

// Batches of tensors whose first dimensions agree: rows of each, in the same order. Each loop over it is the
// next epoch, with an order of its own that depends on nothing but the seed and the epoch.
class DataLoader {
 public:
  DataLoader(Tensors tensors, const LoaderOptions& options = {},
             std::source_location at = std::source_location::current());

  class Iterator {
   public:
    using value_type = Tensors;
    using difference_type = std::ptrdiff_t;
    Tensors operator*() const { return loader_->batch(order_, number_); }
    Iterator& operator++() {
      ++number_;
      return *this;
    }
    void operator++(int) { ++number_; }
    bool operator==(std::default_sentinel_t) const { return number_ == loader_->batches(); }

   private:
    friend class DataLoader;
    const DataLoader* loader_ = nullptr;
    Tensor order_;
    std::int64_t number_ = 0;
  };

  Iterator begin();
  std::default_sentinel_t end() const { return {}; }
  std::int64_t batches() const;
  // The next loop's epoch; they count from 0.
  std::int64_t epoch() const { return epoch_; }
  void set_epoch(std::int64_t epoch) { epoch_ = epoch; }

 private:
  Tensors batch(const Tensor& order, std::int64_t number) const;

  Tensors tensors_;
  LoaderOptions options_;
  std::int64_t rows_ = 0;
  std::int64_t epoch_ = 0;
};

}  // namespace twofold::data
