#include "io/files.h"
#include "twofold/ops.h"

namespace twofold::test {
namespace {

TEST(Npy, WritesWhatNumPyWrites) {
  const Tensor x = tensor<float>({1, 2, 3, 4, 5, -0.5f}, Shape{2, 3});
  Bytes elements;
  for (std::uint32_t bits : {0x3f800000u, 0x40000000u, 0x40400000u, 0x40800000u, 0x40a00000u, 0xbf000000u})
    elements = elements + little(bits, 4);
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  header.append(117 - header.size(), ' ');  // 10 bytes before it and the newline make 128
  expect_bytes(encode_npy(x), npy(header + "\n", elements));
}

TEST(Npy, HeadersOfEveryDtype) {
  const struct {
    Dtype dtype;
    const char* descr;
  } rows[] = {{bool_, "'|b1'"}, {u8, "'|u1'"},  {i8, "'|i1'"},  {i16, "'<i2'"}, {i32, "'<i4'"},
              {i64, "'<i8'"},   {f16, "'<f2'"}, {f32, "'<f4'"}, {f64, "'<f8'"}};
  for (const auto& row : rows) {
    const Tensor x = ones({5}, row.dtype);
    const Bytes file = encode_npy(x);
    const std::string text(reinterpret_cast<const char*>(file.data()), 128);
    EXPECT_NE(text.find(std::string("{'descr': ") + row.descr + ", 'fortran_order': False, 'shape': (5,), }"),
              text.npos)
        << text;
    EXPECT_EQ(file.size(), 128 + 5 * size_of(row.dtype));
    const Tensor back = decode_npy(file, "f");
    EXPECT_EQ(back.dtype(), row.dtype);
    expect_bytes(encode_npy(back), file);
  }
}

TEST(Npy, ShapesComeBack) {
  for (const Dims& shape : {Dims{}, Dims{0}, Dims{1}, Dims{3, 0, 2}, Dims{1, 2, 1, 2, 1, 2, 1, 2}}) {
    const Tensor back = decode_npy(encode_npy(zeros(shape, i16)), "f");
    EXPECT_EQ(back.shape().dims(), shape);
  }
}

TEST(Npy, ReadsEveryVersionOrderAndSpelling) {
  const Bytes one_two = little(1, 2) + little(2, 2), swapped = big(1, 2) + big(2, 2);
  const struct {
    const char* dictionary;
    Bytes elements;
    int major;
  } rows[] = {
      {"{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }\n", one_two, 1},
      {"{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }\n", one_two, 2},
      {"{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }\n", one_two, 3},
      {"{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }\n", swapped, 1},
      {"{'descr': '>i2', 'fortran_order': True, 'shape': (2,), }\n", swapped, 1},
      {"{\"shape\":(2,),\"descr\":\"<i2\",\"fortran_order\":True}", one_two, 1},
      {"  {  'shape' : ( 2 , ) , 'descr' : '<i2' , 'fortran_order' : False } \n\n", one_two, 1},
  };
  for (const auto& row : rows) {
    const Tensor x = decode_npy(npy(row.dictionary, row.elements, row.major), "f");
    EXPECT_EQ(x.to_vector<std::int16_t>(), (std::vector<std::int16_t>{1, 2})) << row.dictionary;
  }
}

TEST(Npy, FortranOrderIsColumnMajor) {
  const std::vector<std::int16_t> want = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};  // [2,3,2]
  for (bool swap : {false, true}) {
    Bytes elements;
    for (int k = 0; k < 2; ++k)
      for (int j = 0; j < 3; ++j)
        for (int i = 0; i < 2; ++i) {
          const auto value = static_cast<unsigned>(i * 6 + j * 2 + k);
          elements = elements + (swap ? big(value, 2) : little(value, 2));
        }
    const std::string dictionary = std::string("{'descr': '") + (swap ? '>' : '<') +
                                   "i2', 'fortran_order': True, 'shape': (2, 3, 2), }\n";
    const Tensor x = decode_npy(npy(dictionary, elements), "f");
    EXPECT_EQ(x.shape(), (Shape{2, 3, 2}));
    EXPECT_EQ(x.to_vector<std::int16_t>(), want);
  }
}

TEST(Npy, AViewIsWrittenRowByRow) {
  const Tensor x = tensor<std::int32_t>({1, 2, 3, 4, 5, 6}, Shape{2, 3});
  const Tensor back = decode_npy(encode_npy(transpose(x)), "f");
  EXPECT_EQ(back.shape(), (Shape{3, 2}));
  EXPECT_EQ(back.to_vector<std::int32_t>(), (std::vector<std::int32_t>{1, 4, 2, 5, 3, 6}));
}

TEST(Npy, EveryNanIsWrittenAlike) {
  const struct {
    Dtype dtype;
    std::uint64_t bits, want;
  } rows[] = {{f16, 0xfe01, 0x7e00},
              {f16, 0x7c01, 0x7e00},
              {f16, 0xfc00, 0xfc00},
              {f32, 0xffc00001, 0x7fc00000},
              {f32, 0x7f800001, 0x7fc00000},
              {f32, 0xff800000, 0xff800000},
              {f64, 0xfff8000000000001, 0x7ff8000000000000},
              {f64, 0x7ff0000000000000, 0x7ff0000000000000}};
  for (const auto& row : rows) {
    const int size = static_cast<int>(size_of(row.dtype));
    const Bytes bits = little(row.bits, size);
    const Bytes file = encode_npy(from_values(bits.data(), row.dtype, Shape{1}));
    expect_bytes({file.end() - size, file.end()}, little(row.want, size));
  }
}

TEST(Npy, RefusesWhatNumPyHasNoNameFor) {
  EXPECT_THROW(encode_npy(zeros({2}, bf16)), DtypeError);
  EXPECT_THROW(encode_npy(Tensor()), ValueError);
}

TEST(Npy, FilesOnDisk) {
  const Folder folder;
  const std::string path = folder.file("x.npy");
  save_npy(path, tensor<double>({1.5, 2.5}));
  EXPECT_EQ(load_npy(path).to_vector<double>(), (std::vector<double>{1.5, 2.5}));
  save_npy(path, tensor<double>({3.5}));  // replaces
  EXPECT_EQ(load_npy(path).to_vector<double>(), (std::vector<double>{3.5}));
  for (const std::string& bad : {folder.file("none.npy"), folder.file(""), folder.file("none/x.npy")})
    EXPECT_THROW(load_npy(bad), IoError);
  EXPECT_THROW(save_npy(folder.file("none/x.npy"), tensor(1.0)), IoError);
}

}  // namespace
}  // namespace twofold::test
