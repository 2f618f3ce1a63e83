#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/cpu/stencil.h"
#include "engine/kernels/sparse/active_tiles.h"

// Tiles of a field, and which of them rest.
namespace atheria {

// One axis of the torus in parts of nearly equal length, each at least as long as wished; one part
// when there is not room for two.
struct AxisCut {
  std::int64_t length = 1;
  int parts = 1;

  AxisCut() = default;
  AxisCut(std::int64_t length_, std::int64_t wish)
      : length(length_), parts(length_ > wish ? static_cast<int>(length_ / wish) : 1) {}

  std::int64_t begin(std::int64_t part) const { return length * part / parts; }
  std::int64_t part_of(std::int64_t i) const { return ((i + 1) * parts - 1) / length; }
  std::int64_t longest() const { return (length + parts - 1) / parts; }

  // Where in its part a cell lies: 0 within `margin` of the beginning, 2 within `margin` of the end,
  // 1 elsewhere. A part alone has no neighbours but itself: 1 everywhere.
  int zone(std::int64_t i, std::int64_t margin) const {
    const auto part = part_of(i);
    if (parts == 1) return 1;
    if (i - begin(part) < margin) return 0;
    return begin(part + 1) - i <= margin ? 2 : 1;
  }
};

struct TileCut {
  AxisCut x, y, z;

  explicit TileCut(const cpu::Shape& shape);
  TileGrid grid() const { return {x.parts, y.parts, z.parts}; }
  std::int64_t cells() const { return x.longest() * y.longest() * z.longest(); }  // of the largest
};

// What moved in a tile, as a set of zones: bit zone(x) + 3 zone(y) + 9 zone(z). The cells of the
// outer zones are those a neighbour depends on during one pass.
using Zones = std::uint32_t;
constexpr Zones kAllZones = (Zones{1} << 27) - 1;

// The neighbours that see zones move, and the tile itself.
Reach reach_of(Zones zones);

// Which tiles a pass of several steps has to compute. The rule of two generations
// (engine/kernels/sparse/active_tiles.h) for steps made in place: of each tile it is known where it
// differs from what it was one step ago and from what it was two steps ago. Where all a tile
// depends on in a pass is as it was two steps ago, an even number of steps leaves the tile as it
// is; where it is as it was one step ago, any number does. Not thread-safe but for found().
class StillTiles {
 public:
  explicit StillTiles(TileGrid grid);

  // Somebody wrote the field: the next pass computes everything.
  void wake_all();

  // The tiles to compute in a pass of an even or an odd number of steps.
  std::span<const Tile> begin_pass(bool even);

  // Where to note, during the pass, in which zones a tile of this pass is not what it was one step
  // ago, and two steps ago. Nowhere, to begin with. From several threads at once.
  struct Change {
    std::atomic<Zones> one{0};
    std::atomic<Zones> two{0};
  };
  Change& change(const Tile& tile) { return changes_[index(tile)]; }

  void end_pass();

 private:
  std::size_t index(const Tile& tile) const;

  ActiveTiles active_;
  std::vector<Change> changes_;         // of every tile: what was found when it was last computed
  std::vector<std::uint8_t> computed_;  // of every tile: whether in this pass
  std::vector<Tile> moved_one_;         // all tiles with change.one
  std::vector<Tile> moved_two_;         // all tiles with change.two
  std::vector<Tile> kept_;
  bool all_ = true;
};

}  // namespace atheria
