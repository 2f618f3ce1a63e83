#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/field/field.h"

namespace atheria {

// Writes numbers into a CPU field of any dtype, cell by cell. Rows may be written by several
// threads at once, a row by one. Borrows the field and the channels.
class Canvas {
 public:
  Canvas(Field& field, const std::vector<Channel>& channels, bool complex);

  const GridSpec& grid() const { return field_.grid(); }
  const std::vector<Channel>& channels() const { return channels_; }
  int channel_count() const { return static_cast<int>(channels_.size()); }
  bool complex() const { return complex_; }
  bool bits() const { return field_.dtype() == Dtype::bits; }
  int middle_layer() const { return grid().depth / 2; }

  // Coordinates within the grid. Bits are set above a half.
  void set(int channel, std::int64_t x, std::int64_t y, std::int64_t z, double value);
  double get(int channel, std::int64_t x, std::int64_t y, std::int64_t z) const;

  // Every channel between its background (0) and its ink (1).
  void ink(std::int64_t x, std::int64_t y, std::int64_t z, double amount);

  // The value of a channel there; exact at 0 and 1.
  double mixed(int channel, double amount) const;

  // All cells to their background.
  void clear();

  // body(y, z) for every row, on the shared pool.
  void each_row(const std::function<void(std::int64_t y, std::int64_t z)>& body) const;

 private:
  std::int64_t row(int channel, std::int64_t y, std::int64_t z) const;

  Field& field_;
  const std::vector<Channel>& channels_;
  const bool complex_;
  const std::int64_t columns_;  // numbers in a stored row
  void* const numbers_;
};

// A coordinate on a torus of that side: -1 is side - 1.
std::int64_t wrapped(std::int64_t at, std::int64_t side);

}  // namespace atheria
