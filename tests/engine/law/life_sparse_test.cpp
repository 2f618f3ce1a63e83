// That a world of bits stepped tile by tile, or several steps at once, is the same world.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/base/philox.h"
#include "engine/base/pool.h"
#include "engine/law/life.h"
#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using testing::LawWorld;
using testing::same_bits;

const Law& life() {
  static const auto law = make_life();
  return *law;
}

struct World {
  GridSpec grid;
  std::string init = "noise:density=0.3";
  std::string rule = "B3/S23";
};

LawWorld world(const World& of, Sparse sparse, Isa isa = best_isa()) {
  return LawWorld(life(), {.grid = of.grid,
                           .dtype = Dtype::bits,
                           .init = of.init,
                           .params = {{"rule", of.rule}},
                           .tuning = {.isa = isa, .sparse = sparse}});
}

std::string name_of(const World& of) {
  return fmt::format("{} {} {}", to_string(of.grid), of.init, of.rule);
}

// Tiles are at most 52 x 112: worlds of one tile, of less than a tile, of one and two along an axis,
// of many; of heights that cut evenly and that do not.
std::vector<World> many_worlds() {
  return {{{52, 112}},
          {{6, 1}},
          {{5, 7}},
          {{7, 5}, "noise:density=0.5"},
          {{64, 64}, "noise:density=0.4"},
          {{53, 113}},
          {{104, 112}},
          {{52, 224}},
          {{156, 336}},
          {{300, 90}},
          {{511, 97}},
          {{768, 128}},
          {{1000, 100}},
          {{257, 300}},
          {{700, 161}, "pattern:gosper-gun"},
          {{640, 200}, "pattern:gun-and-eater"},
          {{600, 400}, "pattern:r-pentomino"},
          {{520, 130}, "noise:density=0.3", "B36/S23"},
          {{300, 200}, "noise:density=0.5", "B3678/S34678"},
          {{330, 140}, "noise:density=0.5", "B4678/S35678"},
          {{270, 100}, "pattern:replicator", "B36/S23"},
          {{400, 70}, "pattern:domino", "B2/S"},
          {{290, 65}, "noise:density=0.2", "B0/S"},
          {{290, 65}, "noise:density=0.4", "B0123478/S01234678"},
          {{260, 64}, "empty", "B0123478/S"}};
}

TEST(LifeSparse, EqualsDenseAfterTenThousandSteps) {
  for (const auto& of : many_worlds()) {
    auto tiles = world(of, Sparse::always);
    auto whole = world(of, Sparse::never);
    for (const std::uint32_t steps : {1, 2, 3, 100, 894, 4001, 4999}) {
      tiles.advance(steps);
      whole.advance(steps);
      ASSERT_TRUE(same_bits(tiles.field(), whole.field())) << name_of(of) << " at " << tiles.step();
    }
    EXPECT_EQ(tiles.step(), 10'000U);
  }
}

TEST(LifeSparse, DoesNotDependOnHowTheStepsAreCut) {
  for (const auto& of : many_worlds()) {
    auto parts = world(of, Sparse::always);
    auto whole = world(of, Sparse::always);
    for (std::uint64_t i = 0; parts.step() < 300; ++i) {
      const auto steps = random_block(11, 0, i)[0] % 6;
      parts.advance(steps);
      whole.advance(0);
    }
    whole.advance(static_cast<std::uint32_t>(parts.step()));
    ASSERT_TRUE(same_bits(parts.field(), whole.field())) << name_of(of);
  }
}

TEST(LifeSparse, EqualsDenseWhenTheFieldIsWrittenBetweenSteps) {
  for (const auto& of : many_worlds()) {
    auto tiles = world(of, Sparse::always);
    auto whole = world(of, Sparse::never);
    for (std::uint64_t i = 0; i < 12; ++i) {
      const auto draw = random_block(5, 0, i);
      const auto x = static_cast<int>(draw[0] % static_cast<unsigned>(of.grid.width));
      const auto y = static_cast<int>(draw[1] % static_cast<unsigned>(of.grid.height));
      for (auto* const edited : {&tiles, &whole}) {
        auto dense = edited->field().dense();
        dense[0][0][y][x] = 1 - dense[0][0][y][x];
        edited->field().set_dense(dense);
        edited->touched();
        edited->advance(draw[2] % 50);
      }
      ASSERT_TRUE(same_bits(tiles.field(), whole.field())) << name_of(of) << " at " << tiles.step();
    }
  }
}

TEST(LifeSparse, BitsAreTheSameOnAnyNumberOfThreads) {
  const World soup{{2100, 1111}};
  set_shared_pool_threads(1);
  auto one = world(soup, Sparse::always);
  one.advance(40);
  for (const int threads : {2, 3}) {
    set_shared_pool_threads(threads);
    auto many = world(soup, Sparse::always);
    many.advance(40);
    EXPECT_TRUE(same_bits(one.field(), many.field())) << threads;
  }
  set_shared_pool_threads(0);
}

TEST(LifeSparse, EveryInstructionSetGivesTheSameBits) {
  for (const auto& of : many_worlds()) {
    auto portable = world(of, Sparse::always, Isa::portable);
    portable.advance(101);
    for (const auto isa : isas_here()) {
      auto other = world(of, Sparse::always, isa);
      other.advance(101);
      ASSERT_TRUE(same_bits(portable.field(), other.field()))
          << to_string(isa) << " " << name_of(of);
    }
  }
}

TEST(LifeSparse, WhatBlinksAndWhatRestsCostsNothing) {
  for (const char* const pattern : {"block", "blinker", "beacon", "pulsar"}) {
    auto still = world({{2048, 1024}, std::string("pattern:") + pattern}, Sparse::always);
    still.advance(11);
    EXPECT_THAT(still.how(), ::testing::Not(::testing::HasSubstr(" 0 of 400"))) << "not known yet";
    EXPECT_THAT(still.how(), ::testing::Not(::testing::HasSubstr("400 of 400"))) << "mostly empty";
    still.advance(1);
    EXPECT_THAT(still.how(), ::testing::HasSubstr(" 0 of 400 tiles")) << pattern;
    const auto before = still.field().clone();
    still.advance(1'200'000'000);
    EXPECT_TRUE(same_bits(still.field(), before)) << pattern << ", a multiple of its period";
    still.advance(1);
    EXPECT_EQ(same_bits(still.field(), before), std::string(pattern) == "block");
  }
}

TEST(LifeSparse, GlidersThatCrossEmptyTilesAreWhereDenseSteppingHasThem) {
  for (const char* const rule : {"B3/S23", "B36/S23", "B2/S", "B0123478/S01234678"}) {
    auto sparse = world({{1024, 640}, "empty", rule}, Sparse::always);
    auto dense = world({{1024, 640}, "empty", rule}, Sparse::never);
    auto sky = sparse.field().dense().clone();
    const auto put = [&sky](std::int64_t x, std::int64_t y) {
      sky.select(-1, x).select(-1, y).fill_(1);
    };
    for (const std::int64_t x : {51, 300, 301, 777, 1023})
      for (const auto& [dx, dy] : {std::pair{1, 0}, {2, 1}, {0, 2}, {1, 2}, {2, 2}})
        put((x + dx) % 1024, (x * 7 + dy) % 640);
    for (auto* const one : {&sparse, &dense}) {
      one->field().set_dense(sky);
      one->touched();
    }
    for (const std::uint32_t steps : {1, 5, 6, 12, 13, 200, 1500}) {
      sparse.advance(steps);
      dense.advance(steps);
      ASSERT_TRUE(same_bits(sparse.field(), dense.field())) << rule << " after " << steps;
    }
  }
}

TEST(LifeSparse, AGliderKeepsAFewTilesAwake) {
  auto sky = world({{4096, 2048}, "pattern:glider"}, Sparse::automatic);
  sky.advance(1000);
  int active = 0;
  ASSERT_EQ(std::sscanf(sky.how().substr(sky.how().find(' ') + 1).c_str(), "%d of", &active), 1);
  EXPECT_GE(active, 1);
  EXPECT_LE(active, 6);
}

TEST(LifeSparse, IsLeftWhileMostTilesMoveAndComesBack) {
  auto sea = world({{1024, 1024}, "noise:density=0.4", "B2/S"}, Sparse::automatic);
  sea.advance(20);
  EXPECT_THAT(sea.how(), ::testing::HasSubstr("dense"));
  auto calm = sea.field().dense();
  calm.zero_();
  sea.field().set_dense(calm);
  sea.touched();
  sea.advance(5000);
  EXPECT_THAT(sea.how(), ::testing::HasSubstr(" 0 of 200 tiles"));
}

TEST(LifeSparse, IsNotForSmallWorldsNorWhereItIsForbidden) {
  auto small = world({{512, 512}, "pattern:glider"}, Sparse::automatic);
  small.advance(10);
  EXPECT_THAT(small.how(), ::testing::HasSubstr("dense"));
  auto forbidden = world({{2048, 1024}, "pattern:glider"}, Sparse::never);
  forbidden.advance(10);
  EXPECT_THAT(forbidden.how(), ::testing::HasSubstr("dense"));
}

TEST(LifeSparse, ChangesHowItGoesWithoutAnyoneSeeing) {
  // A soup that is dense at first and settles; cut into odd pieces.
  const World soup{{1100, 1025}, "noise:density=0.35"};
  auto changing = world(soup, Sparse::automatic);
  auto whole = world(soup, Sparse::never);
  for (const std::uint32_t steps : {3, 1, 14, 4100, 77, 1500, 305}) {
    changing.advance(steps);
    whole.advance(steps);
    ASSERT_TRUE(same_bits(changing.field(), whole.field())) << changing.step();
  }
}

TEST(LifeSparse, TheFieldStaysWhereItIs) {
  for (const auto sparse : {Sparse::always, Sparse::never}) {
    auto soup = world({{700, 300}}, sparse);
    const void* const place = soup.field().planes().const_data_ptr();
    for (const std::uint32_t steps : {1, 2, 7, 300}) soup.advance(steps);
    EXPECT_EQ(soup.field().planes().const_data_ptr(), place);
  }
}

}  // namespace
}  // namespace atheria
