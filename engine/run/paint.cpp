#include "engine/run/paint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "engine/base/error.h"
#include "engine/base/philox.h"
#include "engine/run/coverage.h"
#include "engine/run/paint_check.h"

namespace atheria {

namespace {

// Draws of this file, far from those of laws at the same step.
constexpr std::uint32_t kDraw = 0xF000;

// One row of a tile in one layer: which cells, and how strongly.
struct Run {
  int x = 0, y = 0, z = 0, n = 0;
  std::array<float, Coverage::kSide> weight = {};
  bool any = false;
};

struct Layer {
  int z = 0;
  float square_distance = 0;  // from the stroke's layer
};

// Layers a ball around `middle` reaches, around the torus too.
std::vector<Layer> layers_of(const GridSpec& grid, int middle, double reach) {
  std::vector<Layer> layers;
  for (int z = 0; z < grid.depth; ++z) {
    const int straight = std::abs(z - middle);
    const int away = std::min(straight, grid.depth - straight);
    if (away <= reach) layers.push_back({z, static_cast<float>(away) * static_cast<float>(away)});
  }
  return layers;
}

// 1 inside, then a smooth fall to 0 at the reach.
float weight_at(float square_distance, float reach, float softness) {
  if (!(square_distance <= reach * reach)) return 0;
  if (softness == 0) return 1;
  const float inner = reach * (1 - softness);
  const float distance = std::sqrt(square_distance);
  if (distance <= inner) return 1;
  const float t = std::min((distance - inner) / (reach - inner), 1.0F);
  return 1 - t * t * (3 - 2 * t);
}

template <typename T>
T mix(T old, double target, float weight) {
  if (weight == 1) return static_cast<T>(target);  // exact, and heals NaN
  if (weight == 0) return old;
  return static_cast<T>(old + static_cast<double>(weight) * (target - old));
}

// Applies one paint to one field.
class Painter {
 public:
  Painter(Field& field, const std::vector<Channel>& channels, const Paint& paint,
          std::uint64_t seed, std::uint64_t step)
      : field_(field), channels_(channels), paint_(paint), seed_(seed), step_(step) {}

  // Painted whole, a complex field keeps its phases.
  void keep_phase(bool keep) { keep_phase_ = keep; }

  void apply(const Run& run) {
    switch (field_.dtype()) {
      case Dtype::f32:
        return apply_as<float>(run);
      case Dtype::f64:
        return apply_as<double>(run);
      case Dtype::bits:
        return apply_bits(run);
    }
  }

 private:
  template <typename T>
  T* row(int channel, const Run& run) {
    return field_.planes().data_ptr<T>() + row_index(channel, run) * field_.grid().width + run.x;
  }

  std::int64_t row_index(int channel, const Run& run) const {
    const GridSpec& grid = field_.grid();
    return (std::int64_t{channel} * grid.depth + run.z) * grid.height + run.y;
  }

  bool touches(int channel) const {
    return paint_.channel.empty() || channels_[channel].name == paint_.channel;
  }

  template <typename T>
  void apply_as(const Run& run) {
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
  void mix_target(const Run& run, double target, T* cells) const {
    for (int i = 0; i < run.n; ++i) cells[i] = mix(cells[i], target, run.weight[i]);
  }

  template <typename T>
  void mix_noise(const Run& run, int channel, T* cells) const {
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
  void set_amplitude(const Run& run) {
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

  void apply_bits(const Run& run) {
    std::uint64_t touched = 0;
    for (int i = 0; i < run.n; ++i) touched |= std::uint64_t{run.weight[i] >= 0.5F} << i;
    for (int channel = 0; channel < field_.channels(); ++channel) {
      if (!touches(channel)) continue;
      auto* const words =
          reinterpret_cast<std::uint64_t*>(field_.planes().data_ptr<std::int64_t>());
      std::uint64_t& word = words[row_index(channel, run) * field_.words() + run.x / 64];
      word = (word & ~touched) | (wanted_bits(run, channel) & touched);
    }
  }

  std::uint64_t wanted_bits(const Run& run, int channel) const {
    if (paint_.tool != Tool::noise) {
      return target_of(channels_[channel], paint_) >= 0.5 ? ~std::uint64_t{0} : 0;
    }
    std::uint64_t bits = 0;
    for (int i = 0; i < run.n; ++i) {
      bits |= std::uint64_t{draw(run, i, channel) < paint_.value / 2} << i;
    }
    return bits;
  }

  float draw(const Run& run, int i, int channel) const {
    const std::int64_t cell = row_index(0, run) * field_.grid().width + run.x + i;
    const auto block = random_block(seed_, step_, static_cast<std::uint64_t>(cell),
                                    kDraw + static_cast<std::uint32_t>(channel) / 4);
    return unit_float(block[channel % 4]);
  }

  Field& field_;
  const std::vector<Channel>& channels_;
  const Paint& paint_;
  const std::uint64_t seed_;
  const std::uint64_t step_;
  bool keep_phase_ = false;
};

Coverage coverage_of(const GridSpec& grid, const Paint& paint, const Stamp& stamp) {
  Coverage coverage(grid);
  const auto& points = paint.points;
  if (paint.tool == Tool::stamp) {
    for (const auto& point : points) cover(coverage, stamp, point);
    return coverage;
  }
  const auto line = [&](const std::array<float, 2>& from, const std::array<float, 2>& to) {
    coverage.add_line({from[0], from[1]}, {to[0], to[1]}, reach_of(paint));
  };
  if (points.size() == 1) line(points[0], points[0]);
  for (std::size_t index = 1; index < points.size(); ++index)
    line(points[index - 1], points[index]);
  return coverage;
}

Run run_of(const Coverage::Tile& tile, int line, const Layer& layer, float reach, float softness) {
  Run run{.x = tile.x, .y = tile.y + line, .z = layer.z, .n = tile.width};
  const float* const squares = tile.square_distance.data() + line * Coverage::kSide;
  for (int i = 0; i < run.n; ++i) {
    run.weight[i] = weight_at(squares[i] + layer.square_distance, reach, softness);
    run.any = run.any || run.weight[i] > 0;
  }
  return run;
}

void paint_here(Field& field, const std::vector<Channel>& channels, bool complex,
                const Paint& paint, const Stamp& stamp, std::uint64_t seed, std::uint64_t step) {
  const GridSpec& grid = field.grid();
  const bool stamping = paint.tool == Tool::stamp;
  const double reach = stamping ? 0.5 : reach_of(paint);
  const float softness = stamping ? 0 : paint.softness;
  const int middle = paint.z < 0 ? grid.depth / 2 : paint.z;
  if (stamp.seed != nullptr) {
    for (const auto& point : paint.points) put_seed(field, channels, paint, stamp, point, middle);
    return;
  }
  const std::vector<Layer> layers = layers_of(grid, middle, reach);
  const Coverage coverage = coverage_of(grid, paint, stamp);
  Painter painter(field, channels, paint, seed, step);
  painter.keep_phase(complex && paint.channel.empty() && (stamping || paint.tool == Tool::brush));
  for (const Coverage::Tile& tile : coverage.tiles()) {
    for (const Layer& layer : layers) {
      for (int line = 0; line < tile.height; ++line) {
        const Run run = run_of(tile, line, layer, static_cast<float>(reach), softness);
        if (run.any) painter.apply(run);
      }
    }
  }
}

}  // namespace

void paint(Field& field, const std::vector<Channel>& channels, bool complex, const Paint& paint,
           std::uint64_t seed, std::uint64_t step) {
  if (static_cast<int>(channels.size()) != field.channels()) {
    throw Error(ErrorKind::internal, fmt::format("painting {} channels on a field of {}",
                                                 channels.size(), field.channels()));
  }
  check_paint(paint, channels);
  const Stamp stamp = paint.tool == Tool::stamp ? stamp_of(paint.pattern) : Stamp{};
  check_fit(field, channels, paint, stamp);
  if (field.device().is_cpu()) {
    paint_here(field, channels, complex, paint, stamp, seed, step);
    return;
  }
  Field here(field.grid(), field.channels(), field.dtype());
  here.copy_from(field);
  paint_here(here, channels, complex, paint, stamp, seed, step);
  field.copy_from(here);
}

}  // namespace atheria
