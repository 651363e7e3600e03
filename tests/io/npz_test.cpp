#include "io/files.h"
#include "twofold/ops.h"

namespace twofold::test {
namespace {

NamedTensors two() {
  return {{"b.weight", tensor<float>({1, 2})}, {"a", tensor<std::int64_t>({3}, Shape{1, 1})}};
}

TEST(Npz, KeepsOrderNamesAndValues) {
  const NamedTensors back = decode_npz(encode_npz(two()), "f");
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].first, "b.weight");
  EXPECT_EQ(back[1].first, "a");
  EXPECT_EQ(back[0].second.to_vector<float>(), (std::vector<float>{1, 2}));
  EXPECT_EQ(back[1].second.shape(), (Shape{1, 1}));
  EXPECT_TRUE(decode_npz(encode_npz({}), "f").empty());
}

TEST(Npz, EqualContentsGiveEqualBytes) {
  expect_bytes(encode_npz(two()), encode_npz(two()));
  expect_bytes(encode_npz(decode_npz(encode_npz(two()), "f")), encode_npz(two()));
}

TEST(Npz, EveryByteOfASmallArchive) {
  const Bytes content = encode_npy(tensor<std::uint8_t>({7}));
  const Bytes fields = little(20, 2) + little(0x800, 2) + little(0, 2) + little(0, 2) + little(0x21, 2) +
                       little(crc_of(content), 4) + little(129, 4) + little(129, 4) + little(5, 2) +
                       little(0, 2);
  const Bytes body = bytes_of("PK\x03\x04") + fields + bytes_of("x.npy") + content;
  const Bytes directory = bytes_of("PK\x01\x02") + little(20, 2) + fields + zeros_of(14) + bytes_of("x.npy");
  expect_bytes(encode_npz({{"x", tensor<std::uint8_t>({7})}}),
               body + directory + bytes_of("PK\x05\x06") + zeros_of(4) + little(1, 2) + little(1, 2) +
                   little(directory.size(), 4) + little(body.size(), 4) + zeros_of(2));
}

TEST(Npz, RefusesNamesThatWouldNotComeBack) {
  const Tensor x = tensor(1.0);
  EXPECT_THROW(encode_npz({{"", x}}), ValueError);
  EXPECT_THROW(encode_npz({{"x", x}, {"x", x}}), ValueError);
  EXPECT_THROW(encode_npz({{std::string(70000, 'x'), x}}), ValueError);
}

TEST(Npz, FilesOnDisk) {
  const Folder folder;
  save_npz(folder.file("x.npz"), two());
  expect_bytes(encode_npz(load_npz(folder.file("x.npz"))), encode_npz(two()));
  EXPECT_THROW(load_npz(folder.file("none.npz")), IoError);
}

TEST(Restore, WritesIntoTheTensorsThatAreThere) {
  const Tensor w = parameter(zeros({2})), b = buffer(zeros({1, 1}, i64));
  restore({{"a", b}, {"b.weight", w}}, two());
  EXPECT_EQ(w.to_vector<float>(), (std::vector<float>{1, 2}));
  EXPECT_EQ(b.to_vector<std::int64_t>(), (std::vector<std::int64_t>{3}));
}

TEST(Restore, RefusesWhatDoesNotMatchAndWritesNothing) {
  const Tensor w = zeros({2}), a = zeros({1, 1}, i64);
  EXPECT_THROW(restore({{"b.weight", w}}, two()), ValueError);
  EXPECT_THROW(restore({{"b.weight", w}, {"a", a}, {"c", a}}, two()), ValueError);
  EXPECT_THROW(restore({{"b.weight", w}, {"c", a}}, two()), ValueError);
  EXPECT_THROW(restore({{"b.weight", w}, {"a", zeros({1}, i64)}}, two()), ShapeError);
  EXPECT_THROW(restore({{"b.weight", w}, {"a", zeros({1, 1}, i32)}}, two()), DtypeError);
  EXPECT_EQ(w.to_vector<float>(), (std::vector<float>{0, 0}));
}

}  // namespace
}  // namespace twofold::test
