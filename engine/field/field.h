#pragma once

#include <torch/types.h>

#include <cstdint>

#include "engine/field/grid.h"

namespace atheria {

// The state of a world at one step: planes of equal size on one device. Not thread-safe: lives on
// its world's thread.
class Field {
 public:
  Field(GridSpec grid, int channels, Dtype dtype, at::Device device = at::kCPU);

  const GridSpec& grid() const { return grid_; }
  int channels() const { return channels_; }
  Dtype dtype() const { return dtype_; }
  at::Device device() const { return planes_.device(); }

  // [channels, depth, height, width] float32 or float64, contiguous; for bits
  // [channels, depth, height, words()] int64. Steppers write into this storage.
  at::Tensor& planes() { return planes_; }
  const at::Tensor& planes() const { return planes_; }

  // 64-bit words in a row of bits.
  std::int64_t words() const { return (grid_.width + 63) / 64; }

  // [channels, depth, height, width]: the planes themselves, or bits unpacked to uint8 (a copy).
  at::Tensor dense() const;

  // The inverse, with shape check: copies into planes(); any non-zero cell becomes a set bit.
  void set_dense(const at::Tensor& dense);

  // Exact value of one cell on the CPU or not.
  double value(int channel, int x, int y, int z = 0) const;

  Field clone() const;

  // Copies the other's numbers into this field's storage; shapes must agree.
  void copy_from(const Field& other);

  std::size_t bytes() const { return planes_.nbytes(); }

 private:
  GridSpec grid_;
  int channels_;
  Dtype dtype_;
  at::Tensor planes_;
};

// True when no cell is NaN or infinite; bits always are. Reads the field once.
bool all_finite(const Field& field);

}  // namespace atheria
