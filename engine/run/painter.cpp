#include "engine/run/painter.h"

#include <cmath>

#include "engine/base/philox.h"
#include "engine/run/paint_check.h"

namespace atheria {

namespace {

// Draws of this file, far from those of laws at the same step.
constexpr std::uint32_t kDraw = 0xF000;

template <typename T>
T mix(T old, double target, float weight) {
  if (weight == 1) return static_cast<T>(target);  // exact, and heals NaN
  if (weight == 0) return old;
  return static_cast<T>(old + static_cast<double>(weight) * (target - old));
}

template <typename T>
void mix_target(const PaintRun& run, double target, T* cells) {
  for (int i = 0; i < run.n; ++i) cells[i] = mix(cells[i], target, run.weight[i]);
}

}  // namespace

void Painter::apply(const PaintRun& run) {
  switch (field_.dtype()) {
    case Dtype::f32:
      return apply_as<float>(run);
    case Dtype::f64:
      return apply_as<double>(run);
    case Dtype::bits:
      return apply_bits(run);
  }
}

template <typename T>
T* Painter::row(int channel, const PaintRun& run) {
  return field_.planes().data_ptr<T>() + row_index(channel, run) * field_.grid().width + run.x;
}

std::int64_t Painter::row_index(int channel, const PaintRun& run) const {
  const GridSpec& grid = field_.grid();
  return (std::int64_t{channel} * grid.depth + run.z) * grid.height + run.y;
}

bool Painter::touches(int channel) const {
  return paint_.channel.empty() || channels_[channel].name == paint_.channel;
}

template <typename T>
void Painter::apply_as(const PaintRun& run) {
  if (keep_phase_) return set_amplitude<T>(run);
  for (int channel = 0; channel < field_.channels(); ++channel) {
    if (!touches(channel)) continue;
    if (paint_.tool == Tool::noise) {
      mix_noise(run, channel, row<T>(channel, run));
    } else {
      mix_target(run, target_of(channels_[channel], paint_), row<T>(channel, run));
    }
  }
}

template <typename T>
void Painter::mix_noise(const PaintRun& run, int channel, T* cells) const {
  const Channel& about = channels_[channel];
  const auto strength = static_cast<float>(paint_.value);
  for (int i = 0; i < run.n; ++i) {
    if (run.weight[i] == 0) continue;
    const double target =
        about.lo + (about.hi - about.lo) * static_cast<double>(draw(run, i, channel));
    cells[i] = mix(cells[i], target, run.weight[i] * strength);
  }
}

template <typename T>
void Painter::set_amplitude(const PaintRun& run) {
  for (int pair = 0; pair + 1 < field_.channels(); pair += 2) {
    const double amplitude = target_of(channels_[pair], paint_);
    T* const re = row<T>(pair, run);
    T* const im = row<T>(pair + 1, run);
    for (int i = 0; i < run.n; ++i) {
      if (run.weight[i] == 0) continue;
      const double size = std::hypot(static_cast<double>(re[i]), static_cast<double>(im[i]));
      const bool has_phase = std::isfinite(size) && size > 0;
      const double along = has_phase ? static_cast<double>(re[i]) / size : 1;
      const double across = has_phase ? static_cast<double>(im[i]) / size : 0;
      re[i] = mix(re[i], amplitude * along, run.weight[i]);
      im[i] = mix(im[i], amplitude * across, run.weight[i]);
    }
  }
}

void Painter::apply_bits(const PaintRun& run) {
  std::uint64_t touched = 0;
  for (int i = 0; i < run.n; ++i) touched |= std::uint64_t{run.weight[i] >= 0.5F} << i;
  for (int channel = 0; channel < field_.channels(); ++channel) {
    if (!touches(channel)) continue;
    auto* const words = reinterpret_cast<std::uint64_t*>(field_.planes().data_ptr<std::int64_t>());
    std::uint64_t& word = words[row_index(channel, run) * field_.words() + run.x / 64];
    word = (word & ~touched) | (wanted_bits(run, channel) & touched);
  }
}

std::uint64_t Painter::wanted_bits(const PaintRun& run, int channel) const {
  if (paint_.tool != Tool::noise) {
    return target_of(channels_[channel], paint_) >= 0.5 ? ~std::uint64_t{0} : 0;
  }
  std::uint64_t bits = 0;
  for (int i = 0; i < run.n; ++i) {
    bits |= std::uint64_t{draw(run, i, channel) < paint_.value / 2} << i;
  }
  return bits;
}

float Painter::draw(const PaintRun& run, int i, int channel) const {
  const std::int64_t cell = row_index(0, run) * field_.grid().width + run.x + i;
  const auto block = random_block(seed_, step_, static_cast<std::uint64_t>(cell),
                                  kDraw + static_cast<std::uint32_t>(channel) / 4);
  return unit_float(block[channel % 4]);
}

}  // namespace atheria
