#include "io/files.h"

namespace twofold::test {
namespace {

TEST(Idx, EveryDtype) {
  const struct {
    int code;
    Dtype dtype;
    Bytes one_two;
  } rows[] = {
      {0x08, u8, big(1, 1) + big(2, 1)},
      {0x09, i8, big(1, 1) + big(2, 1)},
      {0x0b, i16, big(1, 2) + big(2, 2)},
      {0x0c, i32, big(1, 4) + big(2, 4)},
      {0x0d, f32, big(0x3f800000, 4) + big(0x40000000, 4)},
      {0x0e, f64, big(0x3ff0000000000000, 8) + big(0x4000000000000000, 8)},
  };
  for (const auto& row : rows) {
    const Tensor x = decode_idx(idx(row.code, {2, 1}, row.one_two), "f");
    EXPECT_EQ(x.dtype(), row.dtype);
    EXPECT_EQ(x.shape(), (Shape{2, 1}));
    EXPECT_EQ(x.to(f64).to_vector<double>(), (std::vector<double>{1, 2}));
  }
}

TEST(Idx, EmptyDimensionsAreFine) {
  EXPECT_EQ(decode_idx(idx(8, {0, 28, 28}, {}), "f").shape(), (Shape{0, 28, 28}));
}

}  // namespace
}  // namespace twofold::test
