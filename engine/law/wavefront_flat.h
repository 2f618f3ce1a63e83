#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/law/wavefront_sweep.h"

namespace atheria {

// A run over a 2-D box.
template <class Law, class Site>
class FlatSweep : private WavefrontSweep<Law, Site, false> {
  using Base = WavefrontSweep<Law, Site, false>;
  using typename Base::T;

 public:
  using Base::Base;

  void run() const {
    const auto end = box.y + box.height;
    for (std::int64_t line = first; line - levels < end; line += 2) {
      for (auto y = line; y < std::min(line + 2, end + levels); ++y) load(y);
      for (int level = 1; level <= levels && first + 2 * level <= line; ++level)
        pair(level, line - level, line + 2);
    }
  }

 private:
  using Base::bare;
  using Base::beyond;
  using Base::box;
  using Base::first;
  using Base::kChannels;
  using Base::levels;
  using Base::load;
  using Base::ring;
  using Base::rule;
  using Base::show;
  using Base::site;
  using Base::stage;
  using Base::whole;

  // Level goes on to rows y and y + 1. `next`: the row of level 0 that comes in next.
  void pair(int level, std::int64_t y, std::int64_t next) const {
    const auto side = beyond(level);
    const auto group = (next - first) / 2 - 1;  // of every level, at this time
    cpu::FlatWork<T> work;
    const T* const above = ring.group(level - 1, group - 1) - side;
    const T* const below = ring.group(level - 1, group) - side;
    T* const to = ring.group(std::min(level, levels - 1), group) - side;
    for (int c = 0; c < kChannels; ++c)
      for (int r = 0; r < 2; ++r) {
        const auto offset = (kChannels * r + c) * ring.line();
        work.from[c][r] = above + offset;
        work.from[c][r + 2] = below + offset;
        work.to[c][r] = to + offset;
      }
    if (bare && level == 1) take_bare(y, work);
    if (stage(level) > 0) take_old(level, y, side, work);
    if (level == levels) put_out(y, work);
    work.width = box.width + 2 * side;
    work.bare = bare && level == 1;
    work.close = whole && level < levels;
    work.ahead = ahead(level - 1, next, work.from[0][1]);
    rule.kernels.flat(rule.law, stage(level), work);
    if constexpr (Site::kWatches)
      if (level == levels)
        for (auto line = y; line < std::min(y + 2, box.y + box.height); ++line)
          show(line, box.z, line, 0);
  }

  // Of an odd number of rows the last pair has one that nobody needs: what it would be made from may
  // not be there.
  void take_bare(std::int64_t y, cpu::FlatWork<T>& work) const {
    const auto last = box.y + box.height + levels - 1;
    for (int c = 0; c < kChannels; ++c)
      for (int r = 0; r < 4; ++r) work.from[c][r] = site.row(c, std::min(y - 1 + r, last), box.z);
  }

  void take_old(int level, std::int64_t y, std::int64_t side, cpu::FlatWork<T>& work) const {
    for (int c = 0; c < kChannels; ++c)
      for (int r = 0; r < 2; ++r)
        work.old[c][r] =
            bare && level == 2 ? site.row(c, y + r, box.z) : ring.at(level - 2, c, y + r) - side;
  }

  void put_out(std::int64_t y, cpu::FlatWork<T>& work) const {
    for (int c = 0; c < kChannels; ++c)
      for (int r = 0; r < 2; ++r)
        work.to[c][r] =
            y + r < box.y + box.height ? site.out(c, y + r, box.z) : ring.waste(levels, c);
  }

  // The rows coming in next, a channel's for each of the first levels; `none` when there are none.
  const T* ahead(int index, std::int64_t next, const T* none) const {
    const auto y = next + index / kChannels;
    if (index >= 2 * kChannels || y >= box.y + box.height + levels) return none;
    return site.row(index % kChannels, y, box.z) + box.x;
  }
};

}  // namespace atheria
