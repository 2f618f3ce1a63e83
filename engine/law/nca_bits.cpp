#include "engine/law/nca_bits.h"

#include <algorithm>
#include <bit>

namespace atheria {

CellBits::CellBits(const GridSpec& grid)
    : words_((grid.width + 63) / 64),
      last_(grid.width % 64 == 0 ? ~std::uint64_t{0} : (std::uint64_t{1} << grid.width % 64) - 1),
      bits_(static_cast<std::size_t>(words_) * static_cast<std::size_t>(grid.height) *
            static_cast<std::size_t>(grid.depth)),
      used_(static_cast<std::size_t>(grid.height) * static_cast<std::size_t>(grid.depth)) {}

void CellBits::written(std::int64_t r) {
  const auto* const words = row(r);
  std::uint64_t any = 0;
  for (int w = 0; w < words_; ++w) any |= words[w];
  used_[static_cast<std::size_t>(r)] = any != 0 ? 1 : 0;
}

void CellBits::clear(std::int64_t r) {
  if (!used(r)) return;
  std::fill_n(write(r), words_, std::uint64_t{0});
  used_[static_cast<std::size_t>(r)] = 0;
}

void CellBits::fill(std::int64_t r) {
  std::fill_n(write(r), words_, ~std::uint64_t{0});
  write(r)[words_ - 1] = last_;
  used_[static_cast<std::size_t>(r)] = 1;
}

void CellBits::copy(std::int64_t r, const CellBits& from) {
  if (!from.used(r)) return clear(r);
  std::copy_n(from.row(r), words_, write(r));
  used_[static_cast<std::size_t>(r)] = 1;
}

std::int64_t CellBits::count(std::int64_t r) const {
  if (!used(r)) return 0;
  std::int64_t total = 0;
  for (int w = 0; w < words_; ++w) total += std::popcount(row(r)[w]);
  return total;
}

std::int64_t RowGrid::beside(std::int64_t row, int dz, int dy) const {
  const auto around = [](std::int64_t at, std::int64_t size) {
    if (size < 3) return (at + 2 * size) % size;  // two away may be further than once around
    return at < 0 ? at + size : at < size ? at : at - size;
  };
  if (!deep_) return around(row + dy, grid_.height);
  const std::int64_t z = row / grid_.height, y = row % grid_.height;
  return around(z + dz, grid_.depth) * grid_.height + around(y + dy, grid_.height);
}

bool RowGrid::any_within(const CellBits& bits, int radius, std::int64_t row,
                         std::uint64_t* out) const {
  const int words = bits.words(), layers = deep_ ? radius : 0;
  bool any = false;
  for (int dz = -layers; dz <= layers; ++dz) {
    for (int dy = -radius; dy <= radius; ++dy) {
      const auto other = beside(row, dz, dy);
      if (!bits.used(other)) continue;
      const auto* const from = bits.row(other);
      for (int w = 0; w < words; ++w) out[w] = any ? out[w] | from[w] : from[w];
      any = true;
    }
  }
  for (int i = 0; any && i < radius; ++i) spread(out, words);
  return any;
}

// Each bit to its two neighbours in the row, which closes on itself.
void RowGrid::spread(std::uint64_t* row, int words) const {
  const int top = (grid_.width - 1) % 64;  // the last cell, in the last word
  const std::uint64_t first = row[0] & 1, last = row[words - 1] >> top & 1;
  std::uint64_t before = last << 63;  // what comes into a word from below
  for (int w = 0; w < words; ++w) {
    const auto here = row[w];
    const auto after = w + 1 < words ? row[w + 1] << 63 : first << top;
    row[w] = here | here << 1 | before >> 63 | here >> 1 | after;
    before = here;
  }
  row[words - 1] &= ~std::uint64_t{0} >> (63 - top);
}

int positions(const std::uint64_t* bits, int words, std::int32_t* x) {
  int count = 0;
  for (int w = 0; w < words; ++w) {
    for (auto rest = bits[w]; rest != 0; rest &= rest - 1) {
      x[count++] = w * 64 + std::countr_zero(rest);
    }
  }
  return count;
}

}  // namespace atheria
