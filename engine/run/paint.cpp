#include "engine/run/paint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "engine/base/error.h"
#include "engine/run/coverage.h"
#include "engine/run/paint_check.h"
#include "engine/run/painter.h"

namespace atheria {

namespace {

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

PaintRun run_of(const Coverage::Tile& tile, int line, const Layer& layer, float reach,
                float softness) {
  PaintRun run{.x = tile.x, .y = tile.y + line, .z = layer.z, .n = tile.width};
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
        const PaintRun run = run_of(tile, line, layer, static_cast<float>(reach), softness);
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
