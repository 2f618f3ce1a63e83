#include "engine/law/life_sparse.h"

#include <algorithm>
#include <utility>

#include "engine/base/pool.h"

namespace atheria {
namespace {

// Fewer tiles are stepped by one thread: it needs less than the others need to hear of it.
constexpr std::size_t kTilesForThreads = 16;
constexpr int kTileWords = cpu::LifeTiles::kTileWords;

}  // namespace

LifeSparse::LifeSparse(const GridSpec& grid, const cpu::LifeKernels& kernels,
                       const cpu::LifeRuleMasks& rule)
    : kernels_(kernels),
      rule_(rule),
      tiles_(grid.width, grid.height),
      moving_({.x = static_cast<int>(tiles_.across()), .y = static_cast<int>(tiles_.down())}),
      flags_(static_cast<std::size_t>(tiles_.count())) {}

std::uint32_t LifeSparse::advance(Word* field, Word* scratch, std::uint32_t k, std::int64_t most) {
  if (!holds_) take(field, scratch);
  constexpr std::uint64_t kTurn = cpu::kLifeTileReach;
  const auto lag = static_cast<std::uint64_t>(left_over_);
  const auto turns = (lag + k) / kTurn;
  for (std::uint64_t turn = 0; turn < turns; ++turn) {
    const bool crowded = !moving_.whole() && active() > most;
    if (crowded && (turn > 0 || lag == 0)) {
      give(field, 0);
      return static_cast<std::uint32_t>(turn * kTurn - lag);
    }
    if (active() == 0) {  // all that moves is back after twelve steps: nothing else comes
      if ((turns - turn) % 2 == 1) std::swap(newest_, other_);
      break;
    }
    step();
  }
  give(field, static_cast<int>((lag + k) % kTurn));
  return k;
}

void LifeSparse::take(Word* field, Word* scratch) {
  newest_ = scratch;
  other_ = scratch + tiles_.words();
  field_ = field;
  shared_pool().bands(tiles_.down(), [this](std::int64_t begin, std::int64_t end) {
    for (auto y = begin; y < end; ++y) take_row(y);
  });
  wake();
  holds_ = true;
  left_over_ = 0;
}

// A tile without a cell is made one in the other generation, too: as long as there is none about it,
// that is what comes of it.
void LifeSparse::take_row(std::int64_t y) {
  tiles_.take(y, field_, newest_);
  for (std::int64_t x = 0; x < tiles_.across(); ++x) {
    const Word* const tile = tiles_.tile(x, y, newest_);
    const bool cells = std::any_of(tile, tile + kTileWords, [](Word word) { return word != 0; });
    flags_[static_cast<std::size_t>(y * tiles_.across() + x)] = cells ? kCells : 0;
    if (!cells) std::fill_n(tiles_.tile(x, y, other_), kTileWords, Word{0});
  }
}

// Only tiles with cells about them are computed, unless the rule makes something of nothing.
void LifeSparse::wake() {
  if (rule_.pair[0][0] != 0) {
    moving_.wake_all();
  } else {
    for (std::int32_t y = 0; y < moving_.grid().y; ++y)
      for (std::int32_t x = 0; x < moving_.grid().x; ++x)
        if ((flags_of({x, y, 0}) & kCells) != 0) moving_.changed({x, y, 0}, kReachPlane);
    moving_.wake_changed();
  }
  std::fill(flags_.begin(), flags_.end(), std::uint8_t{0});
  for (const auto& tile : moving_.work()) flags_of(tile) = kMayMove;
}

void LifeSparse::step() {
  const auto count = moving_.work().size();
  if (count < kTilesForThreads)
    step_tiles(0, count);
  else  // captures one pointer: a std::function that allocates nothing
    shared_pool().bands(
        static_cast<std::int64_t>(count), [this](std::int64_t begin, std::int64_t end) {
          step_tiles(static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
        });
  std::swap(newest_, other_);
  moving_.next();
}

void LifeSparse::step_tiles(std::size_t begin, std::size_t end) {
  const auto work = moving_.work();
  const auto view = [&](const Tile& tile) {
    return tiles_.view(tile.x, tile.y, newest_, tiles_.tile(tile.x, tile.y, other_));
  };
  for (auto i = begin; i < end; ++i) {
    const Tile& tile = work[i];
    // The tile next door is near already.
    if (i + 1 < end && work[i + 1].x != tile.x + 1) tiles_.fetch(view(work[i + 1]));
    const auto here = view(tile);
    const auto reach = kernels_.tile(here, cpu::kLifeTileReach, rule_);
    tiles_.finish(tile.y, here.out);
    flags_of(tile) = kStepped | kMayMove;
    if (reach != 0) moving_.changed(tile, Reach{reach} << 9);
  }
}

// The field has what it got last time. Since then tiles were stepped; and when it was or is to be
// between two generations, whatever moves at all may differ.
void LifeSparse::give(Word* field, int left_over) {
  field_ = field;
  steps_ = left_over;
  all_may_move_ = left_over != 0 || left_over_ != 0;
  if (all_may_move_)
    for (const auto& tile : moving_.work()) flags_of(tile) |= kStepped | kMayMove;
  shared_pool().bands(tiles_.down(), [this](std::int64_t begin, std::int64_t end) {
    for (auto y = begin; y < end; ++y) give_row(y);
  });
  left_over_ = left_over;
}

void LifeSparse::give_row(std::int64_t y) {
  for (std::int64_t x = 0; x < tiles_.across(); ++x) {
    if (!is_wanted(x, y)) continue;
    if (steps_ == 0) {
      tiles_.give(x, y, tiles_.tile(x, y, newest_), field_);
    } else {
      Word between[kTileWords] = {};
      kernels_.tile(tiles_.view(x, y, newest_, between), steps_, rule_);
      tiles_.give(x, y, between, field_);
    }
  }
}

// Only of a tile that needs no step can be told that it rests for good (and so did when the field
// got it last).
bool LifeSparse::is_wanted(std::int64_t x, std::int64_t y) {
  auto& flags = flags_of({static_cast<std::int32_t>(x), static_cast<std::int32_t>(y), 0});
  const bool stepped = (flags & kStepped) != 0;
  flags &= kMayMove;
  if (stepped) return true;
  if (flags == 0 || !all_may_move_) return false;
  if (kernels_.tile_rests(tiles_.view(x, y, newest_, nullptr), tiles_.view(x, y, other_, nullptr),
                          rule_))
    flags = 0;
  return flags != 0;
}

}  // namespace atheria
