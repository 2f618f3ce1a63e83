#pragma once

#include "engine/kernels/cpu/life_stripes.h"
#include "engine/kernels/cpu/life_vec.h"

// The rows around a slab: a band's neighbour is the next lane, or a lane of the next slab.
namespace atheria::cpu::ATHERIA_ISA {

class Margins {
 public:
  Margins(const LifeStripes& s, int slab)
      : s_(s), slab_(slab), bands_(static_cast<std::int64_t>(s.slabs) * kStride) {}

  void fill(int steps) const {
    const bool even = s_.height % bands_ == 0;
    for (std::int64_t i = 0; i < steps; ++i) {
      if (even) {
        above(i);
        below(i);
      } else {
        for (int lane = 0; lane < kStride; ++lane) lane_row(lane, i);
      }
    }
  }

 private:
  static constexpr std::int64_t kStride = kLanes<Wide>;

  // Bands of equal height: all lanes of a row at once.
  void above(std::int64_t i) const {
    const std::int64_t from = s_.rows - 1 - i;
    const Word* const own = s_.row(slab_, from);
    const Word* const other = s_.row((slab_ + s_.slabs - 1) % s_.slabs, from) + kStride - 1;
    Word* const to = s_.row(slab_, -1 - i);
    for (std::int64_t at = 0; at < s_.columns * kStride; at += kStride) {
      std::memcpy(to + at + 1, own + at, (kStride - 1) * sizeof(Word));
      to[at] = other[at];
    }
  }

  void below(std::int64_t i) const {
    const Word* const own = s_.row(slab_, i) + 1;
    const Word* const other = s_.row((slab_ + 1) % s_.slabs, i);
    Word* const to = s_.row(slab_, s_.rows + i);
    for (std::int64_t at = 0; at < s_.columns * kStride; at += kStride) {
      std::memcpy(to + at, own + at, (kStride - 1) * sizeof(Word));
      to[at + kStride - 1] = other[at];
    }
  }

  void lane_row(int lane, std::int64_t i) const {
    const std::int64_t band = slab_ * kStride + lane;
    const std::int64_t up = (band + bands_ - 1) % bands_, down = (band + 1) % bands_;
    copy_lane(up, length(up) - 1 - i, lane, -1 - i);
    copy_lane(down, s_.rows - length(band) + i, lane, s_.rows + i);
  }

  std::int64_t length(std::int64_t band) const {
    return s_.first_row(band + 1) - s_.first_row(band);
  }

  void copy_lane(std::int64_t band, std::int64_t from_y, int lane, std::int64_t to_y) const {
    const Word* const from = s_.row(static_cast<int>(band / kStride), from_y) + band % kStride;
    Word* const to = s_.row(slab_, to_y) + lane;
    for (std::int64_t at = 0; at < s_.columns * kStride; at += kStride) to[at] = from[at];
  }

  const LifeStripes& s_;
  const int slab_;
  const std::int64_t bands_;
};

}  // namespace atheria::cpu::ATHERIA_ISA
