#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "engine/kernels/cpu/stencil.h"
#include "engine/law/wavefront_ring.h"

namespace atheria {

// A law with its loops, for fields of one shape.
template <class Law>
struct StencilRule {
  Law law;
  cpu::StencilKernels<Law> kernels;
  cpu::Shape shape;

  bool deep() const { return shape.depth > 1; }
};

// What runs of a wavefront (engine/law/wavefront.h) in two and three dimensions have in common.
template <class Law, class Site, bool kDeep>
struct WavefrontSweep {
  using T = typename Law::Number;
  static constexpr int kChannels = cpu::kStencilChannels;
  static constexpr int kStages = Law::kStages;
  static constexpr std::int64_t kSide = cpu::kStencilVector;

  const StencilRule<Law>& rule;
  const Box box;
  const int levels;
  Site& site;
  const Ring<T, kDeep> ring;
  const std::int64_t first;  // line of level 0
  const bool whole;          // the box's rows close on themselves
  const bool bare;           // level 1 reads the site's rows where they are: nothing is copied

  WavefrontSweep(const StencilRule<Law>& rule_, const Box& box_, int levels_, Site& site_,
                 T* scratch)
      : rule(rule_),
        box(box_),
        levels(levels_),
        site(site_),
        ring(layout(rule.shape, box, levels, Site::kWatches), (kDeep ? box.z : box.y) - levels,
             scratch),
        first((kDeep ? box.z : box.y) - levels),
        whole(box.width == rule.shape.width),
        bare(whole && box.width % cpu::kStencilVector == 0 && !Site::kWatches && levels > 1 &&
             (!kDeep || kStages == 1)) {}

  // What is looked at two steps later is kept longer.
  static RingLayout layout(const cpu::Shape& shape, const Box& box, int levels, bool watches) {
    const int late = watches ? kStages : 1;
    const auto sides = box.width == shape.width ? 1 : kSide;
    return RingLayout::of(box, levels, sides, kDeep, kDeep ? 2 * late + 1 : late + 1);
  }

  // Cells beyond the box, on each side, that a level knows: as many as it has to or more, so that
  // rows begin where vectors do. The outermost are wrong, one more of them at each level.
  std::int64_t beyond(int level) const { return whole || level == levels ? 0 : kSide; }
  static int stage(int level) { return (level - 1) % kStages; }

  // Row y of layer z of the last step goes to the site. In earlier steps it lies `offset` numbers
  // into a line.
  void show(std::int64_t y, std::int64_t z, std::int64_t line, std::int64_t offset) const {
    const T *now[kChannels], *before[kChannels], *earlier[kChannels];
    const bool two = levels >= 2 * kStages;
    for (int c = 0; c < kChannels; ++c) {
      now[c] = site.out(c, y, z);
      before[c] = ring.at(levels - kStages, c, line) + offset;
      earlier[c] = two ? ring.at(levels - 2 * kStages, c, line) + offset : nullptr;
    }
    site.result(y, z, now, before, two ? earlier : nullptr);
  }

  // A row (2-D) or a layer (3-D) of level 0.
  void load(std::int64_t line) const {
    const auto rows = kDeep ? box.height + 2 * static_cast<std::int64_t>(levels) : 1;
    for (int c = 0; c < kChannels && !bare; ++c) {
      T* to = ring.at(0, c, line);
      for (std::int64_t i = 0; i < rows; ++i, to += ring.pitch())
        copy(kDeep ? site.row(c, box.y - levels + i, line) : site.row(c, line, box.z), to);
    }
    site.loaded(line);
  }

 private:
  // The box's cells of a row, and what lies beside them on the torus.
  void copy(const T* from, T* to) const {
    const auto width = rule.shape.width;
    if (whole) {
      std::memcpy(to, from, static_cast<std::size_t>(width) * sizeof(T));
      to[-1] = to[width - 1];
      to[width] = to[0];
      return;
    }
    to -= kSide;
    auto x = (box.x + width - kSide) % width;
    for (auto left = box.width + 2 * kSide; left > 0;) {
      const auto piece = std::min(left, width - x);
      std::memcpy(to, from + x, static_cast<std::size_t>(piece) * sizeof(T));
      to += piece;
      left -= piece;
      x = 0;
    }
  }
};

}  // namespace atheria
