#include "engine/law/stencil_tiles.h"

namespace atheria {
namespace {

// Large enough that the cells computed twice, at the edges, are few; small enough to fit activity.
constexpr std::int64_t kFlatWidth = 64, kFlatHeight = 32;
constexpr std::int64_t kDeepWidth = 32, kDeepHeight = 16, kDeepDepth = 16;

// Zones on the side of lesser x, y, z.
constexpr Zones kLeft = 0x1249249;
constexpr Zones kUpper = 0x1C0E07;
constexpr Zones kFront = 0x1FF;

// Zones on both sides of an axis, `step` bits apart, are seen from the middle, too.
Zones with_middle(Zones zones, Zones lesser, int step) {
  return zones | (zones & lesser) << step | (zones & lesser << 2 * step) >> step;
}

}  // namespace

TileCut::TileCut(const cpu::Shape& shape) {
  const bool deep = shape.depth > 1;
  x = AxisCut(shape.width, deep ? kDeepWidth : kFlatWidth);
  y = AxisCut(shape.height, deep ? kDeepHeight : kFlatHeight);
  z = AxisCut(shape.depth, kDeepDepth);
}

Reach reach_of(Zones zones) {
  zones = with_middle(zones, kLeft, 1);
  zones = with_middle(zones, kUpper, 3);
  return with_middle(zones, kFront, 9);
}

StillTiles::StillTiles(TileGrid grid)
    : active_(grid), changes_(grid.count()), computed_(grid.count()) {
  for (auto* list : {&moved_one_, &moved_two_, &kept_}) list->reserve(grid.count());
  wake_all();
}

void StillTiles::wake_all() {
  active_.wake_all();
  active_.next();  // the pass after this one goes by what is noted
  moved_one_.clear();
  moved_two_.clear();
  all_ = true;
}

std::span<const Tile> StillTiles::begin_pass(bool even) {
  if (!all_) {
    for (const auto& tile : even ? moved_two_ : moved_one_) {
      const auto& found = change(tile);
      active_.changed(tile, reach_of(even ? found.two : found.one));
    }
    active_.next();
  }
  for (const auto& tile : active_.work()) {
    change(tile).one = 0;
    change(tile).two = 0;
  }
  return active_.work();
}

// What a tile that was left alone differs in from one step ago it still differs in: it repeats every
// second step. From two steps ago it does not differ.
void StillTiles::end_pass() {
  all_ = false;
  for (const auto& tile : active_.work()) computed_[index(tile)] = 1;
  kept_.clear();
  for (const auto& tile : moved_one_)
    if (computed_[index(tile)] == 0) kept_.push_back(tile);
  moved_one_.swap(kept_);
  moved_two_.clear();
  for (const auto& tile : active_.work()) {
    computed_[index(tile)] = 0;
    if (change(tile).one != 0) moved_one_.push_back(tile);
    if (change(tile).two != 0) moved_two_.push_back(tile);
  }
}

std::size_t StillTiles::index(const Tile& tile) const {
  const auto& grid = active_.grid();
  const auto row = static_cast<std::size_t>(tile.z) * static_cast<std::size_t>(grid.y) +
                   static_cast<std::size_t>(tile.y);
  return row * static_cast<std::size_t>(grid.x) + static_cast<std::size_t>(tile.x);
}

}  // namespace atheria
