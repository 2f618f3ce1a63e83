#include "engine/law/nca_native.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/base/pool.h"
#include "engine/law/nca_band.h"

namespace atheria {
namespace {

constexpr std::int64_t kChannels = cpu::kNcaChannels;
constexpr std::int64_t kSlicesOfABand = 4;  // at least: the first and the last are dearer

cpu::NcaWeightRows rows_of(const NcaWeights& weights) {
  return {.seen = static_cast<int>(weights.w1.size(1)),
          .hidden = static_cast<int>(weights.hidden()),
          .w1 = weights.w1.const_data_ptr<double>(),
          .b1 = weights.b1.const_data_ptr<double>(),
          .w2 = weights.w2.const_data_ptr<double>(),
          .b2 = weights.b2.const_data_ptr<double>()};
}

// Keeps the cells between two advances, side by side as the loops want them; the field's planes
// follow at the end of each, where something changed.
template <class Real>
class NcaStepper final : public Stepper {
 public:
  NcaStepper(const Setup& setup, const NcaWeights& weights, const NcaOptions& options)
      : isa_(setup.tuning.isa),
        program_(rows_of(weights), isa_,
                 options.bf16 ? cpu::NcaCompute::bf16 : cpu::NcaCompute::full),
        state_(setup.grid, program_),
        store_(at::empty({state_.rows.rows() * state_.stride},
                         c10::CppTypeToScalarType<Real>::value)) {
    const auto threshold = fire_threshold(options.fire_rate);
    state_.all_fire = threshold == 1 << 24;
    state_.dense = setup.tuning.sparse == Sparse::never;
    state_.draw = {.seed = setup.seed, .threshold = static_cast<std::uint32_t>(threshold)};
    state_.limit = static_cast<Real>(kNcaAlive);
    state_.place_cells(store_.mutable_data_ptr<Real>());
  }

  void advance(Field& field, std::uint64_t t0, std::uint32_t k, StepContext&) noexcept override {
    auto* const planes = static_cast<Real*>(field.planes().mutable_data_ptr());
    make_bands();
    if (!current_ || planes != planes_) fetch(planes);
    for (std::uint32_t i = 0; i < k; ++i) step(t0 + i);
    hand_back();
  }

  void touched() noexcept override { current_ = false; }

  std::string how() const override {
    std::int64_t computed = 0;
    for (const auto& band : bands_) computed += band.computed();
    return fmt::format("{}{}, {} of {} cells", to_string(isa_), program_.rounds() ? " bf16" : "",
                       computed, state_.rows.grid().cells());
  }

 private:
  // As many as threads; anew only when there are more or fewer of those.
  void make_bands() {
    const auto slices = state_.slices();
    const auto wanted =
        std::clamp<std::int64_t>(slices / kSlicesOfABand, 1, std::int64_t{shared_pool().threads()});
    if (static_cast<std::int64_t>(bands_.size()) == wanted) return;
    bands_.clear();
    for (std::int64_t i = 0; i < wanted; ++i)
      bands_.emplace_back(state_, slices * i / wanted, slices * (i + 1) / wanted);
  }

  // These captures fit into a std::function: nothing is allocated.
  void step(std::uint64_t t) {
    state_.draw.step = t;
    const auto count = static_cast<std::int64_t>(bands_.size());
    shared_pool().bands(count, [this](std::int64_t begin, std::int64_t end) {
      for (auto i = begin; i < end; ++i) bands_[static_cast<std::size_t>(i)].begin(state_);
    });
    shared_pool().bands(count, [this](std::int64_t begin, std::int64_t end) {
      for (auto i = begin; i < end; ++i) bands_[static_cast<std::size_t>(i)].finish(state_);
    });
    std::swap(state_.living, state_.next_living);
  }

  void fetch(Real* planes) {
    planes_ = planes;
    shared_pool().bands(state_.rows.rows(), [this](std::int64_t begin, std::int64_t end) {
      for (auto row = begin; row < end; ++row) fetch_row(row);
    });
    current_ = true;
  }

  void fetch_row(std::int64_t row) {
    const auto width = state_.rows.grid().width;
    const Real* const from = planes_ + row * width;
    program_.kernels().from_planes(from, state_.rows.grid().cells(), width, state_.row(row));
    const Real* const alpha = from + cpu::kNcaAlpha * state_.rows.grid().cells();
    auto* const living = state_.living.write(row);
    std::fill_n(living, state_.living.words(), std::uint64_t{0});
    for (int x = 0; x < width; ++x)
      living[x / 64] |= std::uint64_t{alpha[x] > state_.limit} << x % 64;
    state_.living.written(row);
    state_.kept.fill(row);
    state_.changed.clear(row);
  }

  void hand_back() {
    shared_pool().bands(state_.rows.rows(), [this](std::int64_t begin, std::int64_t end) {
      for (auto row = begin; row < end; ++row) hand_back_row(row);
    });
  }

  void hand_back_row(std::int64_t row) {
    if (!state_.changed.used(row)) return;
    const auto width = state_.rows.grid().width;
    for (int w = 0; w < state_.changed.words(); ++w) {
      if (state_.changed.row(row)[w] == 0) continue;
      const int x = w * 64;
      program_.kernels().to_planes(state_.row(row) + x * kChannels, std::min(64, width - x),
                                   state_.rows.grid().cells(), planes_ + row * width + x);
    }
    state_.changed.clear(row);
  }

  const Isa isa_;
  const cpu::NcaProgram<Real> program_;
  NcaState<Real> state_;
  const at::Tensor store_;  // the state's cells
  std::vector<NcaBand<Real>> bands_;
  Real* planes_ = nullptr;
  bool current_ = false;  // the cells are what the planes are
};

}  // namespace

std::unique_ptr<Stepper> nca_stepper(const Setup& setup, const NcaWeights& weights,
                                     const NcaOptions& options) {
  if (setup.dtype == Dtype::f64)
    return std::make_unique<NcaStepper<double>>(setup, weights, options);
  return std::make_unique<NcaStepper<float>>(setup, weights, options);
}

}  // namespace atheria
