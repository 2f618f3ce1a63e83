#pragma once

#include <cstdint>
#include <vector>

#include "engine/field/grid.h"

namespace atheria {

// One bit a cell, in rows: row z * height + y, bit x % 64 of word x / 64; bits past the width are
// zero. Rows without a bit are known, so that what is empty costs next to nothing.
//
// Rows may be written by different threads at a time; a row that is read must be finished.
class CellBits {
 public:
  explicit CellBits(const GridSpec& grid);

  std::int64_t rows() const { return static_cast<std::int64_t>(used_.size()); }
  int words() const { return words_; }

  const std::uint64_t* row(std::int64_t r) const { return bits_.data() + r * words_; }
  bool used(std::int64_t r) const { return used_[static_cast<std::size_t>(r)] != 0; }

  // To be followed by written().
  std::uint64_t* write(std::int64_t r) { return bits_.data() + r * words_; }
  void written(std::int64_t r);

  void clear(std::int64_t r);
  void fill(std::int64_t r);  // every cell of the row
  void copy(std::int64_t r, const CellBits& from);

  std::int64_t count(std::int64_t r) const;

 private:
  int words_;
  std::uint64_t last_;  // the bits of a row's last word that are cells
  std::vector<std::uint64_t> bits_;
  std::vector<std::uint8_t> used_;
};

// Where rows and their neighbours lie on the torus.
class RowGrid {
 public:
  explicit RowGrid(const GridSpec& grid) : grid_(grid), deep_(grid.depth > 1) {}

  const GridSpec& grid() const { return grid_; }
  std::int64_t rows() const { return std::int64_t{grid_.height} * grid_.depth; }

  // The row dz layers and dy rows away; both within two.
  std::int64_t beside(std::int64_t row, int dz, int dy) const;

  // `out` (words long): the cells of a row within `radius` (1 or 2) cells of a bit, diagonals
  // included. Returns whether there is one; if not, `out` is not written.
  bool any_within(const CellBits& bits, int radius, std::int64_t row, std::uint64_t* out) const;

 private:
  void spread(std::uint64_t* row, int words) const;

  GridSpec grid_;
  bool deep_;
};

// Writes the positions of the bits, ascending; returns how many.
int positions(const std::uint64_t* bits, int words, std::int32_t* x);

}  // namespace atheria
