// Compressed files: what zlib packs, the readers unpack. Also the packing that other tests use.
#include <zlib.h>

#include "io/files.h"

namespace twofold::test {

Bytes deflated(const Bytes& bytes, bool gzip) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 9, Z_DEFLATED, gzip ? 15 + 16 : -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  Bytes out(deflateBound(&z, bytes.size()));
  z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::uint32_t crc_of(const Bytes& bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

Bytes deflated_npz(const std::string& name, const Bytes& packed, std::uint32_t crc, std::uint64_t size) {
  const Bytes fields = little(20, 2) + little(0, 2) + little(8, 2) + little(0, 2) + little(0x21, 2) +
                       little(crc, 4) + little(packed.size(), 4) + little(size, 4) + little(name.size(), 2) +
                       little(0, 2);
  const Bytes body = little(0x04034b50, 4) + fields + bytes_of(name) + packed;
  const Bytes directory = little(0x02014b50, 4) + little(20, 2) + fields + zeros_of(14) + bytes_of(name);
  return body + directory + little(0x06054b50, 4) + zeros_of(4) + little(1, 2) + little(1, 2) +
         little(directory.size(), 4) + little(body.size(), 4) + little(0, 2);
}

namespace {

// Longer than the inflater's chunks, and not periodic in them.
Tensor long_array() {
  std::vector<std::int32_t> values(700001);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int32_t>(i * i % 1009);
  return tensor(values, Shape{700001});
}

TEST(Deflate, AnEntryUnpacksToWhatWasPacked) {
  const Bytes content = encode_npy(long_array());
  const Bytes archive = deflated_npz("x.npy", deflated(content, false), crc_of(content), content.size());
  const NamedTensors read = decode_npz(archive, "f");
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].first, "x");
  EXPECT_EQ(read[0].second.to_vector<std::int32_t>(), long_array().to_vector<std::int32_t>());
}

TEST(Deflate, AGzippedIdxFileReadsLikeThePlainOne) {
  Bytes elements;
  for (int i = 0; i < 3000; ++i) elements.push_back(static_cast<std::byte>(i % 251));
  const Bytes plain = idx(8, {30, 10, 10}, elements);
  const Tensor want = decode_idx(plain, "f"), got = decode_idx(deflated(plain, true), "f.gz");
  EXPECT_EQ(got.shape(), (Shape{30, 10, 10}));
  EXPECT_EQ(got.to_vector<std::uint8_t>(), want.to_vector<std::uint8_t>());
}

}  // namespace
}  // namespace twofold::test
