#pragma once

#include <cstdint>

#include "engine/law/wavefront_deep.h"
#include "engine/law/wavefront_flat.h"

// Several steps of a stencil law in one sweep over memory. A level is a stage of a step; level 0 is
// the field as it was. The sweep goes along y (2-D) or z (3-D); when level 0 has got a line, level
// 1 makes the line before it, level 2 the one before that, and so on, all from a few lines that
// stay in the cache. Only the last level writes to the field, where level 0 has been read already.
// At the edges of the box every level is computed some cells beyond it, fewer the higher it is.
//
// Each cell is computed as it would be in a plain sweep, so the result is the same bit for bit.
namespace atheria {

// A Site is where a wavefront takes its rows from and puts them:
//
//   const T* row(int channel, std::int64_t y, std::int64_t z)  // level 0: cells 0..width of the
//                                                              // torus; may be any y, z near the box
//   void loaded(std::int64_t line)                             // row or layer is copied
//   T* out(int channel, std::int64_t y, std::int64_t z)        // the box's first cell in its row
//   std::int64_t out_pitch()                                   // from there to the row below
//   static constexpr bool kWatches                             // whether it wants
//   void result(y, z, now, before, earlier)                    // rows of the box, [channel], after
//                                                              // the last step, one and two steps
//                                                              // before; the last may be null
template <class Law>
class Wavefront {
 public:
  using T = typename Law::Number;
  static constexpr int kMostLevels = cpu::kStencilVector - 1;

  explicit Wavefront(const StencilRule<Law>& rule) : rule_(rule) {}

  const cpu::Shape& shape() const { return rule_.shape; }

  // Numbers of scratch for a run over a box of that size, wherever it lies.
  std::int64_t scratch(const Box& box, int levels, bool watches) const {
    const auto layout = rule_.deep() ? WavefrontSweep<Law, None, true>::layout
                                     : WavefrontSweep<Law, None, false>::layout;
    return layout(rule_.shape, box, levels, watches).numbers(levels);
  }

  // `levels` is a multiple of Law::kStages, at most kMostLevels. Reads and writes through the site
  // only.
  template <class Site>
  void run(const Box& box, int levels, Site& site, T* scratch) const {
    if (rule_.deep())
      DeepSweep<Law, Site>(rule_, box, levels, site, scratch).run();
    else
      FlatSweep<Law, Site>(rule_, box, levels, site, scratch).run();
  }

 private:
  struct None;

  const StencilRule<Law> rule_;
};

}  // namespace atheria
