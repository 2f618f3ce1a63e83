#include "engine/law/split_step_native.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "engine/base/pool.h"
#include "engine/kernels/cpu/fft_plan.h"
#include "engine/kernels/cpu/split_step.h"
#include "engine/law/potential.h"

namespace atheria {
namespace {

using cpu::kFftLanes;
using cpu::kFftVector;
using cpu::PhaseKind;

// Below this many cells a pass takes less time than meeting the other threads.
constexpr std::int64_t kWorthSharing = 1 << 14;

// Angles of the potential are counted in sixteenths of a turn.
constexpr double kSixteenth = 2 * std::numbers::pi / 16;

std::size_t size_of(std::int64_t n) { return static_cast<std::size_t>(n); }

// exp(i angle) - 1 from double, the imaginary part `apart` numbers from the real one.
template <class T>
void put_turn(T* re, std::int64_t apart, double angle) {
  const double half = std::sin(angle / 2);
  re[0] = static_cast<T>(-2 * half * half);
  re[apart] = static_cast<T>(std::sin(angle));
}

// Angles -dt k^2 / 2 mass of the motion along one axis.
class Motion {
 public:
  Motion(const Setup& setup, std::int64_t length) : length_(length) {
    const double dx = setup.params.number("dx");
    scale_ = setup.params.number("dt") / (2 * setup.params.number("mass") * dx * dx);
  }

  double angle(std::int64_t frequency) const {
    const auto folded = 2 * frequency < length_ ? frequency : frequency - length_;
    const double k =
        2 * std::numbers::pi * static_cast<double>(folded) / static_cast<double>(length_);
    return -scale_ * k * k;
  }

 private:
  std::int64_t length_;
  double scale_;
};

template <class T>
std::vector<T> row_factors(const Setup& setup, const cpu::FftRowPlan<T>& plan) {
  const Motion motion(setup, setup.grid.width);
  std::vector<T> factors(size_of(plan.groups() * kFftLanes * kFftVector));
  auto* vector = factors.data();
  for (std::int64_t group = 0; group < plan.groups(); ++group)
    for (std::int64_t k = 0; k < kFftLanes; ++k, vector += kFftVector)
      for (std::int64_t lane = 0; lane < kFftLanes; ++lane)
        put_turn(vector + lane, kFftLanes, motion.angle(plan.frequency(group, k, lane)));
  return factors;
}

template <class T>
std::vector<T> column_factors(const Setup& setup, const cpu::FftPlan<T>& plan) {
  const Motion motion(setup, setup.grid.height);
  std::vector<T> factors(size_of(2 * plan.length()));
  for (std::int64_t p = 0; p < plan.length(); ++p)
    put_turn(&factors[size_of(2 * p)], 1, motion.angle(plan.frequency(p)));
  return factors;
}

template <class T>
class NativeSplitStepper final : public Stepper {
 public:
  explicit NativeSplitStepper(const Setup& setup)
      : isa_(setup.tuning.isa),
        rows_(setup.grid.width, 1 / static_cast<double>(setup.grid.cells())),
        columns_(setup.grid.height),
        row_factors_(row_factors(setup, rows_)),
        column_factors_(column_factors(setup, columns_)),
        batches_((setup.grid.height + rows_.rows().rows - 1) / rows_.rows().rows),
        strips_(columns_.axis().leaf, batches_ * rows_.rows().rows),
        wave_(at::zeros({setup.grid.width / kFftLanes * strips_.length},
                        at::CppTypeToScalarType<T>::value)),
        kernels_(cpu::split_step_kernels<T>(isa_)) {
    set_world(setup.grid);
    put_potential(setup);
  }

  void advance(Field& field, std::uint64_t, std::uint32_t k, StepContext&) noexcept override {
    world_.re = field.planes().template mutable_data_ptr<T>();
    world_.im = world_.re + world_.width * world_.height;
    for (std::uint32_t i = 0; i < k; ++i) {
      first_ = i == 0;
      last_ = i + 1 == k;
      // Each captures one pointer, so that std::function does not allocate.
      share(batches_, [this](std::int64_t begin, std::int64_t end) {
        kernels_.rows(world_, first_, begin, end);
      });
      share(world_.width / kFftLanes, [this](std::int64_t begin, std::int64_t end) {
        kernels_.columns(world_, last_, begin, end);
      });
    }
  }

  std::string how() const override {
    return fmt::format("{}, own transforms on strips of {} columns", to_string(isa_), kFftLanes);
  }

 private:
  template <class Body>
  void share(std::int64_t count, const Body& body) const {
    if (world_.width * world_.height <= kWorthSharing) return body(0, count);
    shared_pool().bands(count, body);
  }

  void set_world(const GridSpec& grid) {
    world_.width = grid.width;
    world_.height = grid.height;
    world_.strips = wave_.template mutable_data_ptr<T>();
    world_.strip = strips_.length;
    world_.leap = strips_.leap;
    world_.rows = rows_.rows();
    world_.columns = columns_.axis();
    world_.row_factors = row_factors_.data();
    world_.column_factors = column_factors_.data();
    world_.kind = PhaseKind::none;
  }

  void put_potential(const Setup& setup) {
    const double g = setup.params.number("g"), half = setup.params.number("dt") / 2;
    const auto v = potential(setup);
    if (g == 0 && !v.defined()) return;
    world_.kind = g == 0 ? PhaseKind::fixed : PhaseKind::nonlinear;
    world_.interaction = static_cast<T>(-half * g / kSixteenth);
    const auto size = g == 0 ? wave_.numel() : wave_.numel() / 2;
    potential_ = at::zeros({size}, wave_.options());
    world_.potential = potential_.template const_data_ptr<T>();
    if (!v.defined()) return;
    const auto dense = v.contiguous();
    const auto* energy = dense.template const_data_ptr<double>();
    for (std::int64_t y = 0; y < world_.height; ++y)
      for (std::int64_t x = 0; x < world_.width; ++x) put_angle(x, y, -half * *energy++);
  }

  void put_angle(std::int64_t x, std::int64_t y, double angle) {
    const auto vector = x / kFftLanes * strips_.length + strips_.at(y);
    auto* const table = potential_.template mutable_data_ptr<T>();
    if (world_.kind == PhaseKind::nonlinear) {
      // Whole turns are left out: they would cost the rest its last digits.
      table[vector / 2 + x % kFftLanes] = static_cast<T>(std::remainder(angle / kSixteenth, 16));
      return;
    }
    put_turn(table + vector + x % kFftLanes, kFftLanes, angle);
  }

  const Isa isa_;
  const cpu::FftRowPlan<T> rows_;
  const cpu::FftPlan<T> columns_;
  const std::vector<T> row_factors_, column_factors_;
  const std::int64_t batches_;   // of rows
  const cpu::FftStrips strips_;  // for whole batches
  at::Tensor wave_, potential_;
  const cpu::SplitStepKernels<T> kernels_;
  cpu::SplitStep<T> world_{};
  bool first_ = false, last_ = false;  // step of this call
};

}  // namespace

std::unique_ptr<Stepper> native_split_stepper(const Setup& setup) {
  const auto& grid = setup.grid;
  if (grid.is_3d() || !cpu::FftRowPlan<float>::fits(grid.width) ||
      !cpu::FftPlan<float>::fits(grid.height))
    return nullptr;
  if (setup.dtype == Dtype::f64) return std::make_unique<NativeSplitStepper<double>>(setup);
  return std::make_unique<NativeSplitStepper<float>>(setup);
}

}  // namespace atheria
