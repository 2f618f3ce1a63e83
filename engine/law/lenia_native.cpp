#include "engine/law/lenia_native.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "engine/base/pool.h"
#include "engine/kernels/cpu/fft_plan.h"
#include "engine/kernels/cpu/lenia.h"

namespace atheria {
namespace {

using cpu::kFftLanes;

// Below this many cells a pass takes less time than meeting the other threads.
constexpr std::int64_t kWorthSharing = 1 << 14;

std::size_t size_of(std::int64_t n) { return static_cast<std::size_t>(n); }

template <class T>
class NativeLeniaStepper final : public Stepper {
 public:
  NativeLeniaStepper(const Setup& setup, int channels, const std::vector<LeniaKernel>& kernels)
      : isa_(setup.tuning.isa),
        rows_(setup.grid.width),
        columns_(setup.grid.height / 2),
        batches_(columns_.length() / rows_.rows().rows + 1),
        strips_(columns_.axis().leaf, batches_ * rows_.rows().rows),
        kernels_(cpu::lenia_kernels<T>(isa_)) {
    set_world(setup, channels);
    add_pairs();
    add_kernels(setup, channels, kernels);
  }

  void advance(Field& field, std::uint64_t, std::uint32_t k, StepContext&) noexcept override {
    if (k == 0) return;
    world_.field = field.planes().template mutable_data_ptr<T>();
    const auto strips = world_.width / kFftLanes;
    // Each captures one pointer, so that std::function does not allocate.
    share(strips,
          [this](std::int64_t begin, std::int64_t end) { kernels_.begin(world_, begin, end); });
    for (std::uint32_t i = 0; i < k; ++i) {
      last_ = i + 1 == k;
      share(batches_,
            [this](std::int64_t begin, std::int64_t end) { kernels_.rows(world_, begin, end); });
      share(strips, [this](std::int64_t begin, std::int64_t end) {
        kernels_.columns(world_, last_, begin, end);
      });
    }
  }

  std::string how() const override {
    return fmt::format("{}, own transforms of {} kernels on strips of {} columns", to_string(isa_),
                       plans_.size(), kFftLanes);
  }

 private:
  template <class Body>
  void share(std::int64_t count, const Body& body) const {
    if (world_.width * world_.height <= kWorthSharing) return body(0, count);
    shared_pool().bands(count, body);
  }

  void set_world(const Setup& setup, int channels) {
    world_.width = setup.grid.width;
    world_.height = setup.grid.height;
    world_.strip = strips_.length;
    world_.leap = strips_.leap;
    world_.rows = rows_.rows();
    world_.columns = columns_.axis();
    world_.channel_count = channels;
    world_.gaussian = parse_growth(setup.params.text("growth")) == Growth::gaussian;
    world_.dt = static_cast<T>(setup.params.number("dt"));
  }

  at::Tensor planes_of_strips(std::int64_t count) const {
    return at::zeros({count, world_.width / kFftLanes * strips_.length},
                     at::CppTypeToScalarType<T>::value);
  }

  void add_pairs() {
    const auto half = columns_.length();
    std::vector<std::int64_t> place(size_of(half));
    for (std::int64_t p = 0; p < half; ++p) place[size_of(columns_.frequency(p))] = strips_.at(p);
    for (std::int64_t k = 1; k <= half - k; ++k) {
      const double angle = std::numbers::pi * static_cast<double>(k) / static_cast<double>(half);
      pairs_.push_back({place[size_of(k)], place[size_of(half - k)],
                        static_cast<T>(-std::sin(angle)), static_cast<T>(-std::cos(angle))});
    }
    world_.pairs = pairs_.data();
    world_.pair_count = static_cast<std::int64_t>(pairs_.size());
  }

  void add_kernels(const Setup& setup, int channels, const std::vector<LeniaKernel>& kernels) {
    const auto count = static_cast<std::int64_t>(kernels.size());
    waves_ = planes_of_strips(count);
    cells_ = planes_of_strips(channels);
    totals_ = planes_of_strips(count > 1 || channels > 1 ? channels : 0);
    factors_ =
        at::zeros({count, batches_ * rows_.groups() * kFftLanes * kFftLanes}, waves_.options());
    plans_.reserve(kernels.size());  // the channels point into it
    for (int channel = 0; channel < channels; ++channel) {
      const auto first = plans_.size();
      for (const auto& kernel : kernels)
        if (kernel.from == channel) add_kernel(setup, kernel);
      channels_.push_back({static_cast<int>(plans_.size() - first), plans_.data() + first,
                           plane(cells_, channel),
                           totals_.numel() > 0 ? plane(totals_, channel) : nullptr});
    }
    world_.channels = channels_.data();
    world_.work = plane(waves_, 0);
  }

  static T* plane(const at::Tensor& planes, std::int64_t i) {
    return planes.template mutable_data_ptr<T>() + i * planes.size(1);
  }

  void add_kernel(const Setup& setup, const LeniaKernel& kernel) {
    const auto index = static_cast<std::int64_t>(plans_.size());
    const double square = kernel.sigma * kernel.sigma;
    const double sharpness =
        world_.gaussian ? -1 / (2 * square * std::numbers::ln2) : 1 / (9 * square);
    plans_.push_back({kernel.to, static_cast<T>(kernel.mu), static_cast<T>(sharpness),
                      static_cast<T>(kernel.weight), plane(waves_, index), plane(factors_, index)});
    const auto modes =
        at::real(kernel_transform(setup.grid, setup.params.number("R") * kernel.reach, kernel.beta,
                                  parse_core(setup.params.text("kernel"))))
            .contiguous();
    put_factors(modes.template const_data_ptr<double>(), plane(factors_, index));
  }

  // modes: [height][width / 2 + 1]. The transform of a kernel that is symmetric along each axis is
  // real and the same for kx and -kx.
  void put_factors(const double* modes, T* factor) const {
    const auto half = columns_.length(), length = world_.rows.axis.length;
    const double scale = 0.5 / static_cast<double>(world_.width * world_.height);
    for (std::int64_t batch = 0; batch < batches_; ++batch)
      for (std::int64_t group = 0; group < rows_.groups(); ++group)
        for (std::int64_t k = 0; k < kFftLanes; ++k)
          for (std::int64_t lane = 0; lane < kFftLanes; ++lane, ++factor) {
            const auto row = batch * world_.rows.rows + rows_.vector(group, lane) / length;
            if (row > half) continue;  // there only to make up a batch
            const auto ky = row == half ? half : columns_.frequency(row);
            const auto kx = rows_.frequency(group, k, lane);
            const auto folded = std::min(kx, world_.width - kx);
            *factor = static_cast<T>(scale * modes[ky * (world_.width / 2 + 1) + folded]);
          }
  }

  const Isa isa_;
  const cpu::FftRowPlan<T> rows_;
  const cpu::FftPlan<T> columns_;  // half the height
  const std::int64_t batches_;     // of rows of waves
  const cpu::FftStrips strips_;    // for whole batches
  const cpu::LeniaKernels<T> kernels_;
  at::Tensor waves_, cells_, totals_, factors_;
  std::vector<cpu::MirrorPair<T>> pairs_;
  std::vector<cpu::LeniaKernel<T>> plans_;  // by the channel they look at
  std::vector<cpu::LeniaChannel<T>> channels_;
  cpu::Lenia<T> world_{};
  bool last_ = false;  // step of this call
};

}  // namespace

std::unique_ptr<Stepper> native_lenia_stepper(const Setup& setup, int channels,
                                              const std::vector<LeniaKernel>& kernels) {
  const auto& grid = setup.grid;
  if (grid.is_3d() || grid.height % 2 != 0 || !cpu::FftRowPlan<float>::fits(grid.width) ||
      !cpu::FftPlan<float>::fits(grid.height / 2))
    return nullptr;
  if (setup.dtype == Dtype::f64)
    return std::make_unique<NativeLeniaStepper<double>>(setup, channels, kernels);
  return std::make_unique<NativeLeniaStepper<float>>(setup, channels, kernels);
}

}  // namespace atheria
