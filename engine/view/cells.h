#pragma once

#include <cstdint>
#include <vector>

#include "engine/field/grid.h"
#include "engine/view/view.h"

// A field's cells as numbers to look at, straight from its planes. No torch: only loops live here.
namespace atheria {

// The planes of a CPU field, borrowed.
struct Planes {
  const void* data = nullptr;
  Dtype dtype = Dtype::f32;
  GridSpec grid;
  int channels = 0;

  std::int64_t words() const { return (grid.width + 63) / 64; }

  // Cells of a row, or its words for bits.
  template <typename T>
  const T* row(int channel, int y, int z) const {
    const std::int64_t length = dtype == Dtype::bits ? words() : grid.width;
    const std::int64_t index = (std::int64_t{channel} * grid.depth + z) * grid.height + y;
    return static_cast<const T*>(data) + index * length;
  }
};

enum class Quantity {
  channel,  // as it is
  density,  // sum of re^2 + im^2 over all pairs
  phase,    // argument of the first pair, in (-pi, pi]; 0 where psi is 0
  change,   // sum over channels of |now - before|; 0 when there is no before
  colour,   // (value - lo) / (hi - lo) within 0..1, over white where alpha is below 1
};

// One number a cell.
struct CellSource {
  Planes now;
  Planes before;  // data is null when not known
  Quantity quantity = Quantity::channel;
  int channel = 0;
  int alpha = -1;  // colour: the channel of premultiplied alpha; -1: opaque
  double lo = 0, hi = 1;

  Depth depth = Depth::slice;
  int z = 0;

  // Cells x, x + step, ... of row y: n numbers to out. T: double for f64 planes, else float. NaN
  // and infinity stay visible; colour turns infinity into NaN.
  template <typename T>
  void read(T* out, int x, int n, int step, int y) const;

  // The plane itself where reading it needs no arithmetic, else null.
  template <typename T>
  const T* direct(int x, int y) const;

 private:
  template <typename T>
  void read_layer(T* out, int x, int n, int step, int y, int layer) const;
};

// The argument of re + i im to 1e-7 (plus rounding), in (-pi, pi].
template <typename T>
T phase_of(T re, T im);

}  // namespace atheria
