#pragma once

#include <cstdint>

#include "engine/kernels/cpu/life_kernels.h"

// A torus of bits laid out so that a step shifts nothing: cells that are neighbours in the world are
// in neighbouring words, at the same bit.
//
// The width is cut into 64 segments, the height into bands, `lanes` of them to a slab. Word
// (row, column, lane) of a slab holds, at bit b, the cell `column` of segment b in row `row` of band
// `lane`. Going one cell west is the word `lanes` before; only at column 0 it is the last column's
// word turned by a bit. Segments and bands are as long as the longest of them: where another is
// shorter, its last cells are those of the next one again.
//
// Each slab has rows above and below it, filled from its neighbours (margins) before up to
// kLifeFused steps are taken at once, from the slab's first row to its last, in place.
namespace atheria::cpu {

constexpr int kLifeFused = 8;
constexpr std::int64_t kLifeRing =
    4;  // rows of a step that the next one needs, and those being made

struct LifeStripes {
  std::int64_t width, height;  // of the world, in cells
  std::int64_t words;          // a row of the world
  int lanes, slabs;
  std::int64_t columns, rows;  // of a slab
  std::uint64_t longest;       // bit b: segment b has as many cells as there are columns
  std::int64_t pitch;          // words from a row to the next, in cells and rings
  std::int64_t slab_words;     // of one slab in `cells`, margins included
  std::int64_t ring_words;     // of one slab in `rings`
  std::uint64_t* cells;
  std::uint64_t* rings;  // rows of the steps between the first and the last

  std::uint64_t* row(int slab, std::int64_t y) const;  // y from -margin on
  std::uint64_t* ring(int slab) const;
  std::int64_t first_row(std::int64_t band) const;      // 0..slabs * lanes
  std::int64_t first_cell(std::int64_t segment) const;  // 0..64
};

// Whether a world of this size can be cut so; the slabs are as many as asked for, or fewer when
// there are too few rows. Sets all but the pointers; needs `cells` and `rings` of slabs times their
// words.
bool plan_life_stripes(LifeStripes& stripes, std::int64_t width, std::int64_t height, int lanes,
                       int slabs);

}  // namespace atheria::cpu
