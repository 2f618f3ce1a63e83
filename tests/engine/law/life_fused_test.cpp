// That several steps of the whole world at once are those steps one by one.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/base/philox.h"
#include "engine/base/pool.h"
#include "engine/law/life.h"
#include "engine/law/life_rule.h"
#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using testing::LawWorld;
using testing::same_bits;
using testing::WorldOptions;

const Law& life() {
  static const auto law = make_life();
  return *law;
}

LawWorld world(const GridSpec& grid, const std::string& rule, Isa isa = best_isa()) {
  return LawWorld(life(), {.grid = grid,
                           .dtype = Dtype::bits,
                           .init = "noise:density=0.35",
                           .params = {{"rule", rule}},
                           .tuning = {.isa = isa, .sparse = Sparse::never}});
}

// Widths and heights that cut evenly and that do not.
std::vector<GridSpec> grids() {
  return {{512, 2100}, {520, 1030}, {513, 1023}, {575, 1024}, {640, 900}, {1000, 600},
          {1024, 560}, {777, 777},  {4096, 161}, {4100, 320}, {2048, 513}};
}

TEST(LifeFused, EqualsStepByStep) {
  for (const auto& grid : grids()) {
    for (const char* const rule : {"B3/S23", "B36/S23", "B0123478/S01234678"}) {
      auto fused = world(grid, rule);
      auto single = world(grid, rule);
      fused.advance(19);
      EXPECT_THAT(fused.how(), ::testing::HasSubstr("7 steps fused")) << to_string(grid);
      for (int step = 0; step < 19; ++step) single.advance(1);
      EXPECT_THAT(single.how(), ::testing::EndsWith("dense"));
      ASSERT_TRUE(same_bits(fused.field(), single.field())) << to_string(grid) << " " << rule;
    }
  }
}

TEST(LifeFused, DoesNotDependOnHowTheStepsAreCut) {
  for (const auto& grid : grids()) {
    auto parts = world(grid, "B3/S23");
    auto whole = world(grid, "B3/S23");
    for (std::uint64_t i = 0; parts.step() < 200; ++i) parts.advance(random_block(3, 0, i)[0] % 41);
    whole.advance(static_cast<std::uint32_t>(parts.step()));
    ASSERT_TRUE(same_bits(parts.field(), whole.field())) << to_string(grid);
  }
}

TEST(LifeFused, SmallWorldsNeedMoreStepsForIt) {
  auto fused = world({600, 512}, "B3/S23");
  auto single = world({600, 512}, "B3/S23");
  fused.advance(256);
  EXPECT_THAT(fused.how(), ::testing::HasSubstr("fused"));
  for (int part = 0; part < 4; ++part) single.advance(64);
  EXPECT_THAT(single.how(), ::testing::EndsWith("dense"));
  EXPECT_TRUE(same_bits(fused.field(), single.field()));
}

// Rows of up to eight words are stepped where they are.
TEST(LifeFused, NarrowWorldsEqualTheEquation) {
  for (const int width : {1, 63, 64, 65, 128, 130, 256, 300, 448, 511, 512, 513})
    for (const int height : {1, 2, 3, 40, 41}) {
      const WorldOptions options{.grid = {width, height},
                                 .dtype = Dtype::bits,
                                 .init = "noise:density=0.4",
                                 .path = Path::reference};
      LawWorld equation(life(), options);
      equation.advance(6);
      for (const auto isa : isas_here()) {
        auto fast = options;
        fast.path = Path::fast;
        fast.tuning.isa = isa;
        LawWorld narrow(life(), fast);
        narrow.advance(1);
        narrow.advance(5);
        ASSERT_TRUE(same_bits(narrow.field(), equation.field()))
            << to_string(isa) << " " << width << "x" << height;
      }
    }
}

TEST(LifeFused, EveryInstructionSetGivesTheSameBits) {
  for (const auto& grid : grids()) {
    for (const char* const rule : {"B3/S23", "B3678/S34678"}) {
      auto portable = world(grid, rule, Isa::portable);
      portable.advance(23);
      for (const auto isa : isas_here()) {
        auto other = world(grid, rule, isa);
        other.advance(20);  // in stripes
        other.advance(3);   // row by row
        ASSERT_TRUE(same_bits(portable.field(), other.field()))
            << to_string(isa) << " " << to_string(grid) << " " << rule;
      }
    }
  }
}

TEST(LifeFused, BitsAreTheSameOnAnyNumberOfThreads) {
  for (const GridSpec grid : {GridSpec{1024, 1024}, {1300, 1003}, {1111, 2000}}) {
    set_shared_pool_threads(1);
    auto one = world(grid, "B3/S23");
    one.advance(37);
    for (const int threads : {2, 3, 5}) {
      set_shared_pool_threads(threads);
      auto many = world(grid, "B3/S23");
      many.advance(16);
      many.advance(5);
      many.advance(16);
      EXPECT_TRUE(same_bits(one.field(), many.field())) << threads << " " << to_string(grid);
    }
  }
  set_shared_pool_threads(0);
}

TEST(LifeFused, TakesMoreThreadsWhenThereAreMore) {
  set_shared_pool_threads(1);
  auto growing = world({1024, 1100}, "B3/S23");
  auto same = world({1024, 1100}, "B3/S23");
  growing.advance(20);
  set_shared_pool_threads(3);
  growing.advance(20);
  set_shared_pool_threads(2);
  growing.advance(20);
  set_shared_pool_threads(0);
  for (int step = 0; step < 60; ++step) same.advance(1);
  EXPECT_TRUE(same_bits(growing.field(), same.field()));
}

TEST(LifeFused, SeesWhatWasWrittenBetweenSteps) {
  auto fused = world({700, 800}, "B3/S23");
  auto single = world({700, 800}, "B3/S23");
  for (int turn = 0; turn < 3; ++turn) {
    for (auto* const edited : {&fused, &single}) {
      auto dense = edited->field().dense();
      dense[0][0].slice(0, 300, 350).slice(1, 100 * turn, 100 * turn + 90).fill_(turn % 2);
      edited->field().set_dense(dense);
      edited->touched();
    }
    fused.advance(18);
    for (int step = 0; step < 18; ++step) single.advance(1);
    ASSERT_TRUE(same_bits(fused.field(), single.field())) << turn;
  }
}

}  // namespace
}  // namespace atheria
