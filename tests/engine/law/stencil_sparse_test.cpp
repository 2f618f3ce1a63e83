// That a field stepped only where something moves is the same field, bit for bit.
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/base/philox.h"
#include "engine/base/pool.h"
#include "engine/law/laws.h"
#include "engine/law/stencil_tiles.h"
#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;
using testing::LawWorld;
using testing::same_bits;

struct World {
  std::string law = "gray-scott";
  GridSpec grid{320, 192, 1};
  ParamMap params = {{"F", 0.05}, {"k", 0.065}};  // worms: they spread slowly
  Dtype dtype = Dtype::f32;
  Isa isa = best_isa();
};

struct Drop {
  int x, y, radius;
};

// The channels become 1/2 and 1/4 in each drop, whose centre may lie beyond the edge of the torus.
void drip(LawWorld& world, const std::vector<Drop>& drops) {
  const auto& grid = world.setup().grid;
  auto planes = world.field().planes();
  const auto x = at::arange(grid.width, at::kDouble);
  const auto y = at::arange(grid.height, at::kDouble).unsqueeze(-1);
  const auto z = at::arange(grid.depth, at::kDouble).unsqueeze(-1).unsqueeze(-1);
  for (const auto& drop : drops) {
    auto inside = (x - drop.x % grid.width).square() + (y - drop.y % grid.height).square();
    if (grid.depth > 1) inside = inside + (z - grid.depth / 2).square();
    const auto mask = inside.le(drop.radius * drop.radius).expand(planes[0].sizes());
    planes[0].masked_fill_(mask, 0.5);
    planes[1].masked_fill_(mask, 0.25);
  }
  world.touched();
}

LawWorld start(const World& of, Sparse sparse, const std::vector<Drop>& drops) {
  const auto& law = find_law(of.law);
  LawWorld world(law, {.grid = of.grid,
                       .dtype = of.dtype,
                       .init = "empty",
                       .params = of.params,
                       .tuning = {.isa = of.isa, .sparse = sparse}});
  drip(world, drops);
  return world;
}

// One that spreads, one at the edge that does, too, and one too small to live.
const std::vector<Drop> kDrops{{120, 80, 8}, {318, 150, 7}, {230, 30, 1}};

// Laws with a background that stays, both dtypes, two and three dimensions, tiles of many sizes.
std::vector<World> many_worlds() {
  return {{},
          {.grid = {517, 255, 1}, .dtype = Dtype::f64},
          {.grid = {100, 70, 1}},
          {.grid = {70, 30, 1}},
          {.grid = {5, 300, 1}},
          {.grid = {96, 40, 33}, .dtype = Dtype::f32},
          {.law = "wave", .grid = {640, 250, 1}, .params = {{"damping", 0.02}}},
          {.law = "wave", .grid = {90, 50, 48}, .params = {}, .dtype = Dtype::f64},
          {.law = "ginzburg-landau", .grid = {400, 200, 1}, .params = {}},
          {.law = "ginzburg-landau", .grid = {80, 40, 36}, .params = {}}};
}

std::string name_of(const World& of) {
  return fmt::format("{} {} {}", of.law, to_string(of.grid), to_string(of.dtype));
}

int computed_tiles(const LawWorld& world) {
  const auto how = world.how();
  int tiles = -1;
  EXPECT_EQ(std::sscanf(how.c_str() + how.find(' '), "%d of", &tiles), 1) << how;
  return tiles;
}

TEST(StencilSparse, EqualsDenseAfterTenThousandSteps) {
  auto tiles = start({}, Sparse::always, kDrops);
  auto whole = start({}, Sparse::never, kDrops);
  for (const std::uint32_t steps : {1, 2, 3, 100, 894, 4001, 4999}) {
    tiles.advance(steps);
    whole.advance(steps);
    ASSERT_TRUE(same_bits(tiles.field(), whole.field())) << tiles.step();
  }
  EXPECT_EQ(tiles.step(), 10'000U);
  EXPECT_GT(computed_tiles(tiles), 0) << "it was to be still spreading";
  const auto died = tiles.field().planes()[1][0][30][230].item<double>();
  EXPECT_LT(died, 1e-30) << "it was to die out";
}

TEST(StencilSparse, EqualsDenseForEveryLawAndShape) {
  for (const auto& of : many_worlds()) {
    auto tiles = start(of, Sparse::always, kDrops);
    auto whole = start(of, Sparse::never, kDrops);
    for (const std::uint32_t steps : {1, 4, 7, 38, 150}) {
      tiles.advance(steps);
      whole.advance(steps);
      ASSERT_TRUE(same_bits(tiles.field(), whole.field())) << name_of(of) << " " << tiles.step();
    }
  }
}

TEST(StencilSparse, DoesNotDependOnHowTheStepsAreCut) {
  for (const auto& of : many_worlds()) {
    auto parts = start(of, Sparse::always, kDrops);
    for (std::uint64_t i = 0; parts.step() < 120; ++i)
      parts.advance(static_cast<std::uint32_t>(random_block(11, 0, i)[0] % 10));
    auto whole = start(of, Sparse::always, kDrops);
    whole.advance(static_cast<std::uint32_t>(parts.step()));
    ASSERT_TRUE(same_bits(parts.field(), whole.field())) << name_of(of);
  }
}

TEST(StencilSparse, EqualsDenseWhenTheFieldIsWrittenBetweenSteps) {
  auto tiles = start({}, Sparse::always, kDrops);
  auto whole = start({}, Sparse::never, kDrops);
  for (std::uint64_t i = 0; i < 12; ++i) {
    const auto draw = random_block(5, 0, i);
    const Drop drop{static_cast<int>(draw[0] % 320), static_cast<int>(draw[1] % 192), 4};
    for (auto* const edited : {&tiles, &whole}) {
      drip(*edited, {drop});
      edited->advance(draw[2] % 60);
    }
    ASSERT_TRUE(same_bits(tiles.field(), whole.field())) << tiles.step();
  }
}

TEST(StencilSparse, BitsAreTheSameOnAnyNumberOfThreadsAndInstructionSet) {
  set_shared_pool_threads(1);
  auto one = start({.isa = Isa::portable}, Sparse::always, kDrops);
  one.advance(200);
  for (const int threads : {1, 2, 3})
    for (const auto isa : isas_here()) {
      set_shared_pool_threads(threads);
      auto other = start({.isa = isa}, Sparse::always, kDrops);
      other.advance(200);
      EXPECT_TRUE(same_bits(one.field(), other.field())) << threads << " " << to_string(isa);
    }
  set_shared_pool_threads(0);
}

TEST(StencilSparse, BackgroundCostsNothing) {
  auto empty = start({}, Sparse::always, {});
  empty.advance(4);
  EXPECT_THAT(empty.how(), HasSubstr(" 30 of 30 tiles")) << "not known yet";
  empty.advance(4);
  EXPECT_THAT(empty.how(), HasSubstr(" 0 of 30 tiles"));
  empty.advance(1'000'000'001);
  EXPECT_THAT(empty.how(), HasSubstr(" 0 of 30 tiles"));
}

// A settled pattern's last bits go on changing to and fro.
TEST(StencilSparse, WhatRepeatsEverySecondStepRestsUntilAStepIsOdd) {
  const World pond{.grid = {192, 96, 1}};
  auto tiles = start(pond, Sparse::always, {{96, 48, 8}});
  tiles.advance(15'000);
  ASSERT_THAT(tiles.how(), HasSubstr(" 0 of 9 tiles")) << "it was to have settled";
  auto whole = start(pond, Sparse::never, {});
  whole.field().copy_from(tiles.field());
  const auto before = tiles.field().clone();
  tiles.advance(1'000'000'000);
  EXPECT_TRUE(same_bits(tiles.field(), before)) << "an even number of steps";
  tiles.advance(1);
  EXPECT_FALSE(same_bits(tiles.field(), before)) << "this pattern was to flicker";
  whole.advance(1);
  for (const std::uint32_t steps : {3, 1, 4, 7, 2}) {
    ASSERT_TRUE(same_bits(tiles.field(), whole.field())) << steps;
    tiles.advance(steps);
    whole.advance(steps);
  }
}

TEST(StencilSparse, IsChosenWhileLittleMovesAndLeftWhenMuchDoes) {
  World sea{.grid = {1024, 512, 1}};
  auto world = start(sea, Sparse::automatic, {{500, 250, 6}});
  auto whole = start(sea, Sparse::never, {{500, 250, 6}});
  for (auto* const each : {&world, &whole}) each->advance(100);
  EXPECT_THAT(world.how(), HasSubstr("of 256 tiles"));
  EXPECT_LE(computed_tiles(world), 25);
  std::vector<Drop> rain;
  for (int i = 0; i < 200; ++i) rain.push_back({97 * i % 1024, 61 * i % 512, 5});
  for (auto* const each : {&world, &whole}) {
    drip(*each, rain);
    each->advance(101);
  }
  EXPECT_THAT(world.how(), HasSubstr("a sweep"));
  EXPECT_TRUE(same_bits(world.field(), whole.field()));
}

TEST(StencilSparse, IsNotForSmallWorldsNorWhereItIsForbidden) {
  auto small = start({.grid = {128, 128, 1}}, Sparse::automatic, {});
  small.advance(20);
  EXPECT_THAT(small.how(), HasSubstr("a sweep"));
  auto forbidden = start({}, Sparse::never, {});
  forbidden.advance(20);
  EXPECT_THAT(forbidden.how(), HasSubstr("a sweep"));
}

TEST(StencilTiles, PartsOfAnAxisCoverItAndAreLongEnough) {
  for (const std::int64_t length : {1, 5, 63, 64, 65, 127, 128, 200, 517, 2048}) {
    const AxisCut cut(length, 64);
    EXPECT_EQ(cut.begin(0), 0);
    EXPECT_EQ(cut.begin(cut.parts), length);
    for (std::int64_t i = 0; i < length; ++i) {
      const auto part = cut.part_of(i);
      ASSERT_TRUE(cut.begin(part) <= i && i < cut.begin(part + 1)) << length << " " << i;
    }
    for (int part = 0; part < cut.parts; ++part) {
      const auto size = cut.begin(part + 1) - cut.begin(part);
      EXPECT_LE(size, cut.longest());
      EXPECT_TRUE(cut.parts == 1 || size >= 64) << length;
    }
  }
}

TEST(StencilTiles, ANeighbourHearsOfTheZonesBesideIt) {
  const Zones middle = 1U << 13, left = 1U << 12, corner = 1U << 9;
  EXPECT_EQ(reach_of(middle), reach_to(0, 0));
  EXPECT_EQ(reach_of(left), reach_to(0, 0) | reach_to(-1, 0));
  EXPECT_EQ(reach_of(corner),
            reach_to(0, 0) | reach_to(-1, 0) | reach_to(0, -1) | reach_to(-1, -1));
  EXPECT_EQ(reach_of(1U << 26), reach_to(1, 1, 1) | reach_to(1, 1, 0) | reach_to(1, 0, 1) |
                                    reach_to(0, 1, 1) | reach_to(1, 0) | reach_to(0, 1) |
                                    reach_to(0, 0, 1) | reach_to(0, 0));
  EXPECT_EQ(reach_of(kAllZones), kReachAll);
}

TEST(StencilTiles, EvenAndOddPassesGoByWhatTheyKnow) {
  StillTiles tiles({4, 4, 1});
  EXPECT_EQ(tiles.begin_pass(true).size(), 16U) << "nothing is known";
  tiles.change({1, 1, 0}).one = 1U << 13;  // flickers: as it was two steps ago
  tiles.end_pass();
  EXPECT_TRUE(tiles.begin_pass(true).empty());
  tiles.end_pass();
  const auto odd = tiles.begin_pass(false);
  ASSERT_EQ(odd.size(), 1U) << "it was left alone, and still flickers";
  EXPECT_EQ(odd[0], (Tile{1, 1, 0}));
  tiles.end_pass();
  EXPECT_TRUE(tiles.begin_pass(false).empty()) << "it was found at rest";
  tiles.wake_all();
  EXPECT_EQ(tiles.begin_pass(false).size(), 16U);
}

}  // namespace
}  // namespace atheria
