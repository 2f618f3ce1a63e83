#pragma once

#include "engine/kernels/cpu/life_stripes.h"
#include "engine/kernels/cpu/life_vec.h"

// From rows of bits to stripes and back, 64 words of every lane at a time: a 64 x 64 square of bits
// turned about its diagonal. Narrow worlds have less than 64 columns; then several rows share a
// square.
namespace atheria::cpu::ATHERIA_ISA {

using Square = Wide[64];

// Exchanges what lies off the diagonal at distance kStep, in each pair of words kStep apart.
template <int kStep>
ATHERIA_LIFE_INLINE void exchange(Wide& a, Wide& b) {
  constexpr Word kLow = ~Word{0} / ((Word{1} << kStep) + 1);
  const Wide differ = (a >> kStep ^ b) & all<Wide>(kLow);
  b ^= differ;
  a ^= differ << kStep;
}

// Three of the six rounds at once, on eight words kStep apart, which stay in registers.
template <int kStep>
ATHERIA_LIFE_INLINE void turn_eight(Wide* words) {
  Wide w[8];
  for (int i = 0; i < 8; ++i) w[i] = words[i * kStep];
  for (int i = 0; i < 4; ++i) exchange<4 * kStep>(w[i], w[i + 4]);
  for (int i = 0; i < 8; i += 4)
    for (int j = i; j < i + 2; ++j) exchange<2 * kStep>(w[j], w[j + 2]);
  for (int i = 0; i < 8; i += 2) exchange<kStep>(w[i], w[i + 1]);
  for (int i = 0; i < 8; ++i) words[i * kStep] = w[i];
}

inline void turn(Square& square) {
  for (int i = 0; i < 8; ++i) turn_eight<8>(square + i);
  for (int i = 0; i < 64; i += 8) turn_eight<1>(square + i);
}

// How rows and columns of a slab share squares.
struct Squares {
  int rows;     // rows in a square: 1, 2, 4 ... 32
  int columns;  // of each: 64 / rows
};

inline Squares squares_of(const LifeStripes& s) {
  int columns = 64;
  while (columns / 2 >= s.columns) columns /= 2;
  return {64 / columns, columns};
}

// Some rows of every band, word by word with all lanes together; in the rings, which are free
// between steps. After the last cell of a row, its first ones follow where there is room.
class Staged {
 public:
  static constexpr std::int64_t kStride = kLanes<Wide>;

  Staged(const LifeStripes& s, int slab) : s_(s), slab_(slab), words_(s.ring(slab)) {}

  Word* at(int row, std::int64_t word) const {
    return words_ + (row * (s_.words + 2) + word) * kStride;
  }

  void take(int row, std::int64_t y, const Word* field) const {
    const int last = static_cast<int>((s_.width - 1) % 64 + 1);
    for (int lane = 0; lane < s_.lanes; ++lane) {
      const Word* const from = field + world_row(lane, y) * s_.words;
      Word* const to = at(row, 0) + lane;
      for (std::int64_t i = 0; i < s_.words; ++i) to[i * kStride] = from[i];
      if (last == 64) continue;
      Word& end = to[(s_.words - 1) * kStride];
      end = (end & ~(~Word{0} << last)) | from[0] << last;
    }
  }

  void clear(int row) const {
    std::memset(at(row, 0), 0, static_cast<std::size_t>((s_.words + 2) * kStride) * sizeof(Word));
  }

  // Only rows that are a band's own: a shorter band's last row is the next one's first.
  void give(int row, std::int64_t y, Word* field) const {
    for (int lane = 0; lane < s_.lanes; ++lane) {
      const std::int64_t band = slab_ * s_.lanes + lane;
      if (y >= s_.first_row(band + 1) - s_.first_row(band)) continue;
      Word* const to = field + world_row(lane, y) * s_.words;
      const Word* const from = at(row, 0) + lane;
      for (std::int64_t i = 0; i < s_.words; ++i) to[i] = from[i * kStride];
    }
  }

 private:
  // A shorter band's last row is the first of the next one, which may be the world's first.
  std::int64_t world_row(int lane, std::int64_t y) const {
    return (s_.first_row(static_cast<std::int64_t>(slab_) * s_.lanes + lane) + y) % s_.height;
  }

  const LifeStripes& s_;
  const int slab_;
  Word* const words_;
};

// Cells from `cell` on, 64 of them, of all lanes.
ATHERIA_LIFE_INLINE Wide cells_at(const Staged& staged, int row, std::int64_t cell) {
  const std::int64_t word = cell / 64;
  const int shift = static_cast<int>(cell % 64);
  const Wide low = load<Wide>(staged.at(row, word));
  if (shift == 0) return low;
  return low >> shift | load<Wide>(staged.at(row, word + 1)) << (64 - shift);
}

// The first `count` of 64 cells, to `cell` and on, where there is nothing yet.
ATHERIA_LIFE_INLINE void put_cells(const Staged& staged, int row, std::int64_t cell, Wide cells,
                                   std::int64_t count) {
  if (count < 64) cells &= all<Wide>((Word{1} << count) - 1);
  Word* const to = staged.at(row, cell / 64);
  const int shift = static_cast<int>(cell % 64);
  store(to, load<Wide>(to) | cells << shift);
  if (shift + count <= 64) return;
  Word* const next = to + Staged::kStride;
  store(next, load<Wide>(next) | cells >> (64 - shift));
}

class Packer {
 public:
  Packer(const LifeStripes& s, int slab)
      : s_(s), slab_(slab), squares_(squares_of(s)), staged_(s, slab) {}

  void pack(const Word* field) const {
    for (std::int64_t y = 0; y < s_.rows; y += squares_.rows) {
      const int rows = rows_from(y);
      for (int row = 0; row < rows; ++row) staged_.take(row, y + row, field);
      for (std::int64_t column = 0; column < s_.columns; column += squares_.columns) {
        Square square;
        gather(square, rows, column);
        turn(square);
        each_word(rows, column, [&](int i, int row, std::int64_t at) {
          store(s_.row(slab_, y + row) + at * Staged::kStride, square[i]);
        });
      }
    }
  }

  void unpack(Word* field) const {
    for (std::int64_t y = 0; y < s_.rows; y += squares_.rows) {
      const int rows = rows_from(y);
      for (int row = 0; row < rows; ++row) staged_.clear(row);
      for (std::int64_t column = 0; column < s_.columns; column += squares_.columns) {
        Square square = {};
        each_word(rows, column, [&](int i, int row, std::int64_t at) {
          square[i] = load<Wide>(s_.row(slab_, y + row) + at * Staged::kStride);
        });
        turn(square);
        scatter(square, rows, column);
      }
      for (int row = 0; row < rows; ++row) staged_.give(row, y + row, field);
    }
  }

 private:
  int rows_from(std::int64_t y) const {
    return static_cast<int>(s_.rows - y < squares_.rows ? s_.rows - y : squares_.rows);
  }

  // Word i of a square is a column of a row.
  template <class Body>
  void each_word(int rows, std::int64_t column, const Body& body) const {
    const int columns = static_cast<int>(
        s_.columns - column < squares_.columns ? s_.columns - column : squares_.columns);
    for (int row = 0; row < rows; ++row)
      for (int i = 0; i < columns; ++i) body(row * squares_.columns + i, row, column + i);
  }

  void gather(Square& square, int rows, std::int64_t column) const {
    const Wide used = all<Wide>(~Word{0} >> (64 - squares_.columns));
    for (int segment = 0; segment < 64; ++segment) {
      const std::int64_t cell = s_.first_cell(segment) + column;
      Wide cells = {};
      for (int row = 0; row < rows; ++row)
        cells |= (cells_at(staged_, row, cell) & used) << (row * squares_.columns);
      square[segment] = cells;
    }
  }

  void scatter(const Square& square, int rows, std::int64_t column) const {
    for (int segment = 0; segment < 64; ++segment) {
      const std::int64_t cell = s_.first_cell(segment) + column;
      const std::int64_t left = s_.first_cell(segment + 1) - cell;
      if (left <= 0) continue;
      const std::int64_t count = left < squares_.columns ? left : squares_.columns;
      for (int row = 0; row < rows; ++row)
        put_cells(staged_, row, cell, square[segment] >> (row * squares_.columns), count);
    }
  }

  const LifeStripes& s_;
  const int slab_;
  const Squares squares_;
  const Staged staged_;
};

}  // namespace atheria::cpu::ATHERIA_ISA
