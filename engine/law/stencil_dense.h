#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/base/pool.h"
#include "engine/law/stencil_band.h"
#include "engine/law/stencil_watch.h"
#include "engine/law/wavefront.h"

namespace atheria {

// Steps a whole field in place, several steps a pass, a band a thread.
template <class Law>
class StencilDense {
 public:
  using T = typename Law::Number;

  StencilDense(const Wavefront<Law>& wave, const WavefrontPlan& plan)
      : wave_(wave),
        plan_(plan),
        ring_(aligned(ring_numbers())),
        band_(ring_ + aligned(StencilBand<T>::scratch({wave.shape()}, plan))) {}

  int steps() const { return plan_.levels / Law::kStages; }  // of a pass, at most

  // Numbers for scratch, aligned to 64 bytes, zero at first.
  std::int64_t scratch() const { return plan_.bands * band_; }

  // With a watch, notes what the last step changed.
  void pass(T* field, int steps, T* scratch, StencilWatch<T>* watch) {
    field_ = field;
    levels_ = steps * Law::kStages;
    scratch_ = scratch;
    watch_ = watch;
    each_band([](const StencilDense& self, int band) { self.band(band).put_aside(); });
    each_band([](const StencilDense& self, int band) { self.run(band); });
  }

 private:
  // A band that shows its results.
  struct Watched : StencilBand<T> {
    static constexpr bool kWatches = true;
    StencilWatch<T>& watch;

    Watched(const StencilBand<T>& band, StencilWatch<T>& to) : StencilBand<T>(band), watch(to) {}
    void result(std::int64_t y, std::int64_t z, const T* const* now, const T* const* before,
                const T* const* earlier) {
      watch.row(0, this->out_pitch(), y, z, now, before, earlier);
    }
  };

  std::int64_t ring_numbers() const {
    const auto& shape = wave_.shape();
    const auto rows = (shape.height + plan_.blocks - 1) / plan_.blocks;
    return wave_.scratch({0, 0, 0, shape.width, rows, 1}, plan_.levels, /*watches=*/true);
  }
  static std::int64_t aligned(std::int64_t numbers) {
    return (numbers + RingLayout::kVector) / RingLayout::kVector * RingLayout::kVector;
  }

  StencilBand<T> band(int index) const {
    return {{wave_.shape(), field_}, plan_, index, levels_, scratch_ + index * band_ + ring_};
  }

  void run(int index) const {
    T* const ring = scratch_ + index * band_;
    if (watch_ != nullptr) {
      Watched site(band(index), *watch_);
      return sweep(site, ring);
    }
    auto site = band(index);
    sweep(site, ring);
  }

  template <class Site>
  void sweep(Site& site, T* ring) const {
    for (int block = 0; block < plan_.blocks; ++block)
      wave_.run(site.enter_block(block), levels_, site, ring);
  }

  void each_band(void (*body)(const StencilDense&, int)) {
    if (plan_.bands == 1) return body(*this, 0);
    body_ = body;
    // Captures one pointer, so that std::function does not allocate.
    shared_pool().bands(plan_.bands, [this](std::int64_t first, std::int64_t last) {
      for (auto band = first; band < last; ++band) body_(*this, static_cast<int>(band));
    });
  }

  const Wavefront<Law>& wave_;
  const WavefrontPlan plan_;
  const std::int64_t ring_;  // numbers of a band's ring, which lies before what it puts aside
  const std::int64_t band_;  // numbers of a band

  // Of the pass at hand.
  T* field_ = nullptr;
  int levels_ = 0;
  T* scratch_ = nullptr;
  StencilWatch<T>* watch_ = nullptr;
  void (*body_)(const StencilDense&, int) = nullptr;
};

}  // namespace atheria
