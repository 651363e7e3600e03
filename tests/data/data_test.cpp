#include "twofold/data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "io/files.h"
#include "twofold/graph.h"
#include "twofold/ops.h"

namespace twofold::test {
namespace {

using data::DataLoader;
using Rows = std::vector<std::int64_t>;

const std::string digits_path = "data/digits.npz";  // tests run in the source folder

Rows counted(std::int64_t n) {
  Rows rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

Rows order_of(DataLoader& loader) {
  Rows rows;
  for (const Tensors& batch : loader)
    for (std::int64_t row : batch[0].to_vector<std::int64_t>()) rows.push_back(row);
  return rows;
}

// Fisher-Yates as data.h states it, from the same draws.
TEST(Permutation, IsFisherYatesOverKeyedDraws) {
  for (std::int64_t n : {0, 1, 2, 10, 1000}) {
    const Rows draws =
        random_integers({n}, 0, std::int64_t{1} << 62, i64, Generator(5, 3)).to_vector<std::int64_t>();
    Rows want = counted(n);
    for (std::int64_t i = n - 1; i > 0; --i)
      std::swap(want[static_cast<std::size_t>(i)],
                want[static_cast<std::size_t>(draws[static_cast<std::size_t>(i)] % (i + 1))]);
    EXPECT_EQ(data::permutation(n, Generator(5, 3)).to_vector<std::int64_t>(), want);
    std::sort(want.begin(), want.end());
    EXPECT_EQ(want, counted(n));
  }
}

// Known values, worked out from the Philox specification by another program.
TEST(Permutation, IsTheSameForEver) {
  EXPECT_EQ(data::permutation(8, Generator(42, 0)).to_vector<std::int64_t>(), (Rows{0, 1, 5, 2, 4, 6, 7, 3}));
}

TEST(DataLoader, CoversEveryRowOnceInAnOrderOfItsEpoch) {
  DataLoader loader({arange(0, 103)}, {.batch_size = 10, .seed = 9});
  EXPECT_EQ(loader.batches(), 11);
  const Rows first = order_of(loader), second = order_of(loader);
  EXPECT_NE(first, second);
  for (Rows rows : {first, second}) {
    std::sort(rows.begin(), rows.end());
    EXPECT_EQ(rows, counted(103));
  }
  EXPECT_EQ(first, data::permutation(103, Generator(9, 0)).to_vector<std::int64_t>());
  EXPECT_EQ(second, data::permutation(103, Generator(9, 1)).to_vector<std::int64_t>());
  loader.set_epoch(0);
  EXPECT_EQ(order_of(loader), first);
}

TEST(DataLoader, KeepsRowsOfAllTensorsTogether) {
  const Tensor numbers = arange(0, 10), squares = numbers * numbers;
  DataLoader loader({numbers, reshape(squares, {10, 1})}, {.batch_size = 4});
  std::vector<std::int64_t> sizes;
  for (const Tensors& batch : loader) {
    const Rows n = batch[0].to_vector<std::int64_t>(), s = batch[1].to_vector<std::int64_t>();
    sizes.push_back(batch[1].size(0));
    for (std::size_t i = 0; i < n.size(); ++i) EXPECT_EQ(s[i], n[i] * n[i]);
  }
  EXPECT_EQ(sizes, (Rows{4, 4, 2}));
}

TEST(DataLoader, MayDropTheLastBatchAndKeepTheOrder) {
  DataLoader loader({arange(0, 10)}, {.batch_size = 4, .shuffle = false, .drop_last = true});
  EXPECT_EQ(order_of(loader), counted(8));
  DataLoader whole({arange(0, 3)}, {.batch_size = 100, .shuffle = false});
  EXPECT_EQ(order_of(whole), counted(3));
  DataLoader none({arange(0, 0)}, {});
  EXPECT_EQ(order_of(none), Rows{});
}

TEST(DataLoader, GivesValuesWhileAGraphIsOpen) {
  DataLoader loader({arange(0, 4)}, {.batch_size = 2});
  Graph g;
  const Graph::Scope scope(g);
  for (const Tensors& batch : loader) EXPECT_FALSE(batch[0].symbolic());
}

TEST(DataLoader, RefusesBadArguments) {
  EXPECT_THROW(DataLoader({}, {}), ValueError);
  EXPECT_THROW(DataLoader({tensor(1.0)}, {}), ValueError);
  EXPECT_THROW(DataLoader({Tensor()}, {}), ValueError);
  EXPECT_THROW(DataLoader({arange(0, 4), arange(0, 5)}, {}), ShapeError);
  EXPECT_THROW(DataLoader({arange(0, 4)}, {.batch_size = 0}), ValueError);
}

TEST(Digits, AreTheOnesThatUciPublished) {
  const data::Dataset digits = data::load_digits(digits_path);
  EXPECT_EQ(digits.images.shape(), (Shape{1797, 8, 8}));
  EXPECT_EQ(digits.labels.shape(), Shape{1797});
  const std::vector<std::uint8_t> top = digits.images[0][0].to_vector<std::uint8_t>();
  EXPECT_EQ(top, (std::vector<std::uint8_t>{0, 0, 5, 13, 9, 1, 0, 0}));
  std::vector<int> count(10);
  for (std::int64_t label : digits.labels.to_vector<std::int64_t>())
    ++count.at(static_cast<std::size_t>(label));
  EXPECT_EQ(count, (std::vector<int>{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}));
  const Tensor x = digits.features();
  EXPECT_EQ(x.shape(), (Shape{1797, 64}));
  EXPECT_EQ(amax(x).item<float>(), 1.0f);
}

TEST(Digits, SplitHoldsOutEveryFifthOfAKeyedShuffle) {
  const data::Dataset digits = data::load_digits(digits_path);
  const data::Split a = data::split(digits, 1), again = data::split(digits, 1), b = data::split(digits, 2);
  EXPECT_EQ(a.held_out.size(), 359);
  EXPECT_EQ(a.train.size(), 1438);
  EXPECT_EQ(a.train.labels.to_vector<std::int64_t>(), again.train.labels.to_vector<std::int64_t>());
  EXPECT_NE(a.train.labels.to_vector<std::int64_t>(), b.train.labels.to_vector<std::int64_t>());
  const Tensor total = digits.images.to(i64).sum(),
               parts = a.train.images.to(i64).sum() + a.held_out.images.to(i64).sum();
  EXPECT_EQ(total.item<std::int64_t>(), parts.item<std::int64_t>());
  EXPECT_THROW(data::split(digits, 1, 1), ValueError);
}

TEST(Mnist, ReadsPlainAndGzippedFolders) {
  const Folder folder;
  const auto put = [&](const std::string& name, const Bytes& bytes) {
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    std::FILE* f = std::fopen(folder.file(name).c_str(), "wb");
    std::fwrite(text.data(), 1, text.size(), f);
    std::fclose(f);
  };
  put("train-images-idx3-ubyte", idx(8, {2, 1, 2}, big(0x00ff1020, 4)));
  put("train-labels-idx1-ubyte.gz", deflated(idx(8, {2}, big(0x0307, 2)), true));
  const data::Dataset train = data::load_mnist(folder.file(""));
  EXPECT_EQ(train.labels.to_vector<std::int64_t>(), (Rows{3, 7}));
  EXPECT_EQ(train.features().to_vector<float>()[1], 1.0f);
  EXPECT_THROW(data::load_mnist(folder.file(""), false), IoError);
  put("train-labels-idx1-ubyte", idx(8, {3}, big(0x030701, 3)));
  EXPECT_THROW(data::load_mnist(folder.file("")), IoError);
  EXPECT_THROW(data::load_digits(folder.file("none.npz")), IoError);
}

}  // namespace
}  // namespace twofold::test
