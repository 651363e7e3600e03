#include "check/fuzz.h"

#include <gtest/gtest.h>

#include "check/fuzz_run.h"

namespace twofold::check {
namespace {

// A fixed seed: a chance find must not stop unrelated work.
TEST(Fuzz, BothModesAgreeOnFiveThousandPrograms) { EXPECT_EQ(run_fuzz({.programs = 5000, .seed = 1}), 0); }

TEST(Fuzz, AProgramIsAFixedFunctionOfSeedAndNumber) {
  for (std::int64_t k : {0, 7, 77}) EXPECT_EQ(to_string(make_program(3, k)), to_string(make_program(3, k)));
  EXPECT_NE(to_string(make_program(3, 0)), to_string(make_program(4, 0)));
}

TEST(Fuzz, AMistakeIsRefusedAlikeInBothModes) {
  FuzzProgram p;
  p.runs = 1;
  p.inputs = {{Role::feed, {f32, Shape{2}}, 1}, {Role::feed, {f32, Shape{3}}, 2}};
  Instruction add, after;
  add.op = &core::find_op("add"), add.operands = {0, 1};
  after.op = &core::find_op("exp"), after.operands = {2};
  p.body = {add, after};
  EXPECT_EQ(check_program(p).failure.text, "");
  EXPECT_EQ(p.body.size(), 1u) << "cut after the instruction that is refused";
}

}  // namespace
}  // namespace twofold::check
