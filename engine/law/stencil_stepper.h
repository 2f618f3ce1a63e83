#pragma once

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/pool.h"
#include "engine/kernels/cpu/stencil_kernels.h"
#include "engine/law/law.h"
#include "engine/law/stencil.h"
#include "engine/law/stencil_dense.h"
#include "engine/law/stencil_sparse.h"

namespace atheria {

// Steps a field of two channels by a law of engine/kernels/cpu: whole, or where something moves.
// Now and then a pass over the whole field looks where that is; when it is little, only the tiles
// concerned are computed from there on, until they have become many.
template <class Law>
class StencilStepper final : public Stepper {
 public:
  using T = typename Law::Number;

  StencilStepper(const Law& law, const cpu::Shape& shape, const Tuning& tuning)
      : tuning_(tuning),
        threads_(shared_pool().threads()),
        wave_({law, cpu::stencil_kernels<Law>(tuning.isa), shape}),
        dense_(wave_, plan_wavefront(shape, Law::kStages, sizeof(T), threads_)) {
    if (wants_tiles(shape, tuning)) tiles_.emplace(wave_, tuning, threads_);
    take_scratch(std::max(dense_.scratch(), tiles_ ? tiles_->sparse.scratch() : 0));
  }

  void advance(Field& field, std::uint64_t, std::uint32_t k, StepContext&) noexcept override {
    T* const numbers = field.planes().template mutable_data_ptr<T>();
    if (numbers != field_) touched();
    field_ = numbers;
    while (k > 0) {
      k -= tiles_ ? pass_by_tiles(k) : pass_whole(k, nullptr);
    }
  }

  void touched() noexcept override {
    if (!tiles_) return;
    tiles_->still.wake_all();
    if (tiles_->resting) tiles_->wait = 0;
    tiles_->resting = tuning_.sparse == Sparse::always;
  }

  std::string how() const override {
    const auto isa = to_string(tuning_.isa);
    if (tiles_ && tiles_->resting)
      return fmt::format("{}, {} of {} tiles", isa, tiles_->computed, tiles_->cut.grid().count());
    return fmt::format("{}, {} steps a sweep", isa, dense_.steps());
  }

 private:
  static constexpr std::size_t kWorthTiles = 16;  // fewer tiles are as quickly computed as sorted
  static constexpr std::size_t kMostShare = 4;    // of the tiles, a part, may be active
  static constexpr int kLongestWait = 64;         // passes between two looks

  static bool wants_tiles(const cpu::Shape& shape, const Tuning& tuning) {
    if (tuning.sparse != Sparse::automatic) return tuning.sparse == Sparse::always;
    return TileCut(shape).grid().count() >= kWorthTiles;
  }

  struct Tiles {
    TileCut cut;
    StillTiles still;
    StencilWatch<T> watch;
    std::size_t most;  // to be computed one by one
    StencilSparse<Law> sparse;
    bool resting = false;      // tiles are computed one by one
    std::size_t computed = 0;  // in the last pass
    int wait = 0;              // passes until the next look
    int longer = 1;            // the wait after that

    Tiles(const Wavefront<Law>& wave, const Tuning& tuning, int threads)
        : cut(wave.shape()),
          still(cut.grid()),
          watch(cut, StencilSparse<Law>::kLevels, still),
          most(cut.grid().count() / (tuning.sparse == Sparse::always ? 1 : kMostShare)),
          sparse(wave, cut, most, threads) {}
  };

  // Up to k steps of the whole field; returns how many.
  std::uint32_t pass_whole(std::uint32_t k, StencilWatch<T>* watch) {
    // Equal parts: 9 steps are 5 and 4, not 8 and 1.
    const auto most = static_cast<std::uint32_t>(dense_.steps());
    const auto passes = (k + most - 1) / most;
    const auto steps = (k + passes - 1) / passes;
    dense_.pass(field_, static_cast<int>(steps), scratch(), watch);
    return steps;
  }

  std::uint32_t pass_by_tiles(std::uint32_t k) {
    auto& tiles = *tiles_;
    if (tiles.resting) {
      const auto steps = static_cast<int>(std::min<std::uint32_t>(k, StencilSparse<Law>::kSteps));
      const auto work = tiles.still.begin_pass(steps % 2 == 0);
      if (work.size() <= tiles.most) {
        tiles.computed = work.size();
        tiles.sparse.pass(field_, steps, work, scratch(), tiles.watch);
        tiles.still.end_pass();
        tiles.longer = 1;
        if (!work.empty()) return static_cast<std::uint32_t>(steps);
        return steps % 2 == 0 ? k / 2 * 2 : k;  // as it is, it will stay
      }
      tiles.still.wake_all();
      tiles.resting = false;
      tiles.wait = tiles.longer;
      tiles.longer = std::min(2 * tiles.longer, kLongestWait);
    }
    if (tiles.wait-- > 0) return pass_whole(k, nullptr);
    tiles.still.begin_pass(true);
    const auto steps = pass_whole(k, &tiles.watch);
    tiles.still.end_pass();
    tiles.resting = true;
    return steps;
  }

  // Zero, so that stepping meets no page for the first time; results of more tiles than go into
  // kTouched bytes are left to themselves.
  void take_scratch(std::int64_t numbers) {
    constexpr std::int64_t kTouched = 64 << 20;
    scratch_ = at::empty({numbers}, at::dtype(c10::CppTypeToScalarType<T>::value));
    const auto touched = std::max<std::int64_t>(dense_.scratch(), kTouched / sizeof(T));
    std::fill_n(scratch(), std::min(numbers, touched), T(0));
  }

  T* scratch() const { return scratch_.template mutable_data_ptr<T>(); }

  const Tuning tuning_;
  const int threads_;
  const Wavefront<Law> wave_;
  StencilDense<Law> dense_;
  std::optional<Tiles> tiles_;
  at::Tensor scratch_;
  T* field_ = nullptr;
};

// make(T{}) gives the kernel for the setup's dtype.
template <class Make>
std::unique_ptr<Stepper> stencil_stepper(const Setup& setup, const Make& make) {
  const auto with = [&](auto law) -> std::unique_ptr<Stepper> {
    return std::make_unique<StencilStepper<decltype(law)>>(law, shape_of(setup.grid), setup.tuning);
  };
  if (setup.dtype == Dtype::f32) return with(make(float{}));
  return with(make(double{}));
}

}  // namespace atheria
