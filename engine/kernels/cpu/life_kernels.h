#pragma once

#include <cstdint>

// What Life's loops over bits offer, by instruction set. Read by the sources that are compiled for
// one: no inline functions here, no standard containers.
namespace atheria::cpu {

// A rule, for looking it up by bits. What becomes of a cell in whose 3 x 3 square 2 i or 2 i + 1
// cells live is, each word all ones or zero:
//
//   pair[i][0] ^ (odd & pair[i][1]) ^ (alive & pair[i][2]) ^ (odd & alive & pair[i][3])
struct LifeRuleMasks {
  std::uint64_t pair[5][4];
  bool conway;  // B3/S23, which has a shorter way
};

struct LifeStripes;

// Up to eight words of some rows, to be stepped. Each of above, here (the first row) and below (the
// row after the last) is where a row of the strip to the west has its last word, where the strip's
// own row begins, and where a row of the strip to the east begins; further rows of `here` follow at
// `pitch` words.
struct LifeStrip {
  const std::uint64_t* above[3];
  const std::uint64_t* here[3];
  const std::uint64_t* below[3];
  std::int64_t pitch;
  std::int64_t rows;
  int words;       // 1..8
  int last;        // cells in the last of them: less than 64 only at the world's eastern edge
  int west_shift;  // 64 less the cells in the word to the west: not 0 only at the western edge
  std::uint64_t* out;
  std::int64_t out_pitch;
};

// A tile to be stepped (life_tiles.h), and what it needs of the tiles around it.
constexpr int kLifeTileReach =
    6;                            // steps taken at once, and cells to each side that they depend on
constexpr int kLifeTileSeen = 8;  // rows above and below it that are looked at
constexpr int kLifeTileSlots = 16;

struct LifeTileView {
  // Each to the west, in the middle, to the east:
  const std::uint64_t* above[3];  // kLifeTileSeen rows
  const std::uint64_t* own[3];    // tiles
  const std::uint64_t* below[3];  // kLifeTileSeen rows
  int west_width, width;          // cells in a row of the tile to the west, and of this one
  // Which lanes of the first and of the last eight slots hold rows that the tiles above depend on,
  // and those below.
  const std::uint64_t (*top)[8];
  const std::uint64_t (*bottom)[8];
  std::uint64_t* out;  // a tile
};

struct LifeKernels {
  const char* name;  // what they are compiled for

  void (*strip)(const LifeStrip& strip, const LifeRuleMasks& rule);

  // Steps a tile, 1 to kLifeTileReach steps. Returns where that changed what `out` held: bit
  // 3 (dy + 1) + dx + 1 is a cell that the tile dx to the east and dy to the south depends on, with
  // 0, 0 any cell.
  unsigned (*tile)(const LifeTileView& tile, int steps, const LifeRuleMasks& rule);

  // Whether a tile that needs no step, seen in two generations, never changes.
  bool (*tile_rests)(const LifeTileView& tile, const LifeTileView& other,
                     const LifeRuleMasks& rule);

  int lanes;  // of stripes (life_stripes.h)

  // One slab of a world from rows of bits to stripes, and back.
  void (*pack)(const LifeStripes& stripes, int slab, const std::uint64_t* field);
  void (*unpack)(const LifeStripes& stripes, int slab, std::uint64_t* field);

  // Fills the rows around a slab, from which `steps` steps can be taken. All slabs must be at rest.
  void (*margins)(const LifeStripes& stripes, int slab, int steps);

  // 2 to kLifeFused steps of one slab whose margins are filled.
  void (*step)(const LifeStripes& stripes, int slab, int steps, const LifeRuleMasks& rule);
};

}  // namespace atheria::cpu
