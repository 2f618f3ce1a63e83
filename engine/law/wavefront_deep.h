#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "engine/law/wavefront_sweep.h"

namespace atheria {

// A run over a 3-D box.
template <class Law, class Site>
class DeepSweep : private WavefrontSweep<Law, Site, true> {
  using Base = WavefrontSweep<Law, Site, true>;
  using typename Base::T;

 public:
  using Base::Base;

  void run() const {
    const auto end = box.z + box.depth;
    for (std::int64_t line = first; line - levels < end; ++line) {
      load(line);
      for (int level = 1; level <= levels && first + 2 * level <= line; ++level)
        layer(level, line - level, line + 1);
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

  // Level goes on to layer z. `next`: the layer of level 0 that comes in next.
  void layer(int level, std::int64_t z, std::int64_t next) const {
    if (bare && level == 1) return first_layer(z, next);
    const auto side = beyond(level);
    const auto start = level * ring.pitch() - side;  // of the first row that is needed
    cpu::DeepWork<T> work{};
    for (int c = 0; c < kChannels; ++c) {
      const T* const here = ring.at(level - 1, c, z) + start;
      const T* const around[] = {here, here - ring.pitch(), here + ring.pitch(),
                                 ring.at(level - 1, c, z - 1) + start,
                                 ring.at(level - 1, c, z + 1) + start};
      std::copy_n(around, std::size(around), work.from[c]);
      if (stage(level) > 0) work.old[c] = ring.at(level - 2, c, z) + start;
      work.to[c] = level < levels ? ring.at(level, c, z) + start : site.out(c, box.y, z);
    }
    work.width = box.width + 2 * side;
    work.rows = box.height + 2 * static_cast<std::int64_t>(levels - level);
    work.pitch = ring.pitch();
    work.to_pitch = level < levels ? ring.pitch() : site.out_pitch();
    work.close = whole && level < levels;
    go(level, box.y, next, work);
    if constexpr (Site::kWatches)
      if (level == levels)
        for (std::int64_t line = 0; line < box.height; ++line)
          show(box.y + line, z, z, (levels + line) * ring.pitch());
  }

  // The same for level 1 of bare rows. Those inside the box follow each other in memory, in every
  // layer; those at its edges may lie anywhere.
  void first_layer(std::int64_t z, std::int64_t next) const {
    const auto begin = box.y + 1, end = box.y + box.height - 1;
    for (auto y = box.y - levels + 1; y < std::min(begin, end); ++y) bare_rows(y, 1, z, next);
    if (begin < end) bare_rows(begin, end - begin, z, next);
    for (auto y = end; y < box.y + box.height + levels - 1; ++y) bare_rows(y, 1, z, next);
  }

  void bare_rows(std::int64_t y, std::int64_t rows, std::int64_t z, std::int64_t next) const {
    cpu::DeepWork<T> work{};
    for (int c = 0; c < kChannels; ++c) {
      const T* const around[] = {site.row(c, y, z), site.row(c, y - 1, z), site.row(c, y + 1, z),
                                 site.row(c, y, z - 1), site.row(c, y, z + 1)};
      std::copy_n(around, std::size(around), work.from[c]);
      work.to[c] = ring.at(1, c, z) + (y - box.y + levels) * ring.pitch();
    }
    work.width = box.width;
    work.rows = rows;
    work.pitch = rule.shape.width;
    work.to_pitch = ring.pitch();
    work.bare = true;
    work.close = true;
    go(1, y, next, work);
  }

  // Meanwhile the first levels fetch a channel each of the layer that comes in next, from row y on.
  void go(int level, std::int64_t y, std::int64_t next, cpu::DeepWork<T>& work) const {
    if (level <= kChannels && next < box.z + box.depth + levels) {
      work.ahead = site.row(level - 1, y, next) + box.x;
      work.ahead_pitch = rule.shape.width;
    } else {
      work.ahead = work.from[0][0];
    }
    rule.kernels.deep(rule.law, stage(level), work);
  }
};

}  // namespace atheria
