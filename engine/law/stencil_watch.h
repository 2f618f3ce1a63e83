#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "engine/law/stencil_tiles.h"

namespace atheria {

// Notes in which zones of which tiles a wavefront's last step changed something, bit for bit. From
// several threads at once.
template <class T>
class StencilWatch {
 public:
  // margin: cells a pass of later on looks away, at most.
  StencilWatch(const TileCut& cut, std::int64_t margin, StillTiles& tiles)
      : cut_(cut), margin_(margin), tiles_(tiles) {}

  // Cells [x, x + width) of row y in layer z, whole tiles: [channel] as they are now, were before
  // the last step, and before the one before that; null: nobody knows.
  void row(std::int64_t x, std::int64_t width, std::int64_t y, std::int64_t z, const T* const* now,
           const T* const* before, const T* const* earlier) {
    const int line = 3 * cut_.y.zone(y, margin_) + 9 * cut_.z.zone(z, margin_);
    Tile tile{0, static_cast<std::int32_t>(cut_.y.part_of(y)),
              static_cast<std::int32_t>(cut_.z.part_of(z))};
    for (auto part = cut_.x.part_of(x); part < cut_.x.parts && cut_.x.begin(part) < x + width;
         ++part) {
      tile.x = static_cast<std::int32_t>(part);
      auto& change = tiles_.change(tile);
      const Segment segment{cut_.x.begin(part) - x, cut_.x.begin(part + 1) - x};
      note(change.one, line, segment, now, before);
      if (earlier != nullptr)
        note(change.two, line, segment, now, earlier);
      else
        change.two.store(kAllZones, std::memory_order_relaxed);
    }
  }

 private:
  struct Segment {
    std::int64_t begin, end;
  };

  void note(std::atomic<Zones>& zones, int line, Segment s, const T* const* now,
            const T* const* then) const {
    const auto known = zones.load(std::memory_order_relaxed) >> line & 7U;
    if (known == 7U || same(s, now, then)) return;
    Zones found = 0;
    if (cut_.x.parts == 1) {
      found = 2U;
    } else {
      const auto left = s.begin + margin_, right = s.end - margin_;
      if (!same({s.begin, left}, now, then)) found |= 1U;
      if (!same({left, right}, now, then)) found |= 2U;
      if (!same({right, s.end}, now, then)) found |= 4U;
    }
    if ((found & ~known) != 0) zones.fetch_or(found << line, std::memory_order_relaxed);
  }

  static bool same(Segment s, const T* const* a, const T* const* b) {
    const auto bytes = static_cast<std::size_t>(s.end - s.begin) * sizeof(T);
    for (int c = 0; c < cpu::kStencilChannels; ++c)
      if (std::memcmp(a[c] + s.begin, b[c] + s.begin, bytes) != 0) return false;
    return true;
  }

  const TileCut& cut_;
  const std::int64_t margin_;
  StillTiles& tiles_;
};

}  // namespace atheria
