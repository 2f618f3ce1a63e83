#pragma once

#include <cstdint>
#include <vector>

#include "engine/kernels/cpu/life_kernels.h"

// A world of bits cut into tiles of up to 52 x 112 cells, each a KB in one place, for stepping those
// of them that move, six steps at a time.
//
// A word is a row of a tile: its cells from bit 6 on, so that there is room for six cells of the
// tiles to the west and to the east when it is stepped. Row y lies in word 8 ((y + 8) % 16) +
// (y + 8) / 16; the 16 words left over are for rows above and below it. Those that its neighbours
// want of it follow, for theirs. A tile has 112 rows, and where the rows of tiles are closer together
// than that, its last rows are the first ones of the next tile again. Both are computed; they cannot
// differ.
namespace atheria::cpu {

class LifeTiles {
 public:
  // At least 6 cells wide.
  LifeTiles(std::int64_t width, std::int64_t height);

  std::int64_t across() const { return static_cast<std::int64_t>(columns_.size()); }
  std::int64_t down() const { return static_cast<std::int64_t>(rows_.size()); }
  std::int64_t count() const { return across() * down(); }     // tiles
  std::int64_t words() const { return count() * kTileWords; }  // of memory, a generation

  // Words of memory a tile takes.
  static constexpr int kRowWords = 8 * kLifeTileSlots;
  static constexpr int kTileWords = kRowWords + 2 * kLifeTileSeen;

  // The tile x, y of a generation, to be stepped into `out`.
  LifeTileView view(std::int64_t x, std::int64_t y, const std::uint64_t* generation,
                    std::uint64_t* out) const;
  std::uint64_t* tile(std::int64_t x, std::int64_t y, std::uint64_t* generation) const {
    return generation + (y * across() + x) * kTileWords;
  }

  // Asks for what the step of a tile will read and write, without waiting for it.
  static void fetch(const LifeTileView& view);

  // To be called for a tile of the row of tiles y whose rows have been written.
  void finish(std::int64_t y, std::uint64_t* tile) const;

  // A row of tiles from rows of words as a field has them.
  void take(std::int64_t y, const std::uint64_t* field, std::uint64_t* generation) const;

  // The rows of a tile that are its own alone, into a field's rows of words. Other tiles of this row
  // of tiles have cells in the same words.
  void give(std::int64_t x, std::int64_t y, const std::uint64_t* tile, std::uint64_t* field) const;

 private:
  struct Column {
    std::int64_t first;       // cell
    int width;                // cells
    std::int64_t west, east;  // columns
  };
  struct Row {
    std::int64_t first, own;    // row of the world, and how many until the next tile's first
    std::int64_t above, below;  // rows of tiles
    // Which words the tile below sees above itself, and the one above below itself.
    std::int32_t last[kLifeTileSeen], first_seen[kLifeTileSeen];
    std::uint64_t top[2][8], bottom[2][8];
  };

  void cut_columns(std::int64_t width);
  void cut_rows();
  void find_neighbours(Row& row) const;

  const std::int64_t height_, words_;  // the world's rows, and the words in each
  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

}  // namespace atheria::cpu
