#include "check/conformance.h"

#include <gtest/gtest.h>

#include "check/checks.h"
#include "check/mutation.h"
#include "check/runner.h"

namespace twofold::check {
namespace {

using core::Op;

std::string lines(const Report& report) {
  std::string text;
  for (const Failure& f : report.failures()) text += f.line() + "\n";
  return text;
}

class Conformance : public testing::TestWithParam<const Op*> {};

TEST_P(Conformance, Row) {
  Report report;
  Hash hash;
  check_row(*GetParam(), report, hash, false);
  EXPECT_GT(report.checks(), 0);
  EXPECT_EQ(lines(report), "");
}

std::string row_name(const testing::TestParamInfo<const Op*>& info) {
  return std::string(info.param->name) + "_" + std::to_string(info.index);
}
INSTANTIATE_TEST_SUITE_P(All, Conformance, testing::ValuesIn(chosen_rows("")), row_name);

TEST(ConformanceRunner, CoversFortyRows) { EXPECT_GE(chosen_rows("").size(), 40u); }

TEST(ConformanceRunner, RefusesAnUnknownRow) { EXPECT_THROW(chosen_rows("no_such_row"), ValueError); }

TEST(ConformanceRunner, NoMutantSurvives) { EXPECT_EQ(run_mutation(chosen_rows(""), false), 0); }

TEST(ConformanceRunner, NamesRowSampleCheckGotAndExpected) {
  static const Op wrong{.name = "wrong",
                        .sig = "x: float",
                        .lanes = [](lanes::Lanes x) { return x[0] + x[0]; },
                        .ref = [](double x) { return 3 * x; },
                        .samples = "f64[2]"};
  Report report;
  Hash hash;
  check_row(wrong, report, hash, true);
  ASSERT_FALSE(report.failures().empty());
  const std::string line = report.failures()[0].line();
  EXPECT_EQ(line.find("wrong: f64[2]: reference: f64[2] element 0: "), 0u) << line;
  EXPECT_NE(line.find(", expected "), std::string::npos) << line;
}

TEST(ConformanceRunner, FailsARowWithoutSamples) {
  static const Op bare{.name = "bare", .sig = "x: float", .lanes = [](lanes::Lanes x) { return x[0]; }};
  Report report;
  Hash hash;
  check_row(bare, report, hash, false);
  ASSERT_EQ(report.failures().size(), 1u);
  EXPECT_EQ(report.failures()[0].check, "samples");
}

}  // namespace
}  // namespace twofold::check
