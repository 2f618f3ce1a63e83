#pragma once

#include <cstdint>

#include "engine/kernels/cpu/stencil.h"
#include "engine/law/stencil_planes.h"

namespace atheria {

// Where a wavefront keeps the few lines of each level that are still needed. A line is a row in two
// dimensions, a layer in three; `group` of them are made together, and `slots` groups are kept.
struct RingLayout {
  static constexpr std::int64_t kVector = cpu::kStencilVector;  // rows are aligned to as many

  std::int64_t pitch = 0;  // numbers from one row to the next
  std::int64_t line = 0;   // numbers of one channel of a line
  int group = 2;
  int slots = 2;  // in two dimensions a power of two

  // For `levels` levels over a box, of whose rows `sides` cells beyond each end are kept, too; at
  // least `slots` slots.
  static RingLayout of(const Box& box, int levels, std::int64_t sides, bool deep, int slots) {
    RingLayout layout{.group = deep ? 1 : 2, .slots = deep || slots < 3 ? slots : 4};
    layout.pitch = (box.width + 2 * sides + kVector - 1) / kVector * kVector;
    // Rows that long often lie a multiple of 4 KiB apart, which some processors take for the same
    // place for a while.
    if (!deep) layout.pitch += 3 * kVector;
    layout.line = deep ? (box.height + 2 * levels) * layout.pitch : layout.pitch;
    return layout;
  }

  // Two vectors before the first cell, and whole vectors read beyond the last.
  std::int64_t numbers(int levels) const {
    const auto lines = static_cast<std::int64_t>(levels) * slots * group + (group == 2 ? 1 : 0);
    return lines * cpu::kStencilChannels * line + 5 * kVector;
  }
};

// The lines themselves. Level l begins at line first - l: each lags one line behind the one before.
template <class T, bool kDeep>
class Ring {
 public:
  Ring(const RingLayout& layout, std::int64_t first, T* numbers)
      : layout_(layout), first_(first), numbers_(numbers) {}

  std::int64_t pitch() const { return layout_.pitch; }

  // The box's first cell in a line of a level: in three dimensions of the line's first row.
  T* at(int level, int channel, std::int64_t line) const {
    const auto offset = line - first_ + level;
    if constexpr (kDeep) return row(level * layout_.slots + offset % layout_.slots, channel);
    const auto slot = level * layout_.slots + (offset >> 1 & (layout_.slots - 1));
    return row(2 * slot + (offset & 1), channel);
  }

  // The first row of a level's group, counted from where the level begins. In a group, a channel
  // lies one line after the other, a row of both channels after the other.
  T* group(int level, std::int64_t index) const {
    const auto slot = level * layout_.slots + (index & (layout_.slots - 1));
    return row(2 * slot, 0);
  }
  std::int64_t line() const { return layout_.line; }

  // A row to write what nobody needs.
  T* waste(int levels, int channel) const {
    return row(static_cast<std::int64_t>(levels) * layout_.slots * layout_.group, channel);
  }

 private:
  T* row(std::int64_t index, int channel) const {
    return numbers_ + (index * cpu::kStencilChannels + channel) * layout_.line +
           2 * RingLayout::kVector;
  }

  const RingLayout layout_;
  const std::int64_t first_;
  T* const numbers_;
};

}  // namespace atheria
