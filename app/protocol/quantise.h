#pragma once

#include <cstdint>
#include <vector>

#include "app/protocol/header.h"
#include "app/protocol/range.h"
#include "engine/run/frame.h"

namespace atheria::wire {

// A picture in the codes of the wire. Immutable once made; shared by all who watch the same.
struct Quantised {
  std::uint64_t step = 0;
  double time = 0;
  std::uint64_t made_us = 0;
  bool still = false;
  int lod = 0;
  Roi roi = {};   // cells shown
  int width = 0;  // texels
  int height = 0;
  int channels = 1;
  int z = 0;  // the layer shown
  Dtype dtype = Dtype::u8n;
  float scale = 1, offset = 0;
  std::vector<std::uint8_t> bytes = {};  // planar, row-major, little-endian
};

// Turns values into codes. u8n and u16n use `range` and clamp to it; f16 and f32 ignore it. Throws
// Error when a side is over 65535 or the picture's values do not match its size.
Quantised quantise(const Frame& frame, Dtype dtype, Range range);

// True when `next` may be sent as a difference to `base`: same size, place, type and range.
bool can_follow(const Quantised& base, const Quantised& next);

// The value a code stands for, NaN for the NaN codes. `index` counts texels over all channels.
float value_at(const Quantised& picture, std::size_t index);

}  // namespace atheria::wire
