#include "engine/kernels/cpu/life_tiles.h"

namespace atheria::cpu {
namespace {

using Word = std::uint64_t;

constexpr std::int64_t kCells = 64 - 2 * kLifeTileReach, kRows = 112;
constexpr std::int64_t kSeen = kLifeTileSeen;

// Where a row of a tile is among its words.
constexpr std::int32_t word_of(std::int64_t row) {
  return static_cast<std::int32_t>(8 * ((row + kSeen) % 16) + (row + kSeen) / 16);
}

constexpr std::int64_t wrapped(std::int64_t i, std::int64_t n) { return (i % n + n) % n; }

// Sets the lanes of the rows of eight from `begin` to `end`.
void set_lanes(Word (&lanes)[2][8], std::int64_t begin, std::int64_t end) {
  for (std::int64_t row = 0; row < kRows; row += 8)
    if (row + 8 > begin && row < end) {
      const auto word = word_of(row);
      lanes[word / 64][word % 8] = ~Word{0};
    }
}

// `count` cells of a row of words, from `first` on.
Word cells_at(const Word* row, std::int64_t first, int count) {
  const std::int64_t word = first / 64;
  const auto shift = static_cast<int>(first % 64);
  Word cells = row[word] >> shift;
  if (shift + count > 64) cells |= row[word + 1] << (64 - shift);
  return cells & ((Word{1} << count) - 1);
}

void put_cells(Word* row, std::int64_t first, int count, Word cells) {
  const std::int64_t word = first / 64;
  const auto shift = static_cast<int>(first % 64);
  const Word mask = (Word{1} << count) - 1;
  row[word] = (row[word] & ~(mask << shift)) | cells << shift;
  if (shift + count > 64)
    row[word + 1] = (row[word + 1] & ~(mask >> (64 - shift))) | cells >> (64 - shift);
}

}  // namespace

LifeTiles::LifeTiles(std::int64_t width, std::int64_t height)
    : height_(height), words_((width + 63) / 64) {
  cut_columns(width);
  cut_rows();
}

void LifeTiles::cut_columns(std::int64_t width) {
  const std::int64_t count = (width + kCells - 1) / kCells;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t first = width * i / count, end = width * (i + 1) / count;
    columns_.push_back(
        {first, static_cast<int>(end - first), wrapped(i - 1, count), wrapped(i + 1, count)});
  }
}

void LifeTiles::cut_rows() {
  const std::int64_t count = (height_ + kRows - 1) / kRows;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t first = height_ * i / count, end = height_ * (i + 1) / count;
    rows_.push_back(
        {first, end - first, wrapped(i - 1, count), wrapped(i + 1, count), {}, {}, {}, {}});
  }
  for (auto& row : rows_) find_neighbours(row);
}

void LifeTiles::find_neighbours(Row& row) const {
  // In a world of one row of tiles the neighbours are the tile itself, and rows may come around more
  // than once.
  const auto word = [&](std::int64_t y) {
    return word_of(rows_.size() > 1 ? y : wrapped(y, height_));
  };
  const std::int64_t above_own = rows_[static_cast<std::size_t>(row.above)].own;
  for (std::int64_t i = 0; i < kSeen; ++i) {
    row.last[i] = word(row.own - kSeen + i);
    row.first_seen[i] = word(kRows - above_own + i);
  }
  set_lanes(row.top, 0, kRows - above_own + kLifeTileReach);
  set_lanes(row.bottom, row.own - kLifeTileReach, kRows);
}

LifeTileView LifeTiles::view(std::int64_t x, std::int64_t y, const Word* generation,
                             Word* out) const {
  const Column& column = columns_[static_cast<std::size_t>(x)];
  const Row& row = rows_[static_cast<std::size_t>(y)];
  const std::int64_t stride = across() * kTileWords;
  const Word* const above = generation + row.above * stride + kRowWords;
  const Word* const own = generation + y * stride;
  const Word* const below = generation + row.below * stride + kRowWords + kLifeTileSeen;
  const std::int64_t west = column.west * kTileWords, middle = x * kTileWords,
                     east = column.east * kTileWords;
  return {.above = {above + west, above + middle, above + east},
          .own = {own + west, own + middle, own + east},
          .below = {below + west, below + middle, below + east},
          .west_width = columns_[static_cast<std::size_t>(column.west)].width,
          .width = column.width,
          .top = row.top,
          .bottom = row.bottom,
          .out = out};
}

void LifeTiles::fetch(const LifeTileView& view) {
  static_cast<void>(view);
#if defined(__GNUC__)
  for (int side = 0; side < 3; ++side) {
    for (int i = 0; i < kRowWords; i += 8) __builtin_prefetch(view.own[side] + i);
    __builtin_prefetch(view.above[side]);
    __builtin_prefetch(view.below[side]);
  }
  for (int i = 0; i < kTileWords; i += 8) __builtin_prefetch(view.out + i, 1);
#endif
}

void LifeTiles::finish(std::int64_t y, Word* tile) const {
  const Row& row = rows_[static_cast<std::size_t>(y)];
  for (int i = 0; i < kLifeTileSeen; ++i) {
    tile[kRowWords + i] = tile[row.last[i]];
    tile[kRowWords + kLifeTileSeen + i] = tile[row.first_seen[i]];
  }
}

void LifeTiles::take(std::int64_t y, const Word* field, Word* generation) const {
  const Row& row = rows_[static_cast<std::size_t>(y)];
  for (std::int64_t i = 0; i < kRows; ++i) {
    const Word* const from = field + (row.first + i) % height_ * words_;
    Word* to = generation + y * across() * kTileWords + word_of(i);
    for (const auto& column : columns_) {
      *to = cells_at(from, column.first, column.width) << kLifeTileReach;
      to += kTileWords;
    }
  }
  for (std::int64_t x = 0; x < across(); ++x) {
    Word* const taken = tile(x, y, generation);
    for (int slot = 0; slot < kLifeTileSlots; ++slot) taken[8 * slot + (slot < 8 ? 0 : 7)] = 0;
    finish(y, taken);
  }
}

void LifeTiles::give(std::int64_t x, std::int64_t y, const Word* tile, Word* field) const {
  const Column& column = columns_[static_cast<std::size_t>(x)];
  const Row& row = rows_[static_cast<std::size_t>(y)];
  for (std::int64_t i = 0; i < row.own; ++i)
    put_cells(field + (row.first + i) * words_, column.first, column.width,
              tile[word_of(i)] >> kLifeTileReach);
}

}  // namespace atheria::cpu
