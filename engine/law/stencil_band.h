#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "engine/law/stencil_planes.h"
#include "engine/law/wavefront_plan.h"

namespace atheria {

// The part of a field one thread takes through a pass in place: lines [begin, end), in three
// dimensions block by block along y. Reads what others overwrite meanwhile, or what its own earlier
// blocks have overwritten, from where it was put aside. A site of Wavefront.
template <class T>
class StencilBand {
 public:
  static constexpr bool kWatches = false;

  // `levels` of this pass, at most plan.levels; `scratch` holds scratch() numbers.
  StencilBand(const StencilPlanes<T>& planes, const WavefrontPlan& plan, int band, int levels,
              T* scratch)
      : planes_(planes),
        levels_(levels),
        blocks_(plan.blocks),
        begin_(plan.cut(planes.lines(), plan.bands, band)),
        end_(plan.cut(planes.lines(), plan.bands, band + 1)),
        edge_(kChannels * (end_ - begin_) * levels * planes.shape.width),
        aside_(scratch),
        edges_(scratch + kChannels * 2 * levels * planes.line_numbers()) {}

  // For the largest band of a plan.
  static std::int64_t scratch(const StencilPlanes<T>& planes, const WavefrontPlan& plan) {
    const auto lines = (planes.lines() + plan.bands - 1) / plan.bands;
    const auto aside = kChannels * 2 * plan.levels * planes.line_numbers();
    if (plan.blocks == 1) return aside;
    return aside + 3 * kChannels * lines * plan.levels * planes.shape.width;
  }

  // Before anybody writes.
  void put_aside() const {
    for (int c = 0; c < kChannels; ++c)
      for (int i = 0; i < levels_; ++i) {
        copy(planes_.line(c, begin_ - levels_ + i), aside(c, i), planes_.line_numbers());
        copy(planes_.line(c, end_ + i), aside(c, levels_ + i), planes_.line_numbers());
      }
  }

  // Where the block lies that the wavefront goes through next; the first is 0.
  Box enter_block(int block) {
    const auto& shape = planes_.shape;
    block_ = block;
    if (!planes_.deep()) return {0, begin_, 0, shape.width, end_ - begin_, 1};
    first_row_ = WavefrontPlan::cut(shape.height, blocks_, block);
    last_row_ = WavefrontPlan::cut(shape.height, blocks_, block + 1);
    return {0, first_row_, begin_, shape.width, last_row_ - first_row_, end_ - begin_};
  }

  const T* row(int channel, std::int64_t y, std::int64_t z) const {
    const auto line = planes_.deep() ? z : y;
    if (line < begin_ || line >= end_) {
      const T* const from =
          aside(channel, line < begin_ ? line - begin_ + levels_ : line - end_ + levels_);
      return planes_.deep() ? from + (planes_.row(0, y, 0) - planes_.numbers) : from;
    }
    if (planes_.deep() && blocks_ > 1) {
      if (y < first_row_ && block_ > 0)
        return edge(block_ % 2, channel, line) + (y - first_row_ + levels_) * planes_.shape.width;
      if (y >= last_row_ && block_ + 1 == blocks_)
        return edge(2, channel, line) + (y - last_row_) * planes_.shape.width;
    }
    return planes_.row(channel, y, z);
  }

  // Keeps the rows of a layer that the block after this one needs, and for the last block those of
  // the first.
  void loaded(std::int64_t line) const {
    if (blocks_ == 1 || line < begin_ || line >= end_) return;
    const auto count = levels_ * planes_.shape.width;
    for (int c = 0; c < kChannels; ++c) {
      copy(planes_.row(c, last_row_ - levels_, line), edge((block_ + 1) % 2, c, line), count);
      if (block_ == 0) copy(planes_.row(c, 0, line), edge(2, c, line), count);
    }
  }

  T* out(int channel, std::int64_t y, std::int64_t z) const { return planes_.row(channel, y, z); }
  std::int64_t out_pitch() const { return planes_.shape.width; }

 private:
  static constexpr int kChannels = cpu::kStencilChannels;

  // Line `index` of those before the band (0 to levels) and after it.
  T* aside(int channel, std::int64_t index) const {
    return aside_ + (channel * 2 * levels_ + index) * planes_.line_numbers();
  }

  // Rows of a layer: which 0 and 1 in turn from block to block, 2 of the first.
  T* edge(int which, int channel, std::int64_t line) const {
    const auto index = channel * (end_ - begin_) + line - begin_;
    return edges_ + which * edge_ + index * levels_ * planes_.shape.width;
  }

  static void copy(const T* from, T* to, std::int64_t count) {
    std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(T));
  }

  const StencilPlanes<T> planes_;
  const std::int64_t levels_;
  const int blocks_;
  const std::int64_t begin_, end_;
  const std::int64_t edge_;  // numbers of one of the three
  T* const aside_;
  T* const edges_;
  int block_ = 0;
  std::int64_t first_row_ = 0, last_row_ = 0;
};

}  // namespace atheria
