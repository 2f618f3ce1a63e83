#pragma once

#include <cstdint>

#include "engine/field/canvas.h"
#include "engine/field/rle.h"

namespace atheria {

// Where the top left cell of a pattern goes.
struct Corner {
  std::int64_t x = 0, y = 0;
};

// By its own Pos, or so that it stands in the middle.
Corner corner_of(const RlePattern& pattern, const GridSpec& grid);

// Throws Error (too_large) when a pattern is larger than the grid.
void check_fits(std::int64_t width, std::int64_t height, const GridSpec& grid);

// Ink where the pattern lives, in the middle layer, around the torus's edges; other cells stay.
void place(Canvas& canvas, const RlePattern& pattern, Corner corner);

// The living cells (not zero) of one layer, cropped to them, placed by Pos.
RlePattern pattern_of(const Field& field, int channel = 0, int z = 0);

}  // namespace atheria
