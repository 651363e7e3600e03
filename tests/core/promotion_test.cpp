// Promotion against PyTorch's table (recorded from torch 2.x: torch.promote_types).
#include <gtest/gtest.h>

#include "core/promote.h"
#include "twofold/ops.h"

namespace twofold {
namespace {

struct Row {
  Dtype a, b, expected;
};

TEST(Promotion, FollowsPyTorch) {
  constexpr Row rows[] = {
      {u8, i8, i16},     {u8, i16, i16},   {i8, i16, i16},    {u8, i32, i32},
      {i32, i64, i64},   {bool_, u8, u8},  {bool_, f16, f16}, {i64, f16, f16},
      {i64, bf16, bf16}, {f16, bf16, f32}, {f16, f32, f32},   {f32, f64, f64},
      {i64, f32, f32},   {u8, f64, f64},   {bool_, i64, i64}, {bf16, f64, f64},
  };
  for (const Row& r : rows) {
    EXPECT_EQ(promote(r.a, r.b), r.expected) << name_of(r.a) << " " << name_of(r.b);
    EXPECT_EQ(promote(r.b, r.a), r.expected) << name_of(r.b) << " " << name_of(r.a);
  }
}

TEST(Promotion, NumbersAndScalarsOnlyRaiseTheCategory) {
  const Tensor i = tensor({1, 2}), h = tensor({1.5f, 2.5f}).to(f16), scalar = tensor(2.0),
               number_f64 = tensor({1.0, 2.0});
  EXPECT_EQ((i + 1).dtype(), i32);
  EXPECT_EQ((i + 1.5).dtype(), f32);
  EXPECT_EQ((h + 1.5).dtype(), f16);
  EXPECT_EQ((h + scalar).dtype(), f16);
  EXPECT_EQ((h + number_f64).dtype(), f64);
  EXPECT_EQ((i / 2).dtype(), f32);
  EXPECT_EQ((i + scalar).dtype(), f64);
}

TEST(Promotion, TheDefaultFloatIsWhatNumbersAndQuotientsOfIntegersAre) {
  core::set_default_float(f64);
  EXPECT_EQ((tensor({1, 2}) + 1.5).dtype(), f64);
  EXPECT_EQ((tensor({1, 2}) / 2).dtype(), f64);
  EXPECT_EQ((tensor({1.0f}) + 1.5).dtype(), f32);
  core::set_default_float(f32);
}

TEST(Promotion, CompositionsOfHalvesGiveHalves) {
  for (Dtype half : {f16, bf16}) {
    const Tensor x = full({2, 2}, 1.5, half), v = full({2}, 1.5, half);
    for (const Tensor& t : {matmul(x, x), matmul(x, v), matmul(v, v), softmax(x), std(x)})
      EXPECT_EQ(t.dtype(), half);
    EXPECT_EQ(matmul(x, x.to(f32)).dtype(), f32);
  }
  EXPECT_EQ(matmul(ones({1, 1}, f16), ones({1, 1}, bf16)).dtype(), f32);
}

TEST(Promotion, StrictDtypesRefuseMixtures) {
  const StrictDtypes strict;
  EXPECT_THROW(add(tensor({1, 2}), tensor({1.0f, 2.0f})), DtypeError);
  EXPECT_THROW(add(tensor({1, 2}), 1.5), DtypeError);
  EXPECT_EQ(add(tensor({1.0f, 2.0f}), 1).dtype(), f32);
}

}  // namespace
}  // namespace twofold
