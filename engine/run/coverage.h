#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/field/grid.h"

namespace atheria {

// Which cells of a layer a stroke touches, and how far each is from the stroke's line: kept in
// tiles, so that cost and memory follow the stroke and not the field. Coordinates wrap around the
// torus; a cell reached several ways keeps its smallest distance.
class Coverage {
 public:
  static constexpr int kSide = 64;

  struct Tile {
    int x = 0, y = 0;           // its first cell
    int width = 0, height = 0;  // cells within the field
    std::array<float, kSide * kSide> square_distance =
        {};  // infinite where untouched; rows of kSide
  };

  explicit Coverage(const GridSpec& grid) : grid_(grid) {}

  // Cells within `radius` of the straight line from a to b, given unwrapped.
  void add_line(std::array<double, 2> a, std::array<double, 2> b, double radius);

  // One cell, at distance 0.
  void add_cell(std::int64_t x, std::int64_t y);

  const std::vector<Tile>& tiles() const { return tiles_; }

 private:
  Tile& tile_at(int x, int y);

  GridSpec grid_;
  std::vector<Tile> tiles_;
  std::unordered_map<std::int64_t, std::size_t> index_;
};

}  // namespace atheria
