#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// Which tiles of a torus have to be computed in a step, exactly.
//
// The rule of two generations. Let psi(t+1) = f(psi(t)) be deterministic, the same at every step,
// and let a cell depend on cells at most one tile away. A stepper keeps psi(t) in one buffer and
// psi(t-1) in the other, into which it writes psi(t+1). Where psi(t) == psi(t-2) bit for bit on a
// tile and on the cells around it that the tile depends on, psi(t+1) equals psi(t-1) there, which
// is what the other buffer holds: the tile is left alone. What rests, and what repeats every second
// step, costs nothing.
//
// A step of a law that keeps to this:
//
//   for (const auto& tile : tiles.work())                    // shared out among threads
//     if (compute(tile) differs from what the other buffer held)
//       tiles.changed(tile);
//   exchange the buffers;
//   tiles.next();
//
// and tiles.wake_all() whenever the other buffer holds something else than psi(t-1): at the start,
// after somebody wrote the field, after steps that were not made so.
namespace atheria {

struct TileGrid {
  int x = 1, y = 1, z = 1;  // tiles along each axis, at least 1; it wraps
  std::size_t count() const {
    return static_cast<std::size_t>(x) * static_cast<std::size_t>(y) * static_cast<std::size_t>(z);
  }
};

struct Tile {
  std::int32_t x, y, z;
  bool operator==(const Tile&) const = default;
};

// Those of a tile's 27 neighbours, itself among them, that depend on cells of it that changed.
using Reach = std::uint32_t;

// The neighbour dx, dy, dz (each -1, 0 or 1) tiles away.
constexpr Reach reach_to(int dx, int dy, int dz = 0) {
  return Reach{1} << (9 * (dz + 1) + 3 * (dy + 1) + dx + 1);
}

constexpr Reach kReachAll = (Reach{1} << 27) - 1;
constexpr Reach kReachPlane = Reach{0x1FF} << 9;  // the nine with dz = 0: all there are in 2-D

// One world's tiles. changed() may be called from several threads at once, the rest from one while
// no other thread is in here. Allocates in the constructor only.
class ActiveTiles {
 public:
  explicit ActiveTiles(TileGrid grid);

  const TileGrid& grid() const { return grid_; }

  // The tiles to compute in this step, each once, in order of z, y, x. Valid until next() or
  // wake_all().
  std::span<const Tile> work() const { return work_; }

  // work() is everything, because of wake_all() and not because everything changes.
  bool whole() const { return whole_ > 0; }

  // A tile of work() is not what the other buffer held. `reach` may name fewer neighbours than
  // there are when the law knows which of them depend on the cells that changed; it must name the
  // tile itself.
  void changed(const Tile& tile, Reach reach = kReachAll);

  // The step is done: the list of the step that follows.
  void next();

  // Every tile is to be computed in this step and in the one after it; what changed() says in this
  // one is not used.
  void wake_all();

  // The same for fewer tiles, between two steps: those that depend on the ones named by changed()
  // since the last. To be called where the other buffer holds psi(t+1) already on all other tiles:
  // where there is nothing, nothing is around it, and nothing comes of nothing. What changed() says
  // in this step counts.
  void wake_changed();

 private:
  using Mark = std::atomic<std::uint8_t>;  // threads may set one at the same time

  void mark_work();
  void collect();
  void mark_plane(const Tile& tile, int dz, Reach reach);
  void take_row(std::size_t row);
  void clear_row(std::size_t row);
  void fill();

  TileGrid grid_;
  std::size_t pitch_;        // marks in a row of tiles and one more: whole words of eight bytes
  std::vector<Mark> marks_;  // one a tile: to be computed in the next step
  std::vector<Mark> rows_;   // one a row of tiles: it has a mark
  std::vector<Tile> work_;
  int whole_ = 2;  // steps from now on, this one included, that compute everything
};

}  // namespace atheria
