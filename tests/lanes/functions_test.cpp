// Accuracy of the named functions on samples, and C99's special values.
#include <numbers>

#include "lane_test_support.h"
#include "lanes/accuracy.h"

namespace twofold::lanes {
namespace {

struct Bound {
  Opcode function;
  double f32, f64;  // units in the last place
};
constexpr Bound bounds[] = {
    {Opcode::exp, 1, 1},         {Opcode::expm1, 0.51, 2},   {Opcode::log, 1, 1},
    {Opcode::log1p, 0.51, 1},    {Opcode::sin, 0.51, 1},     {Opcode::cos, 0.51, 1},
    {Opcode::tanh, 2, 2},        {Opcode::sigmoid, 2, 2},    {Opcode::erf, 0.51, 2},
    {Opcode::erfc, 0.51, 4},     {Opcode::rsqrt, 1.5, 1.5},  {Opcode::pow, 0.51, 1.5},
    {Opcode::tan, 0.51, 1},      {Opcode::asin, 0.51, 0.7},  {Opcode::acos, 0.51, 0.7},
    {Opcode::atan, 0.51, 0.7},   {Opcode::atan2, 0.51, 0.8}, {Opcode::sinh, 0.51, 1.6},
    {Opcode::cosh, 0.51, 1.4},   {Opcode::asinh, 0.51, 1.5}, {Opcode::acosh, 0.51, 1.5},
    {Opcode::atanh, 0.51, 0.9},  {Opcode::exp2, 0.51, 1},    {Opcode::log2, 0.51, 0.51},
    {Opcode::log10, 0.51, 0.51}, {Opcode::lgamma, 0.51, 3},  {Opcode::polygamma, 0.51, 3},
};

TEST(LaneFunctions, StayWithinTheirBounds) {
  for (const Bound& b : bounds) {
    const Accuracy single = measure_accuracy(b.function, Type::f32, 1 << 20);
    EXPECT_LE(single.max_ulp, b.f32) << name_of(b.function) << " f32 at " << single.worst[0] << ", "
                                     << single.worst[1];
    const Accuracy wide = measure_accuracy(b.function, Type::f64, 1 << 17);
    EXPECT_LE(wide.max_ulp, b.f64) << name_of(b.function) << " f64 at " << wide.worst[0] << ", "
                                   << wide.worst[1];
  }
}

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double half_pi = std::numbers::pi / 2;

struct Special {
  Opcode function;
  double x, result;
};
constexpr Special specials[] = {
    {Opcode::exp, 0, 1},
    {Opcode::exp, -0.0, 1},
    {Opcode::exp, -inf, 0},
    {Opcode::exp, inf, inf},
    {Opcode::exp, nan, nan},
    {Opcode::exp, 1e4, inf},
    {Opcode::exp, -1e4, 0},
    {Opcode::expm1, 0, 0},
    {Opcode::expm1, -0.0, -0.0},
    {Opcode::expm1, -inf, -1},
    {Opcode::expm1, inf, inf},
    {Opcode::expm1, nan, nan},
    {Opcode::log, 1, 0},
    {Opcode::log, 0, -inf},
    {Opcode::log, -0.0, -inf},
    {Opcode::log, -1, nan},
    {Opcode::log, -inf, nan},
    {Opcode::log, inf, inf},
    {Opcode::log, nan, nan},
    {Opcode::log1p, 0, 0},
    {Opcode::log1p, -0.0, -0.0},
    {Opcode::log1p, -1, -inf},
    {Opcode::log1p, -2, nan},
    {Opcode::log1p, inf, inf},
    {Opcode::log1p, nan, nan},
    {Opcode::sin, 0, 0},
    {Opcode::sin, -0.0, -0.0},
    {Opcode::sin, inf, nan},
    {Opcode::sin, -inf, nan},
    {Opcode::sin, nan, nan},
    {Opcode::cos, 0, 1},
    {Opcode::cos, -0.0, 1},
    {Opcode::cos, inf, nan},
    {Opcode::cos, nan, nan},
    {Opcode::tanh, 0, 0},
    {Opcode::tanh, -0.0, -0.0},
    {Opcode::tanh, inf, 1},
    {Opcode::tanh, -inf, -1},
    {Opcode::tanh, nan, nan},
    {Opcode::sigmoid, 0, 0.5},
    {Opcode::sigmoid, -0.0, 0.5},
    {Opcode::sigmoid, inf, 1},
    {Opcode::sigmoid, -inf, 0},
    {Opcode::sigmoid, nan, nan},
    {Opcode::erf, 0, 0},
    {Opcode::erf, -0.0, -0.0},
    {Opcode::erf, inf, 1},
    {Opcode::erf, -inf, -1},
    {Opcode::erf, nan, nan},
    {Opcode::erfc, 0, 1},
    {Opcode::erfc, -0.0, 1},
    {Opcode::erfc, inf, 0},
    {Opcode::erfc, -inf, 2},
    {Opcode::erfc, nan, nan},
    {Opcode::rsqrt, 0, inf},
    {Opcode::rsqrt, -0.0, -inf},
    {Opcode::rsqrt, 4, 0.5},
    {Opcode::rsqrt, inf, 0},
    {Opcode::rsqrt, -1, nan},
    {Opcode::rsqrt, nan, nan},
    {Opcode::tan, 0, 0},
    {Opcode::tan, -0.0, -0.0},
    {Opcode::tan, inf, nan},
    {Opcode::tan, nan, nan},
    {Opcode::asin, 0, 0},
    {Opcode::asin, -0.0, -0.0},
    {Opcode::asin, 1, half_pi},
    {Opcode::asin, -1, -half_pi},
    {Opcode::asin, 1.5, nan},
    {Opcode::asin, -inf, nan},
    {Opcode::asin, nan, nan},
    {Opcode::acos, 1, 0},
    {Opcode::acos, -1, 2 * half_pi},
    {Opcode::acos, 0, half_pi},
    {Opcode::acos, -0.0, half_pi},
    {Opcode::acos, 1.5, nan},
    {Opcode::acos, inf, nan},
    {Opcode::acos, nan, nan},
    {Opcode::atan, 0, 0},
    {Opcode::atan, -0.0, -0.0},
    {Opcode::atan, 1, half_pi / 2},
    {Opcode::atan, inf, half_pi},
    {Opcode::atan, -inf, -half_pi},
    {Opcode::atan, nan, nan},
    {Opcode::sinh, 0, 0},
    {Opcode::sinh, -0.0, -0.0},
    {Opcode::sinh, inf, inf},
    {Opcode::sinh, -inf, -inf},
    {Opcode::sinh, 1e4, inf},
    {Opcode::sinh, nan, nan},
    {Opcode::cosh, 0, 1},
    {Opcode::cosh, -0.0, 1},
    {Opcode::cosh, -inf, inf},
    {Opcode::cosh, 1e4, inf},
    {Opcode::cosh, nan, nan},
    {Opcode::asinh, 0, 0},
    {Opcode::asinh, -0.0, -0.0},
    {Opcode::asinh, inf, inf},
    {Opcode::asinh, -inf, -inf},
    {Opcode::asinh, nan, nan},
    {Opcode::acosh, 1, 0},
    {Opcode::acosh, inf, inf},
    {Opcode::acosh, 0.5, nan},
    {Opcode::acosh, -inf, nan},
    {Opcode::acosh, nan, nan},
    {Opcode::atanh, 0, 0},
    {Opcode::atanh, -0.0, -0.0},
    {Opcode::atanh, 1, inf},
    {Opcode::atanh, -1, -inf},
    {Opcode::atanh, 2, nan},
    {Opcode::atanh, -inf, nan},
    {Opcode::atanh, nan, nan},
    {Opcode::exp2, 0, 1},
    {Opcode::exp2, -0.0, 1},
    {Opcode::exp2, 10, 1024},
    {Opcode::exp2, -inf, 0},
    {Opcode::exp2, inf, inf},
    {Opcode::exp2, -1e4, 0},
    {Opcode::exp2, nan, nan},
    {Opcode::log2, 1, 0},
    {Opcode::log2, 1024, 10},
    {Opcode::log2, 0, -inf},
    {Opcode::log2, -0.0, -inf},
    {Opcode::log2, -1, nan},
    {Opcode::log2, inf, inf},
    {Opcode::log2, nan, nan},
    {Opcode::log10, 1, 0},
    {Opcode::log10, 1000, 3},
    {Opcode::log10, 0, -inf},
    {Opcode::log10, -1, nan},
    {Opcode::log10, inf, inf},
    {Opcode::log10, nan, nan},
    {Opcode::lgamma, 1, 0},
    {Opcode::lgamma, 2, 0},
    {Opcode::lgamma, 0, inf},
    {Opcode::lgamma, -0.0, inf},
    {Opcode::lgamma, -3, inf},
    {Opcode::lgamma, inf, inf},
    {Opcode::lgamma, -inf, inf},
    {Opcode::lgamma, nan, nan},
    {Opcode::polygamma, 0, -inf},
    {Opcode::polygamma, -0.0, inf},
    {Opcode::polygamma, -3, nan},
    {Opcode::polygamma, inf, inf},
    {Opcode::polygamma, -inf, nan},
    {Opcode::polygamma, nan, nan},
};

template <class T>
void check_specials(Type type) {
  for (const Special& s : specials) {
    const Program p = build({type}, [&](Lanes x) { return x.builder->append(s.function, {x[0]}); });
    const std::vector<T> got = evaluate<T>(p, std::vector<T>(3, static_cast<T>(s.x)));
    expect_same_bits(got, std::vector<T>(3, static_cast<T>(s.result)),
                     std::string(name_of(s.function)) + "(" + std::to_string(s.x) + ")");
  }
}

TEST(LaneFunctions, GiveC99SpecialValues) {
  check_specials<float>(Type::f32);
  check_specials<double>(Type::f64);
}

// A function of two operands against the C library's on all pairs.
template <class T>
void check_pairs(Type type, Opcode function, T (*reference)(T, T)) {
  constexpr double values[] = {0,
                               -0.0,
                               1,
                               -1,
                               0.5,
                               -0.5,
                               2,
                               -2,
                               3,
                               -3,
                               1.5,
                               -1.5,
                               1e300,
                               -1e300,
                               inf,
                               -inf,
                               nan,
                               1e-300,
                               4503599627370497.0,
                               9007199254740993.0,
                               1e-310};
  std::vector<T> x, y, want;
  for (double a : values)
    for (double b : values) {
      x.push_back(static_cast<T>(a)), y.push_back(static_cast<T>(b));
      // The product 0.5^1.5 and its like are irrational: the accuracy test has those.
      want.push_back(reference(x.back(), y.back()));
    }
  const Program p = build({type, type}, [&](Lanes l) { return l.builder->append(function, {l[0], l[1]}); });
  const std::vector<T> got = evaluate<T>(p, x, y);
  constexpr T epsilon = std::numeric_limits<T>::epsilon(), least = std::numeric_limits<T>::denorm_min();
  for (std::size_t i = 0; i < got.size(); ++i) {
    const bool exact = std::isnan(want[i]) || std::isinf(want[i]) || want[i] == 0 || std::fabs(want[i]) == 1;
    if (exact)
      EXPECT_EQ(canonical_bits(got[i]), canonical_bits(want[i]))
          << name_of(function) << " " << x[i] << ", " << y[i];
    else
      EXPECT_NEAR(got[i], want[i], 2 * epsilon * std::fabs(want[i]) + least)
          << name_of(function) << " " << x[i] << ", " << y[i];
  }
}

TEST(LaneFunctions, PowGivesC99SpecialValues) {
  check_pairs<float>(Type::f32, Opcode::pow, std::pow);
  check_pairs<double>(Type::f64, Opcode::pow, std::pow);
}

TEST(LaneFunctions, Atan2GivesC99SpecialValues) {
  check_pairs<float>(Type::f32, Opcode::atan2, std::atan2);
  check_pairs<double>(Type::f64, Opcode::atan2, std::atan2);
}

// Against mpmath.
TEST(LaneFunctions, PolygammaOfAnyOrder) {
  struct Row {
    int order;
    double x, result;
  };
  constexpr Row rows[] = {
      {1, 1, 1.64493406684822644},     {1, 0.5, 4.93480220054467931},   {1, -0.5, 8.93480220054467931},
      {1, 100, 0.0100501666633335714}, {2, 1, -2.40411380631918857},    {2, -1.5, -0.236204051641727403},
      {3, 2.5, 0.223905848817252051},  {4, -2.25, 24481.4799109025625}, {5, 0.25, 491552.513767681292},
  };
  for (const Row& r : rows) {
    const Program p = build({Type::f64}, [&](Lanes l) { return polygamma(l[0], r.order); });
    EXPECT_NEAR(evaluate<double>(p, std::vector<double>{r.x})[0] / r.result, 1, 1e-14)
        << r.order << " " << r.x;
  }
}

}  // namespace
}  // namespace twofold::lanes
