#include "app/bench/rows.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <set>

#include "app/bench/ceiling.h"
#include "app/bench/start.h"
#include "engine/run/catalog.h"
#include "tests/app/bench/run.h"

namespace atheria::bench {
namespace {

constexpr int kSide = 1024;

bool alive(const std::vector<std::uint8_t>& cells, int x, int y) {
  return (cells[static_cast<std::size_t>(y * kSide + x) / 8] >> x % 8 & 1) != 0;
}

std::size_t living(const std::vector<std::uint8_t>& cells) {
  std::size_t count = 0;
  for (const std::uint8_t byte : cells)
    count += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(byte)));
  return count;
}

TEST(BenchRows, EachNameIsThereOnceAndQuickHasTheSame) {
  std::set<std::string> names, quick;
  for (const Row& row : bench_rows(false)) EXPECT_TRUE(names.insert(row.name).second) << row.name;
  for (const Row& row : bench_rows(true)) quick.insert(row.name);
  EXPECT_EQ(names, quick);
  EXPECT_GE(names.size(), 14U);
}

TEST(BenchRows, QuickIsSmaller) {
  const auto full = bench_rows(false), quick = bench_rows(true);
  for (std::size_t i = 0; i < full.size(); ++i)
    EXPECT_LE(quick[i].world.grid.cells(), full[i].world.grid.cells()) << full[i].name;
}

TEST(BenchRows, AGoalHasABoundTheMachineIsMeasuredBy) {
  for (const Row& row : bench_rows(false)) {
    EXPECT_LE(row.reach, row.aim) << row.name;
    if (row.reach > 0) {
      ASSERT_FALSE(row.bounds.empty()) << row.name;
    }
    for (const Bound& bound : row.bounds)
      EXPECT_GT(reference_ceiling(bound.ceiling) * bound.work, 0) << row.name;
  }
}

TEST(BenchRows, GoalsAreInProportionToTheCeiling) {
  RowResult row = testing::run_with({100}).rows.front();  // 1e8 FLOP each, 1000 a second here
  EXPECT_NEAR(goal_here(532, row), 100, 1e-6) << "532 of 5320 there, the same part of 1000 here";
  row.bounds.clear();
  EXPECT_EQ(goal_here(5, row), 5);
}

TEST(BenchCeilings, AllThreadsAreMeasuredAndNothingIsFree) {
  CeilingMeter meter(0.001);
  for (const Ceiling& ceiling : meter.measure(2)) {
    EXPECT_GT(reference_ceiling(ceiling.name), 0) << ceiling.name;
    ASSERT_EQ(ceiling.one.size() + ceiling.all.size(), 4U);
    for (const double rate : ceiling.one) EXPECT_GT(rate, 1e6) << ceiling.name;
    for (const double rate : ceiling.all) EXPECT_GT(rate, 1e6) << ceiling.name;
  }
}

TEST(BenchStart, TheBlockIsTwoPercentInTheMiddle) {
  const auto cells = life_block({.width = kSide, .height = kSide});
  EXPECT_NEAR(static_cast<double>(living(cells)), 0.02 * kSide * kSide * 3 / 8, 500);
  EXPECT_FALSE(alive(cells, kSide / 2, 100));
  std::size_t inside = 0;
  for (int x = kSide / 2 - 60; x < kSide / 2 + 60; ++x) inside += alive(cells, x, kSide / 2);
  EXPECT_GT(inside, 20U);
}

TEST(BenchStart, PatchesAreEverywhereAndCornersAreMarked) {
  const auto cells = life_patches({.width = kSide, .height = kSide});
  for (int row = 0; row < 16; ++row) {
    std::size_t found = 0;
    for (int y = 0; y < 64; ++y)
      for (int x = 8; x < 56; ++x) found += alive(cells, x, row * 64 + y);
    EXPECT_GT(found, 5U) << row;
  }
  for (const int x : {1, 2, kSide - 3, kSide - 2}) EXPECT_TRUE(alive(cells, x, x));
  EXPECT_EQ(cells, life_patches({.width = kSide, .height = kSide})) << "always the same";
}

}  // namespace
}  // namespace atheria::bench
