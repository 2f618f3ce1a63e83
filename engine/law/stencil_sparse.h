#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "engine/base/pool.h"
#include "engine/law/stencil_planes.h"
#include "engine/law/stencil_watch.h"
#include "engine/law/wavefront.h"

namespace atheria {

// Steps some tiles of a field and leaves the others alone. Results go to a place of their own
// first, and to the field when all tiles have been computed: neighbours read each other's cells as
// they were.
template <class Law>
class StencilSparse {
 public:
  using T = typename Law::Number;
  static constexpr int kChannels = cpu::kStencilChannels;
  static constexpr int kSteps = 4;  // of a pass, at most; even
  static constexpr int kLevels = kSteps * Law::kStages;

  // For `most` tiles at most.
  StencilSparse(const Wavefront<Law>& wave, const TileCut& cut, std::size_t most, int threads)
      : wave_(wave), cut_(cut), threads_(threads), tile_(kChannels * cut.cells()) {
    strips_.reserve(most);
    places_ = tile_ * static_cast<std::int64_t>(most);
  }

  // Numbers for scratch, aligned to 64 bytes, zero at first.
  std::int64_t scratch() const { return threads_ * ring_numbers() + places_; }

  void pass(T* field, int steps, std::span<const Tile> tiles, T* scratch, StencilWatch<T>& watch) {
    planes_ = {wave_.shape(), field};
    levels_ = steps * Law::kStages;
    scratch_ = scratch;
    watch_ = &watch;
    make_strips(tiles);
    each_strip(&StencilSparse::compute);
    each_strip(&StencilSparse::put_back);
  }

 private:
  // Tiles side by side, computed as one. Their result lies at `place`, [channel][z][y][x].
  struct Strip {
    Box box;
    T* place;
    T* row(int channel, std::int64_t y, std::int64_t z) const {
      const auto index = (channel * box.depth + z - box.z) * box.height + y - box.y;
      return place + index * box.width;
    }
  };

  struct Site {
    static constexpr bool kWatches = true;
    const StencilSparse& of;
    const Strip& strip;

    const T* row(int c, std::int64_t y, std::int64_t z) const { return of.planes_.row(c, y, z); }
    void loaded(std::int64_t) const {}
    T* out(int c, std::int64_t y, std::int64_t z) const { return strip.row(c, y, z); }
    std::int64_t out_pitch() const { return strip.box.width; }
    void result(std::int64_t y, std::int64_t z, const T* const* now, const T* const* before,
                const T* const* earlier) const {
      of.watch_->row(strip.box.x, strip.box.width, y, z, now, before, earlier);
    }
  };

  // Tiles of a strip, at most: more would fill the cache, or leave threads without work.
  static constexpr std::size_t kLongest = 8;

  std::int64_t ring_numbers() const {
    const auto width = std::min<std::int64_t>(kLongest * cut_.x.longest(), wave_.shape().width);
    const Box box{0, 0, 0, width, cut_.y.longest(), cut_.z.longest()};
    const auto numbers = wave_.scratch(box, kLevels, /*watches=*/true);
    return (numbers + RingLayout::kVector) / RingLayout::kVector * RingLayout::kVector;
  }

  void make_strips(std::span<const Tile> tiles) {
    const auto share = tiles.size() / (4 * static_cast<std::size_t>(threads_));
    const auto longest = std::clamp<std::size_t>(share, 1, kLongest);
    strips_.clear();
    T* place = scratch_ + threads_ * ring_numbers();
    for (std::size_t i = 0; i < tiles.size();) {
      const auto first = i++;
      while (i < tiles.size() && i - first < longest && beside(tiles[i - 1], tiles[i])) ++i;
      strips_.push_back({box_of(tiles[first], tiles[i - 1]), place});
      place += tile_ * static_cast<std::int64_t>(i - first);
    }
  }

  static bool beside(const Tile& a, const Tile& b) {
    return b.x == a.x + 1 && b.y == a.y && b.z == a.z;
  }

  Box box_of(const Tile& first, const Tile& last) const {
    const auto x = cut_.x.begin(first.x), y = cut_.y.begin(first.y), z = cut_.z.begin(first.z);
    return {x,
            y,
            z,
            cut_.x.begin(last.x + 1) - x,
            cut_.y.begin(first.y + 1) - y,
            cut_.z.begin(first.z + 1) - z};
  }

  void compute(const Strip& strip, T* ring) const {
    Site site{*this, strip};
    wave_.run(strip.box, levels_, site, ring);
  }

  void put_back(const Strip& strip, T*) const {
    const auto& box = strip.box;
    for (int c = 0; c < kChannels; ++c)
      for (auto z = box.z; z < box.z + box.depth; ++z)
        for (auto y = box.y; y < box.y + box.height; ++y)
          std::memcpy(planes_.row(c, y, z) + box.x, strip.row(c, y, z),
                      static_cast<std::size_t>(box.width) * sizeof(T));
  }

  // As many shares as there are rings, each a run of strips.
  void each_strip(void (StencilSparse::*work)(const Strip&, T*) const) {
    work_ = work;
    if (threads_ == 1 || strips_.size() < 2) return share(0, 1);
    // Captures one pointer, so that std::function does not allocate.
    shared_pool().bands(threads_, [this](std::int64_t begin, std::int64_t end) {
      for (auto i = begin; i < end; ++i) share(static_cast<std::size_t>(i), threads_);
    });
  }

  void share(std::size_t index, std::size_t shares) const {
    T* const ring = scratch_ + static_cast<std::int64_t>(index) * ring_numbers();
    for (auto i = strips_.size() * index / shares; i < strips_.size() * (index + 1) / shares; ++i)
      (this->*work_)(strips_[i], ring);
  }

  const Wavefront<Law>& wave_;
  const TileCut& cut_;
  const int threads_;
  const std::int64_t tile_;  // numbers of a tile's result
  std::int64_t places_ = 0;  // numbers of all results
  std::vector<Strip> strips_;

  // Of the pass at hand.
  StencilPlanes<T> planes_;
  int levels_ = 0;
  T* scratch_ = nullptr;
  StencilWatch<T>* watch_ = nullptr;
  void (StencilSparse::*work_)(const Strip&, T*) const = nullptr;
};

}  // namespace atheria
