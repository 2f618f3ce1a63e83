#include "engine/run/coverage.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace atheria {

namespace {

int wrap(std::int64_t value, int side) {
  const auto rest = static_cast<int>(value % side);
  return rest < 0 ? rest + side : rest;
}

// A line from a point, for distances to it.
struct Line {
  double ax, ay, dx, dy, inverse_square_length;

  Line(std::array<double, 2> a, std::array<double, 2> b)
      : ax(a[0]), ay(a[1]), dx(b[0] - a[0]), dy(b[1] - a[1]) {
    const double square = dx * dx + dy * dy;
    inverse_square_length = square > 0 ? 1 / square : 0;
  }

  // Smallest and largest x of cells of row y within the radius; a little wider than true at slanted
  // ends. Empty when first > last.
  std::array<std::int64_t, 2> columns(double y, double radius) const {
    double from = 0;
    double to = 1;
    if (dy != 0) {  // the part of the line whose own height is within the radius of y
      const double one = (y - radius - ay) / dy;
      const double other = (y + radius - ay) / dy;
      from = std::max(from, std::min(one, other));
      to = std::min(to, std::max(one, other));
      if (from > to) return {1, 0};
    }
    const double left = ax + std::min(from * dx, to * dx) - radius;
    const double right = ax + std::max(from * dx, to * dx) + radius;
    return {static_cast<std::int64_t>(std::ceil(left)),
            static_cast<std::int64_t>(std::floor(right))};
  }

  // Lowers out[i] to the square distance of cell (x + i, y) where that is within the radius.
  void measure(double x, double y, int n, double radius, float* out) const {
    const double up = y - ay;
    const double most = radius * radius;
    for (int i = 0; i < n; ++i) {
      const double along = x + i - ax;
      double t = (along * dx + up * dy) * inverse_square_length;
      t = t < 0 ? 0 : t > 1 ? 1 : t;
      const double across = along - t * dx;
      const double down = up - t * dy;
      const double square = across * across + down * down;
      const auto near = static_cast<float>(square);
      out[i] = ((square <= most) & (near < out[i])) ? near : out[i];
    }
  }
};

}  // namespace

void Coverage::add_line(std::array<double, 2> a, std::array<double, 2> b, double radius) {
  const Line line(a, b);
  const auto top = static_cast<std::int64_t>(std::ceil(std::min(a[1], b[1]) - radius));
  const auto bottom = static_cast<std::int64_t>(std::floor(std::max(a[1], b[1]) + radius));
  for (std::int64_t y = top; y <= bottom; ++y) {
    const auto [first, last] = line.columns(static_cast<double>(y), radius);
    const int row = wrap(y, grid_.height);
    for (std::int64_t x = first; x <= last;) {
      const int column = wrap(x, grid_.width);
      Tile& tile = tile_at(column, row);
      const int within = column - tile.x;
      const int n = static_cast<int>(std::min<std::int64_t>(last - x + 1, tile.width - within));
      float* const out = tile.square_distance.data() + (row - tile.y) * kSide + within;
      line.measure(static_cast<double>(x), static_cast<double>(y), n, radius, out);
      x += n;
    }
  }
}

void Coverage::add_cell(std::int64_t x, std::int64_t y) {
  const int column = wrap(x, grid_.width);
  const int row = wrap(y, grid_.height);
  Tile& tile = tile_at(column, row);
  tile.square_distance[(row - tile.y) * kSide + column - tile.x] = 0;
}

Coverage::Tile& Coverage::tile_at(int x, int y) {
  const int left = x / kSide * kSide;
  const int top = y / kSide * kSide;
  const std::int64_t key = std::int64_t{top} << 32 | left;
  const auto [at, fresh] = index_.try_emplace(key, tiles_.size());
  if (fresh) {
    Tile& tile = tiles_.emplace_back();
    tile.x = left;
    tile.y = top;
    tile.width = std::min(kSide, grid_.width - left);
    tile.height = std::min(kSide, grid_.height - top);
    tile.square_distance.fill(std::numeric_limits<float>::infinity());
  }
  return tiles_[at->second];
}

}  // namespace atheria
