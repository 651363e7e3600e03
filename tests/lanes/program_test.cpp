#include "lane_test_support.h"
#include "twofold/error.h"

namespace twofold::lanes {
namespace {

constexpr Type f32 = Type::f32, f64 = Type::f64, i32 = Type::i32, b8 = Type::b8;

std::string printed(std::initializer_list<Type> inputs, const std::function<Lane(Lanes)>& body) {
  const Program p = build(inputs, body);
  p.verify();
  return p.print();
}

TEST(LaneProgram, PrintsInstructions) {
  EXPECT_EQ(printed({f32}, [](Lanes x) { return x[0] * sigmoid(x[0]); }),
            "%0 = input.f32 0 ; %1 = sigmoid.f32 %0 ; %2 = mul.f32 %0 %1 ; return %2");
  EXPECT_EQ(printed({f64}, [](Lanes x) { return x[0] + 1.5; }),
            "%0 = input.f64 0 ; %1 = constant.f64 1.5 ; %2 = add.f64 %0 %1 ; return %2");
  EXPECT_EQ(printed({}, [](Lanes x) { return convert(x.index(), i32) * x.uniform(1, i32); }),
            "%0 = uniform.i32 1 ; %1 = index.i64 ; %2 = convert.i32 %1 ; %3 = mul.i32 %0 %2 ; return %3");
}

TEST(LaneProgram, BuildsEqualInstructionsOnceAndDropsUnusedOnes) {
  EXPECT_EQ(printed({f32, f32},
                    [](Lanes x) {
                      const Lane unused = exp(x[0]);
                      (void)unused;
                      const Lane sum = x[0] + x[1], same = x[1] + x[0];
                      return sum * same;
                    }),
            "%0 = input.f32 0 ; %1 = input.f32 1 ; %2 = add.f32 %0 %1 ; %3 = mul.f32 %2 %2 ; return %3");
}

TEST(LaneProgram, DoesNotDependOnTheOrderOfBuilding) {
  const Program one = build({f32, f32}, [](Lanes x) {
    const Lane a = exp(x[0]), b = sin(x[1]);
    return (a * b) + (b * b) * a;
  });
  const Program other = build({f32, f32}, [](Lanes x) {
    const Lane b = sin(x[1]), square = b * b, a = exp(x[0]);
    const Lane second = a * square, first = b * a;
    return second + first;
  });
  EXPECT_EQ(one.print(), other.print());
  EXPECT_EQ(one, other);
}

TEST(LaneProgram, SimplifiesWhatKeepsBits) {
  const std::string same = "%0 = input.f32 0 ; return %0";
  EXPECT_EQ(printed({f32}, [](Lanes x) { return x[0] * 1.0; }), same);
  EXPECT_EQ(printed({f32}, [](Lanes x) { return 1.0 * x[0]; }), same);
  EXPECT_EQ(printed({f32}, [](Lanes x) { return x[0] / 1.0; }), same);
  EXPECT_EQ(printed({f32}, [](Lanes x) { return x[0] - 0.0; }), same);
  EXPECT_EQ(printed({f32}, [](Lanes x) { return x[0] + -0.0; }), same);
  EXPECT_EQ(printed({f32}, [](Lanes x) { return -(-x[0]); }), same);
  EXPECT_EQ(printed({f32}, [](Lanes x) { return convert(x[0], f32); }), same);
  EXPECT_EQ(printed({f32}, [](Lanes x) { return bitcast(bitcast(x[0], i32), f32); }), same);
  EXPECT_EQ(printed({f32}, [](Lanes x) { return select(x[0] < 0.0, x[0], x[0]); }), same);
  EXPECT_EQ(printed({}, [](Lanes x) { return x.constant(7, i32) * x.constant(-6, i32); }),
            "%0 = constant.i32 -42 ; return %0");
}

TEST(LaneProgram, KeepsWhatCouldChangeBits) {
  const auto count = [](const std::function<Lane(Lanes)>& body) {
    return build({f32}, body).instructions().size();
  };
  EXPECT_EQ(count([](Lanes x) { return x[0] + 0.0; }), 3u);  // -0 + 0 is +0
  EXPECT_EQ(count([](Lanes x) { return 0.0 - x[0]; }), 3u);
  EXPECT_EQ(count([](Lanes x) { return x[0] * 0.0; }), 3u);
  EXPECT_EQ(count([](Lanes x) { return x[0] - x[0]; }), 2u);
  EXPECT_EQ(count([](Lanes x) { return x.constant(1, f32) + x.constant(2, f32); }), 3u);
}

TEST(LaneProgram, RefusesWrongTypes) {
  const auto refused = [](std::initializer_list<Type> inputs, const std::function<Lane(Lanes)>& body) {
    EXPECT_THROW(build(inputs, body), InternalError);
  };
  refused({f32, f64}, [](Lanes x) { return x[0] + x[1]; });
  refused({i32}, [](Lanes x) { return sqrt(x[0]); });
  refused({b8, b8}, [](Lanes x) { return x[0] + x[1]; });
  refused({f32, f32}, [](Lanes x) { return x[0] & x[1]; });
  refused({f32}, [](Lanes x) { return select(x[0], x[0], x[0]); });
  refused({f32}, [](Lanes x) { return bitcast(x[0], f64); });
  refused({b8}, [](Lanes x) { return bitcast(x[0], Type::u8); });
  refused({i32}, [](Lanes x) { return exp(x[0]); });
  refused({f32}, [](Lanes x) { return x[1]; });
  refused({f32}, [](Lanes x) { return shl(x[0], x[0]); });
}

TEST(LaneProgram, RefusesLanesOfAnotherProgram) {
  const Type types[] = {f32};
  Builder one(types), other(types);
  EXPECT_THROW(one.append(Opcode::add, {one.input(0), other.input(0)}), InternalError);
  EXPECT_THROW(one.finish(other.input(0)), InternalError);
}

TEST(LaneProgram, VerifyRefusesAnEmptyProgram) { EXPECT_THROW(Program().verify(), InternalError); }

TEST(LaneProgram, CountsInputsAndUniforms) {
  const Program p = build({f32, f32, f32}, [](Lanes x) { return x[0] * x[2] + x.uniform(3, f32); });
  EXPECT_EQ(p.inputs(), 3);
  EXPECT_TRUE(p.uses_input(0));
  EXPECT_FALSE(p.uses_input(1));
  EXPECT_TRUE(p.uses_input(2));
  EXPECT_EQ(p.uniforms(), 4);
}

TEST(LaneProgram, LowerLeavesOnlyPrimitiveInstructions) {
  for (Type type : {f32, f64})
    for (int op = static_cast<int>(Opcode::exp); op < opcode_count; ++op) {
      const Program p = build({type, type}, [&](Lanes x) {
        const bool two = arity_of(static_cast<Opcode>(op)) == 2;
        return two ? x.builder->append(static_cast<Opcode>(op), {x[0], x[1]})
                   : x.builder->append(static_cast<Opcode>(op), {x[0]});
      });
      const Program lowered = lower(p);
      lowered.verify();
      EXPECT_EQ(lowered.result_type(), type);
      for (const Instr& i : lowered.instructions()) EXPECT_FALSE(is_named(i.op)) << p.print();
    }
}

}  // namespace
}  // namespace twofold::lanes
