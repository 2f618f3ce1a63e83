#pragma once

#include <cstdint>
#include <vector>

#include "engine/field/grid.h"
#include "engine/kernels/cpu/life.h"
#include "engine/kernels/cpu/life_tiles.h"
#include "engine/kernels/sparse/active_tiles.h"

namespace atheria {

// Steps the tiles of a world of bits that do not rest (engine/kernels/sparse/active_tiles.h, with six
// steps of the rule for one: what repeats every 1, 2, 3, 4, 6 or 12 steps rests), on the shared pool.
// Two generations six steps apart lie in tiles of their own. Steps that are left over are taken from
// the newest one into the field alone, and once more when there are six of them.
class LifeSparse {
 public:
  using Word = std::uint64_t;

  // A world at least kLeastWidth cells wide.
  static constexpr int kLeastWidth = cpu::kLifeTileReach;
  LifeSparse(const GridSpec& grid, const cpu::LifeKernels& kernels, const cpu::LifeRuleMasks& rule);

  // Words of memory to be lent to advance().
  std::int64_t scratch() const { return 2 * tiles_.words(); }

  // Up to k steps; less when more than `most` tiles turn out to be active. Returns the steps taken.
  // `scratch` keeps its place and contents from one call to the next, unless forget() is called
  // between.
  std::uint32_t advance(Word* field, Word* scratch, std::uint32_t k, std::int64_t most);

  // Somebody wrote the field, or the scratch memory.
  void forget() { holds_ = false; }

  std::int64_t count() const { return tiles_.count(); }
  std::int64_t active() const { return static_cast<std::int64_t>(moving_.work().size()); }

 private:
  // What is known of a tile, as bits of flags_.
  static constexpr std::uint8_t kStepped = 1;  // since the field got it
  static constexpr std::uint8_t kMayMove = 2;  // it may change while it is not stepped
  static constexpr std::uint8_t kCells = 4;    // it has some; known only while taking

  void take(Word* field, Word* scratch);
  void take_row(std::int64_t y);
  void wake();
  std::uint8_t& flags_of(const Tile& tile) {
    return flags_[static_cast<std::size_t>(tile.y * tiles_.across() + tile.x)];
  }
  void step();
  void step_tiles(std::size_t begin, std::size_t end);
  void give(Word* field, int left_over);
  void give_row(std::int64_t y);
  bool is_wanted(std::int64_t x, std::int64_t y);

  const cpu::LifeKernels& kernels_;
  const cpu::LifeRuleMasks rule_;
  const cpu::LifeTiles tiles_;
  ActiveTiles moving_;
  std::vector<std::uint8_t> flags_;  // one a tile; a tile's is written by who has the tile
  bool holds_ = false;               // the newest generation is the field's, left_over_ steps ago
  int left_over_ = 0;
  Word* newest_ = nullptr;  // generations, in the scratch memory
  Word* other_ = nullptr;
  Word* field_ = nullptr;  // these: only during an advance
  int steps_ = 0;          // from the newest generation to what the field gets
  bool all_may_move_ = false;
};

}  // namespace atheria
