#include "engine/run/coverage.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <utility>

namespace atheria {
namespace {

using Touched = std::map<std::pair<int, int>, float>;

Touched touched(const Coverage& coverage) {
  Touched cells;
  for (const Coverage::Tile& tile : coverage.tiles()) {
    for (int y = 0; y < tile.height; ++y) {
      for (int x = 0; x < tile.width; ++x) {
        const float square = tile.square_distance[y * Coverage::kSide + x];
        if (std::isfinite(square)) cells[{tile.x + x, tile.y + y}] = square;
      }
    }
  }
  return cells;
}

// Distance to the nearest image of a line on the torus, found by trying them all.
double slow_distance(const GridSpec& grid, double x, double y, const std::array<double, 2>& a,
                     const std::array<double, 2>& b) {
  double nearest = 1e9;
  for (int v = -3; v <= 3; ++v) {
    for (int u = -3; u <= 3; ++u) {
      const double px = x + u * grid.width - a[0];
      const double py = y + v * grid.height - a[1];
      const double dx = b[0] - a[0];
      const double dy = b[1] - a[1];
      const double square = dx * dx + dy * dy;
      const double t = square > 0 ? std::clamp((px * dx + py * dy) / square, 0.0, 1.0) : 0;
      nearest = std::min(nearest, std::hypot(px - t * dx, py - t * dy));
    }
  }
  return nearest;
}

void expect_exact(const GridSpec& grid, std::array<double, 2> a, std::array<double, 2> b,
                  double radius) {
  Coverage coverage(grid);
  coverage.add_line(a, b, radius);
  const Touched cells = touched(coverage);
  for (int y = 0; y < grid.height; ++y) {
    for (int x = 0; x < grid.width; ++x) {
      const double distance = slow_distance(grid, x, y, a, b);
      const auto found = cells.find({x, y});
      ASSERT_EQ(found != cells.end(), distance <= radius) << x << ' ' << y << ' ' << distance;
      if (found != cells.end()) {
        ASSERT_NEAR(std::sqrt(found->second), distance, 1e-4);
      }
    }
  }
}

TEST(Coverage, IsEveryCellWithinTheRadiusOfTheLine) {
  expect_exact({100, 80}, {40.3, 30.2}, {40.3, 30.2}, 7.5);
  expect_exact({100, 80}, {20.1, 30.2}, {70.7, 30.2}, 5.3);
  expect_exact({100, 80}, {20.1, 12.4}, {20.1, 60.9}, 5.3);
  expect_exact({100, 80}, {70.1, 12.4}, {20.6, 60.9}, 8.7);
}

TEST(Coverage, GoesAroundTheTorus) {
  expect_exact({100, 80}, {1.2, 2.3}, {1.2, 2.3}, 7.5);
  expect_exact({100, 80}, {95.1, 70.2}, {112.3, 93.4}, 6.2);
  expect_exact({100, 80}, {-30.4, -20.7}, {-150.1, 40.2}, 6.2);
}

TEST(Coverage, ABrushLargerThanTheFieldKeepsTheNearestWay) {
  expect_exact({30, 20}, {5.1, 5.2}, {9.3, 8.4}, 25.5);
}

TEST(Coverage, FollowsTheStrokeAndNotTheField) {
  Coverage coverage({65536, 65536});
  coverage.add_line({1000, 1000}, {1000, 1000}, 4);
  EXPECT_LE(coverage.tiles().size(), 4U);
  Coverage diagonal({65536, 65536});
  diagonal.add_line({0, 0}, {6400, 6400}, 4);
  EXPECT_LE(diagonal.tiles().size(),
            310U);  // 101 on the diagonal and those beside it, of 10201 in its box
}

TEST(Coverage, ACellMayLieAnyNumberOfFieldsAway) {
  Coverage coverage({10, 10});
  coverage.add_cell(-1, 25);
  EXPECT_EQ(touched(coverage), (Touched{{{9, 5}, 0.0F}}));
}

}  // namespace
}  // namespace atheria
