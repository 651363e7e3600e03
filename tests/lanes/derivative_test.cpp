#include "lane_test_support.h"
#include "twofold/error.h"

namespace twofold::lanes {
namespace {

constexpr Type f32 = Type::f32, f64 = Type::f64;
using Body = std::function<Lane(Lanes)>;

double value_of(const Program& p, std::vector<double> arguments) {
  double out = 0;
  const std::vector<Dtype> dtypes(arguments.size(), Dtype::f64);
  std::vector<Operand> in;
  for (double& a : arguments) in.push_back({&a, 8});
  run(Executable(p, dtypes, Dtype::f64), in, {}, {&out, 8}, 1);
  return out;
}

// d p / d x_i at `at`; the derivative program also takes y and g.
double slope(const Program& p, int i, std::vector<double> at) {
  const Program d = p.vjp(i);
  if (d.empty()) return 0;
  d.verify();
  const double y = value_of(p, at);
  at.push_back(y), at.push_back(1);
  return value_of(d, at);
}

double difference(const Program& p, int i, std::vector<double> at) {
  const double h = 1e-6 * std::max(1.0, std::fabs(at[i]));
  std::vector<double> up = at, down = at;
  up[i] += h, down[i] -= h;
  return (value_of(p, up) - value_of(p, down)) / (2 * h);
}

struct Row {
  const char* name;
  Body body;
  std::vector<std::vector<double>> points;
};

const std::vector<std::vector<double>> anywhere = {{-1.3, 0.7, 0.4}, {0.2, -2.1, 1.5}, {2.6, 1.1, -0.3}};
const std::vector<std::vector<double>> positive = {{0.3, 0.7, 0.4}, {1.2, 2.1, 1.5}, {5.5, 1.7, 0.9}};

const std::vector<std::vector<double>> within = {{-0.6, 0.7, 0.4}, {0.05, 0.1, 0.5}, {0.8, 0.7, 0.9}};

const Row rows[] = {
    {"add", [](Lanes x) { return x[0] + x[1]; }, anywhere},
    {"sub", [](Lanes x) { return x[0] - x[1]; }, anywhere},
    {"mul", [](Lanes x) { return x[0] * x[1]; }, anywhere},
    {"div", [](Lanes x) { return x[0] / x[1]; }, anywhere},
    {"fmod", [](Lanes x) { return fmod(x[0], x[1]); }, anywhere},
    {"fma", [](Lanes x) { return fma(x[0], x[1], x[2]); }, anywhere},
    {"neg", [](Lanes x) { return -x[0]; }, anywhere},
    {"abs", [](Lanes x) { return abs(x[0]); }, anywhere},
    {"min", [](Lanes x) { return min(x[0], x[1]); }, anywhere},
    {"max", [](Lanes x) { return max(x[0], x[1]); }, anywhere},
    {"sqrt", [](Lanes x) { return sqrt(x[0]); }, positive},
    {"floor", [](Lanes x) { return floor(x[0]) * x[1]; }, anywhere},
    {"select", [](Lanes x) { return select(x[0] < x[1], x[0] * x[2], x[1]); }, anywhere},
    {"convert", [](Lanes x) { return convert(convert(x[0] * x[0], f32), f64) * x[1]; }, {}},
    {"exp", [](Lanes x) { return exp(x[0]); }, anywhere},
    {"expm1", [](Lanes x) { return expm1(x[0]); }, anywhere},
    {"log", [](Lanes x) { return log(x[0]); }, positive},
    {"log1p", [](Lanes x) { return log1p(x[0]); }, positive},
    {"sin", [](Lanes x) { return sin(x[0]); }, anywhere},
    {"cos", [](Lanes x) { return cos(x[0]); }, anywhere},
    {"tanh", [](Lanes x) { return tanh(x[0]); }, anywhere},
    {"sigmoid", [](Lanes x) { return sigmoid(x[0]); }, anywhere},
    {"erf", [](Lanes x) { return erf(x[0]); }, anywhere},
    {"erfc", [](Lanes x) { return erfc(x[0]); }, anywhere},
    {"rsqrt", [](Lanes x) { return rsqrt(x[0]); }, positive},
    {"pow", [](Lanes x) { return pow(x[0], x[1]); }, positive},
    {"tan", [](Lanes x) { return tan(x[0]); }, anywhere},
    {"asin", [](Lanes x) { return asin(x[0]); }, within},
    {"acos", [](Lanes x) { return acos(x[0]); }, within},
    {"atan", [](Lanes x) { return atan(x[0]); }, anywhere},
    {"atan2", [](Lanes x) { return atan2(x[0], x[1]); }, anywhere},
    {"sinh", [](Lanes x) { return sinh(x[0]); }, anywhere},
    {"cosh", [](Lanes x) { return cosh(x[0]); }, anywhere},
    {"asinh", [](Lanes x) { return asinh(x[0]); }, anywhere},
    {"acosh", [](Lanes x) { return acosh(x[0] + 1.0); }, positive},
    {"atanh", [](Lanes x) { return atanh(x[0]); }, within},
    {"exp2", [](Lanes x) { return exp2(x[0]); }, anywhere},
    {"log2", [](Lanes x) { return log2(x[0]); }, positive},
    {"log10", [](Lanes x) { return log10(x[0]); }, positive},
    {"lgamma", [](Lanes x) { return lgamma(x[0]); }, anywhere},
    {"digamma", [](Lanes x) { return polygamma(x[0], 0); }, anywhere},
    {"trigamma", [](Lanes x) { return polygamma(x[0], 1); }, positive},
    {"silu", [](Lanes x) { return x[0] * sigmoid(x[0]); }, anywhere},
    {"gelu", [](Lanes x) { return x[0] * (erf(x[0] * 0.7071067811865476) + 1.0) * 0.5; }, anywhere},
    {"mixed", [](Lanes x) { return exp(x[0] * x[1]) / (x[2] * x[2] + 1.0) - tanh(x[0]); }, anywhere},
};

TEST(LaneDerivative, FirstOrderAgreesWithDifferences) {
  for (const Row& row : rows) {
    const Program p = build({f64, f64, f64}, row.body);
    for (const auto& at : row.points)
      for (int i = 0; i < 3; ++i) {
        const double want = difference(p, i, at), got = slope(p, i, at);
        EXPECT_NEAR(got, want, 1e-7 * std::max(1.0, std::fabs(want))) << row.name << " by x" << i;
      }
  }
}

// The total derivative of g * dp/dx_i, whose operands are x, y and g, has a part through y.
TEST(LaneDerivative, SecondOrderAgreesWithDifferences) {
  for (const Row& row : rows) {
    const Program p = build({f64, f64, f64}, row.body);
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j)
        for (const auto& at : row.points) {
          const Program d = p.vjp(i);
          if (d.empty()) continue;
          std::vector<double> inner = at;
          inner.push_back(value_of(p, at)), inner.push_back(1);
          const double got = slope(d, j, inner) + slope(d, 3, inner) * slope(p, j, at);
          std::vector<double> up = at, down = at;
          up[j] += 1e-5, down[j] -= 1e-5;
          const double want = (slope(p, i, up) - slope(p, i, down)) / 2e-5;
          EXPECT_NEAR(got, want, 1e-6 * std::max(1.0, std::fabs(want))) << row.name << " x" << i << " x" << j;
        }
  }
}

TEST(LaneDerivative, ReadsTheResultInsteadOfComputingIt) {
  const Program tanh_slope = build({f32}, [](Lanes x) { return tanh(x[0]); }).vjp(0);
  EXPECT_EQ(tanh_slope.print(),
            "%0 = input.f32 2 ; %1 = constant.f32 1 ; %2 = input.f32 1 ; %3 = mul.f32 %2 %2 ; "
            "%4 = sub.f32 %1 %3 ; %5 = mul.f32 %0 %4 ; return %5");
  EXPECT_FALSE(tanh_slope.uses_input(0));
  const Program product = build({f32, f32}, [](Lanes x) { return x[0] * x[1]; });
  EXPECT_FALSE(product.vjp(0).uses_input(0));
  EXPECT_TRUE(product.vjp(0).uses_input(1));
  EXPECT_FALSE(product.vjp(0).uses_input(2));
  const Program silu = build({f32}, [](Lanes x) { return x[0] * sigmoid(x[0]); });
  EXPECT_FALSE(silu.vjp(0).uses_input(1));
}

TEST(LaneDerivative, SumsTermsInOrderOfInstruction) {
  const Program p = build({f32}, [](Lanes x) { return (exp(x[0]) - sin(x[0])) - log(x[0]); });
  EXPECT_EQ(p.print(),
            "%0 = input.f32 0 ; %1 = exp.f32 %0 ; %2 = sin.f32 %0 ; %3 = sub.f32 %1 %2 ; %4 = log.f32 %0 ; "
            "%5 = sub.f32 %3 %4 ; return %5");
  EXPECT_EQ(p.vjp(0).print(),
            "%0 = input.f32 2 ; %1 = neg.f32 %0 ; %2 = input.f32 0 ; %3 = div.f32 %1 %2 ; %4 = cos.f32 %2 ; "
            "%5 = mul.f32 %1 %4 ; %6 = exp.f32 %2 ; %7 = mul.f32 %0 %6 ; %8 = add.f32 %5 %7 ; "
            "%9 = add.f32 %3 %8 ; return %9");
}

TEST(LaneDerivative, TiesAndKinks) {
  const Program least = build({f64, f64}, [](Lanes x) { return min(x[0], x[1]); });
  EXPECT_EQ(slope(least, 0, {2, 2}), 0.5);
  EXPECT_EQ(slope(least, 1, {2, 2}), 0.5);
  EXPECT_EQ(slope(least, 0, {1, 2}), 1);
  EXPECT_EQ(slope(least, 1, {1, 2}), 0);
  const Program size = build({f64}, [](Lanes x) { return abs(x[0]); });
  EXPECT_EQ(slope(size, 0, {0}), 0);
  EXPECT_EQ(slope(size, 0, {-3}), -1);
  const Program power = build({f64, f64}, [](Lanes x) { return pow(x[0], x[1]); });
  EXPECT_EQ(slope(power, 0, {0, 0}), 0);
  EXPECT_EQ(slope(power, 0, {0, 2}), 0);
  EXPECT_EQ(slope(power, 1, {0, 2}), 0);
  EXPECT_EQ(slope(power, 0, {-3, 2}), -6);
}

TEST(LaneDerivative, ConvertsTheGradientBack) {
  const Program p = build({f32}, [](Lanes x) { return convert(x[0], f64); });
  const Program d = p.vjp(0);
  d.verify();
  EXPECT_EQ(d.print(), "%0 = input.f64 2 ; %1 = convert.f32 %0 ; return %1");
}

TEST(LaneDerivative, IsZeroWhereTheResultOnlySteps) {
  const char* zero = "%0 = constant.f32 0 ; return %0";
  EXPECT_EQ(build({f32}, [](Lanes x) { return floor(x[0]); }).vjp(0).print(), zero);
  EXPECT_EQ(build({f32}, [](Lanes x) { return convert(x[0] < 1.0, f32); }).vjp(0).print(), zero);
}

TEST(LaneDerivative, IsEmptyWithoutAPath) {
  EXPECT_TRUE(build({f32, f32}, [](Lanes x) { return x[1] * 2.0; }).vjp(0).empty());
  EXPECT_TRUE(build({f32}, [](Lanes x) { return x[0] < 1.0; }).vjp(0).empty());
  EXPECT_TRUE(build({Type::i32}, [](Lanes x) { return convert(x[0], f32) * 2.0; }).vjp(0).empty());
  EXPECT_TRUE(
      build({f32}, [](Lanes x) { return bitcast(bitcast(x[0], Type::i32), f32) + 0.0; }).vjp(0).print() !=
      "return 0");  // a bitcast there and back is x itself
  EXPECT_EQ(build({f32}, [](Lanes x) { return x[0]; }).vjp(0).print(), "%0 = input.f32 2 ; return %0");
  EXPECT_THROW(build({f32}, [](Lanes x) { return x[0]; }).vjp(1), InternalError);
}

}  // namespace
}  // namespace twofold::lanes
