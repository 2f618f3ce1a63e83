#include "app/bench/stats.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "app/bench/compare.h"
#include "tests/app/bench/run.h"

namespace atheria::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::uint8_t> bytes_of(const std::vector<float>& numbers) {
  std::vector<std::uint8_t> bytes(numbers.size() * sizeof(float));
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

TEST(BenchStats, TakesTheMedianAndTheWholeSpread) {
  const Spread spread = spread_of({3, 1, 2, 10});
  EXPECT_DOUBLE_EQ(spread.median, 2.5);
  EXPECT_DOUBLE_EQ(spread.least, 1);
  EXPECT_DOUBLE_EQ(spread.most, 10);
  EXPECT_DOUBLE_EQ(spread.relative(), 3.6);
  EXPECT_EQ(spread.count, 4);
}

TEST(BenchStats, KnowsNothingOfNothing) {
  EXPECT_EQ(spread_of({}).count, 0);
  EXPECT_DOUBLE_EQ(spread_of({}).relative(), 0);
}

TEST(BenchStats, RatiosAreOfTheSameRound) {
  EXPECT_THAT(paired_ratios({10, 20, 30}, {5, 5, 0}), ElementsAre(2, 4));
  EXPECT_THAT(paired_ratios({10, 20}, {5}), ElementsAre(2));
}

TEST(BenchResult, APeerThatDisagreesHasNoRatio) {
  RowResult row = testing::run_with({100, 100}).rows.front();
  Side other = testing::peer("other", {10, 20});
  EXPECT_THAT(ratios_to(row, other), ElementsAre(10, 5));
  other.agrees = false;
  EXPECT_THAT(ratios_to(row, other), IsEmpty());
}

TEST(BenchResult, APeerOnOneCoreIsComparedByProcessorTime) {
  RowResult row = testing::run_with({100}).rows.front();
  row.ours.per_cpu = {50};
  Side other = testing::peer("other", {10});
  other.per_core = true;
  EXPECT_THAT(ratios_to(row, other), ElementsAre(5));
}

TEST(BenchCompare, FloatsMayDifferByTheTolerance) {
  const auto ours = bytes_of({0.5F, -2});
  EXPECT_TRUE(compare_floats(ours, ours, 0).agrees);
  EXPECT_EQ(compare_floats(ours, ours, 0).text, "exact");
  EXPECT_TRUE(compare_floats(ours, bytes_of({0.5001F, -2}), 1e-4).agrees);
  EXPECT_FALSE(compare_floats(ours, bytes_of({0.5001F, -2}), 1e-5).agrees);
}

TEST(BenchCompare, NothingAgreesWithNaNOrWithAnEmptyWorld) {
  const auto nan = bytes_of({1, std::numeric_limits<float>::quiet_NaN()});
  EXPECT_FALSE(compare_floats(nan, nan, 1).agrees);
  const auto zero = bytes_of({0, 0});
  EXPECT_FALSE(compare_floats(zero, zero, 1).agrees);
  EXPECT_FALSE(compare_bits({0, 0}, {0, 0}).agrees);
}

TEST(BenchCompare, BitsMustBeTheSame) {
  EXPECT_TRUE(compare_bits({1, 2}, {1, 2}).agrees);
  const Agreement other = compare_bits({1, 2}, {1, 7});
  EXPECT_FALSE(other.agrees);
  EXPECT_THAT(other.text, HasSubstr("2 cells"));
}

TEST(BenchCompare, AnotherSizeIsAnotherState) {
  EXPECT_FALSE(compare_bits({1}, {1, 0}).agrees);
  EXPECT_FALSE(compare_floats(bytes_of({1}), bytes_of({1, 1}), 1).agrees);
}

}  // namespace
}  // namespace atheria::bench
