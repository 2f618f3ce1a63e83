#include "engine/kernels/sparse/active_tiles.h"

#include <algorithm>
#include <cstring>

namespace atheria {
namespace {

constexpr std::size_t kWord = 8;

using Mark = std::atomic<std::uint8_t>;

void set(Mark& mark) { mark.store(1, std::memory_order_relaxed); }

bool is_set(const Mark& mark) { return mark.load(std::memory_order_relaxed) != 0; }

int wrapped(int i, int n) { return i < 0 ? n - 1 : i == n ? 0 : i; }

// Eight marks at once, while nobody sets any.
static_assert(sizeof(Mark) == 1);
bool any_of_eight(const Mark* marks) {
  std::uint64_t word = 0;
  std::memcpy(&word, static_cast<const void*>(marks), kWord);
  return word != 0;
}

}  // namespace

ActiveTiles::ActiveTiles(TileGrid grid)
    : grid_(grid),
      pitch_((static_cast<std::size_t>(grid.x) + kWord) / kWord * kWord),
      marks_(pitch_ * static_cast<std::size_t>(grid.y) * static_cast<std::size_t>(grid.z)),
      rows_(marks_.size() / pitch_) {
  work_.reserve(grid.count());
  fill();
}

void ActiveTiles::changed(const Tile& tile, Reach reach) {
  for (int dz = -1; dz <= 1; ++dz, reach >>= 9)
    if ((reach & 0x1FF) != 0) mark_plane(tile, dz, reach & 0x1FF);
}

// Which neighbours those are is as good as random, and a processor that guesses wrong loses more than
// this takes: nothing is skipped, but marks that are not wanted go to a place in the row where no
// tile is.
void ActiveTiles::mark_plane(const Tile& tile, int dz, Reach reach) {
  const auto plane =
      static_cast<std::size_t>(wrapped(tile.z + dz, grid_.z)) * static_cast<std::size_t>(grid_.y);
  const auto nowhere = pitch_ - 1;
  const auto here = static_cast<std::size_t>(tile.x) ^ nowhere;
  const auto west = static_cast<std::size_t>(wrapped(tile.x - 1, grid_.x)) ^ nowhere;
  const auto east = static_cast<std::size_t>(wrapped(tile.x + 1, grid_.x)) ^ nowhere;
  const auto mark_row = [&](int y, std::size_t wanted) {
    const auto row = plane + static_cast<std::size_t>(wrapped(y, grid_.y));
    auto* const marks = marks_.data() + row * pitch_;
    set(rows_[row]);
    set(marks[nowhere ^ (west & (0 - (wanted & 1)))]);
    set(marks[nowhere ^ (here & (0 - (wanted >> 1 & 1)))]);
    set(marks[nowhere ^ (east & (0 - (wanted >> 2 & 1)))]);
  };
  mark_row(tile.y - 1, reach & 7U);
  mark_row(tile.y, reach >> 3 & 7U);
  mark_row(tile.y + 1, reach >> 6 & 7U);
}

void ActiveTiles::next() {
  whole_ = std::max(whole_ - 1, 0);
  if (whole_ > 0) mark_work();
  collect();
}

void ActiveTiles::collect() {
  work_.clear();
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    if (!is_set(rows_[row])) continue;
    take_row(row);
    clear_row(row);
  }
}

// What is computed now is computed in the next step, too.
void ActiveTiles::mark_work() {
  for (const auto& tile : work_) {
    const auto row = static_cast<std::size_t>(tile.z) * static_cast<std::size_t>(grid_.y) +
                     static_cast<std::size_t>(tile.y);
    set(rows_[row]);
    set(marks_[row * pitch_ + static_cast<std::size_t>(tile.x)]);
  }
}

void ActiveTiles::take_row(std::size_t row) {
  const auto* const marks = marks_.data() + row * pitch_;
  const auto y = static_cast<std::int32_t>(row % static_cast<std::size_t>(grid_.y));
  const auto z = static_cast<std::int32_t>(row / static_cast<std::size_t>(grid_.y));
  for (std::size_t begin = 0; begin < pitch_; begin += kWord) {
    if (!any_of_eight(marks + begin)) continue;
    const auto end = std::min(begin + kWord, static_cast<std::size_t>(grid_.x));
    for (auto x = begin; x < end; ++x)
      if (is_set(marks[x])) work_.push_back({static_cast<std::int32_t>(x), y, z});
  }
}

void ActiveTiles::clear_row(std::size_t row) {
  std::memset(static_cast<void*>(marks_.data() + row * pitch_), 0, pitch_);
  rows_[row].store(0, std::memory_order_relaxed);
}

void ActiveTiles::wake_all() {
  whole_ = 2;
  fill();
  for (std::size_t row = 0; row < rows_.size(); ++row) clear_row(row);
}

void ActiveTiles::wake_changed() {
  whole_ = 2;
  collect();
}

void ActiveTiles::fill() {
  work_.clear();
  for (std::int32_t z = 0; z < grid_.z; ++z)
    for (std::int32_t y = 0; y < grid_.y; ++y)
      for (std::int32_t x = 0; x < grid_.x; ++x) work_.push_back({x, y, z});
}

}  // namespace atheria
