#include "engine/kernels/sparse/active_tiles.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <thread>
#include <tuple>

namespace atheria {
namespace {

using Place = std::tuple<int, int, int>;  // z, y, x: the order of work()

std::vector<Place> places(const ActiveTiles& tiles) {
  std::vector<Place> all;
  for (const auto& tile : tiles.work()) all.emplace_back(tile.z, tile.y, tile.x);
  return all;
}

std::vector<Place> every_place(TileGrid grid) {
  std::vector<Place> all;
  for (int z = 0; z < grid.z; ++z)
    for (int y = 0; y < grid.y; ++y)
      for (int x = 0; x < grid.x; ++x) all.emplace_back(z, y, x);
  return all;
}

// Past the two steps that compute everything.
ActiveTiles& settled(ActiveTiles& tiles) {
  tiles.next();
  tiles.next();
  return tiles;
}

// The 27 neighbours, found the slow way.
std::vector<Place> around(const std::vector<Tile>& changed, TileGrid grid) {
  std::set<Place> found;
  const auto wrap = [](int i, int n) { return (i + n) % n; };
  for (const auto& tile : changed)
    for (int dz = -1; dz <= 1; ++dz)
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx)
          found.emplace(wrap(tile.z + dz, grid.z), wrap(tile.y + dy, grid.y),
                        wrap(tile.x + dx, grid.x));
  return {found.begin(), found.end()};
}

TEST(ActiveTiles, ComputeEverythingForTwoSteps) {
  ActiveTiles tiles({3, 2, 2});
  EXPECT_EQ(places(tiles), every_place({3, 2, 2}));
  tiles.next();
  EXPECT_EQ(places(tiles), every_place({3, 2, 2})) << "the second step";
  EXPECT_TRUE(tiles.whole());
  tiles.next();
  EXPECT_FALSE(tiles.whole());
  EXPECT_THAT(tiles.work(), ::testing::IsEmpty());
}

TEST(ActiveTiles, WokenOnesAreComputedTwiceAndWakeWhatDependsOnThem) {
  const TileGrid grid{9, 7, 1};
  ActiveTiles tiles(grid);
  settled(tiles);
  const Reach itself = reach_to(0, 0);
  for (const Tile& tile : {Tile{3, 2, 0}, {4, 2, 0}, {7, 5, 0}}) tiles.changed(tile, itself);
  tiles.wake_changed();
  EXPECT_THAT(places(tiles),
              ::testing::ElementsAre(Place{0, 2, 3}, Place{0, 2, 4}, Place{0, 5, 7}));
  EXPECT_TRUE(tiles.whole());
  tiles.changed({7, 5, 0}, kReachPlane);
  tiles.next();
  auto expected = around({{7, 5, 0}}, {9, 7, 1});
  expected.insert(expected.begin(), {Place{0, 2, 3}, Place{0, 2, 4}});
  EXPECT_EQ(places(tiles), expected);
  tiles.next();
  EXPECT_FALSE(tiles.whole());
  EXPECT_THAT(tiles.work(), ::testing::IsEmpty());
  tiles.wake_changed();
  tiles.next();
  EXPECT_THAT(tiles.work(), ::testing::IsEmpty()) << "nobody";
}

TEST(ActiveTiles, WhatChangedInTheFirstOfTheTwoStepsIsNotUsed) {
  ActiveTiles tiles({5, 5});
  tiles.changed({2, 2, 0});
  tiles.next();
  tiles.next();
  EXPECT_THAT(tiles.work(), ::testing::IsEmpty());
}

TEST(ActiveTiles, WhatChangedInTheSecondIs) {
  ActiveTiles tiles({9, 9});
  tiles.next();
  tiles.changed({2, 2, 0});
  tiles.next();
  EXPECT_EQ(tiles.work().size(), 9U);
}

TEST(ActiveTiles, AreThoseThatChangedAndTheirNeighboursOnTheTorus) {
  const std::vector<TileGrid> grids = {{1, 1},    {2, 1},    {1, 2},  {2, 2},    {3, 3},
                                       {8, 5},    {9, 5},    {17, 2}, {1, 1, 3}, {2, 3, 2},
                                       {4, 4, 4}, {9, 3, 5}, {64, 64}};
  for (const auto& grid : grids) {
    ActiveTiles tiles(grid);
    settled(tiles);
    const std::vector<Tile> changed = {{0, 0, 0},
                                       {grid.x - 1, grid.y - 1, grid.z - 1},
                                       {grid.x / 2, 0, grid.z / 2},
                                       {0, grid.y / 2, 0}};
    for (const auto& tile : changed) tiles.changed(tile);
    tiles.next();
    EXPECT_EQ(places(tiles), around(changed, grid)) << grid.x << " " << grid.y << " " << grid.z;
    tiles.next();
    EXPECT_THAT(tiles.work(), ::testing::IsEmpty()) << "nothing changed";
  }
}

TEST(ActiveTiles, WakeOnlyTheNeighboursThatWereNamed) {
  ActiveTiles tiles({6, 6, 3});
  settled(tiles).changed({0, 0, 0}, reach_to(0, 0) | reach_to(-1, 0) | reach_to(1, -1));
  tiles.changed({3, 3, 1}, reach_to(0, 0, 0) | reach_to(0, 1, 1));
  tiles.next();
  EXPECT_THAT(places(tiles), ::testing::ElementsAre(Place{0, 0, 0}, Place{0, 0, 5}, Place{0, 5, 1},
                                                    Place{1, 3, 3}, Place{2, 4, 3}));
}

TEST(ActiveTiles, ThePlaneIsTheNineWithoutDepth) {
  Reach plane = 0;
  for (int dy = -1; dy <= 1; ++dy)
    for (int dx = -1; dx <= 1; ++dx) plane |= reach_to(dx, dy);
  EXPECT_EQ(plane, kReachPlane);
}

TEST(ActiveTiles, WakingAllForgetsWhatChanged) {
  ActiveTiles tiles({8, 8});
  settled(tiles).changed({1, 1, 0});
  tiles.wake_all();
  EXPECT_EQ(tiles.work().size(), 64U);
  tiles.next();
  EXPECT_EQ(tiles.work().size(), 64U);
  tiles.next();
  EXPECT_THAT(tiles.work(), ::testing::IsEmpty());
}

TEST(ActiveTiles, TakeMarksFromSeveralThreads) {
  constexpr TileGrid kGrid{40, 40};
  ActiveTiles tiles(kGrid);
  settled(tiles);
  std::vector<std::thread> threads;
  for (int first = 0; first < 3; ++first)
    threads.emplace_back([&tiles, first] {
      for (std::int32_t y = first; y < 40; y += 3)
        for (std::int32_t x = 0; x < 40; ++x) tiles.changed({x, y, 0});
    });
  for (auto& thread : threads) thread.join();
  tiles.next();
  EXPECT_EQ(places(tiles), every_place(kGrid));
}

// Life with tiles of one cell, stepped by the rule and without it.
class Cells {
 public:
  Cells(TileGrid grid, unsigned seed) : grid_(grid), here_(grid.count()), there_(grid.count(), 1) {
    for (auto& cell : here_) cell = (seed = seed * 1664525U + 1013904223U) >> 30 == 0;
  }

  void step_all() {
    for (int z = 0; z < grid_.z; ++z)
      for (int y = 0; y < grid_.y; ++y)
        for (int x = 0; x < grid_.x; ++x) there_[at(x, y, z)] = next(x, y, z);
    here_.swap(there_);
  }

  void step(ActiveTiles& tiles) {
    for (const auto& tile : tiles.work()) {
      auto& old = there_[at(tile.x, tile.y, tile.z)];
      const auto now = next(tile.x, tile.y, tile.z);
      if (now != old) tiles.changed(tile);
      old = now;
    }
    here_.swap(there_);
    tiles.next();
  }

  bool operator==(const Cells& other) const { return here_ == other.here_; }

 private:
  std::size_t at(int x, int y, int z) const {
    const auto wrap = [](int i, int n) { return static_cast<std::size_t>((i + n) % n); };
    return (wrap(z, grid_.z) * static_cast<std::size_t>(grid_.y) + wrap(y, grid_.y)) *
               static_cast<std::size_t>(grid_.x) +
           wrap(x, grid_.x);
  }

  // Conway's rule in two dimensions; in three, Bays' 4555.
  char next(int x, int y, int z) const {
    int sum = 0;
    const int deep = grid_.z > 1 ? 1 : 0;
    for (int dz = -deep; dz <= deep; ++dz)
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx) sum += here_[at(x + dx, y + dy, z + dz)];
    const bool alive = here_[at(x, y, z)] != 0;
    if (deep != 0) return sum == 5 ? 1 : alive && sum == 6;
    return sum == 3 || (alive && sum == 4);
  }

  TileGrid grid_;
  std::vector<char> here_, there_;
};

TEST(ActiveTiles, SkipExactlyWhatCannotChange) {
  for (const TileGrid grid : {TileGrid{40, 31}, {5, 5}, {64, 3}, {12, 11, 10}}) {
    Cells all(grid, 7);
    Cells some(grid, 7);
    ActiveTiles tiles(grid);
    for (int step = 0; step < 1000; ++step) {
      all.step_all();
      some.step(tiles);
      ASSERT_TRUE(all == some) << step;
    }
    EXPECT_LT(tiles.work().size(), grid.count()) << "what settled is left alone";
  }
}

}  // namespace
}  // namespace atheria
