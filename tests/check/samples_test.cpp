#include "check/samples.h"

#include <gtest/gtest.h>

namespace twofold::check {
namespace {

using core::Op;

const Op readable{.name = "readable",
                  .sig = "x: any, axes: ints = [1,-2], keep: flag = false, rate: real = 0.5, to: dtype = f16",
                  .samples =
                      "f32[3,4]:strided; axes=[0], keep=true | u8[]:below7, bool[0] ; rate=-2.5e1, to=i8 | "
                      "!i64[2]:special -> shape"};

TEST(Samples, ReadOperandsAndAttributes) {
  const std::vector<Sample> s = parse_samples(readable);
  ASSERT_EQ(s.size(), 3u);
  EXPECT_EQ(s[0].operands[0].shape, (Shape{3, 4}));
  EXPECT_TRUE(s[0].operands[0].strided);
  EXPECT_EQ(s[0].attrs.dims(0), (Dims{0}));
  EXPECT_TRUE(s[0].attrs.flag(1));
  EXPECT_EQ(s[1].operands.size(), 2u);
  EXPECT_EQ(s[1].operands[0].below, 7);
  EXPECT_EQ(s[1].operands[1].dtype, bool_);
  EXPECT_EQ(s[1].attrs.dims(0), (Dims{1, -2}));
  EXPECT_EQ(s[1].attrs.real(2), -25);
  EXPECT_EQ(s[1].attrs.dtype(3), i8);
  EXPECT_TRUE(s[2].refused);
  EXPECT_EQ(s[2].kind, "shape");
  EXPECT_EQ(s[2].operands[0].range, Range::special);
}

TEST(Samples, RefuseWhatCannotBeRead) {
  const char* const texts[] = {
      nullptr,
      "",
      "f32",
      "f33[2]",
      "f32[2",
      "f32[a]",
      "f32[2]:odd",
      "f32[2]:belowx",
      "f32[2]; speed=1",
      "f32[2]; keep=maybe",
      "f32[2]; rate=fast",
      "f32[2]; axes=1",
      "!f32[2]",
      "!f32[2] -> ",
  };
  for (const char* text : texts) {
    const Op op{.name = "unreadable",
                .sig = "x: any, axes: ints = [], keep: flag = false, rate: real = 0",
                .samples = text};
    EXPECT_THROW(parse_samples(op), Error) << (text ? text : "(none)");
  }
  const Op needs{.name = "needs", .sig = "x: any, axis: int", .samples = "f32[2]"};
  EXPECT_THROW(parse_samples(needs), ValueError);
}

}  // namespace
}  // namespace twofold::check
