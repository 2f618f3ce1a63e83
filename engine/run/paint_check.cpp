#include "engine/run/paint_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/base/error.h"
#include "engine/run/paint.h"

namespace atheria {

namespace {

constexpr std::size_t kMostPoints = 256;
constexpr double kMostSwept = 1 << 28;  // cells looked at for one paint: about a third of a second

[[noreturn]] void refuse(const char* argument, const std::string& message) {
  throw Error(ErrorKind::bad_args, message, std::string("args.") + argument);
}

void check_number(const char* name, double value, double lo, double hi) {
  if (value >= lo && value <= hi) return;  // NaN is not
  refuse(name, fmt::format("{} is {}; it takes {}..{}", name, value, lo, hi));
}

void check_points(const Paint& paint) {
  if (paint.points.empty() || paint.points.size() > kMostPoints) {
    refuse("points", fmt::format("there are {} points; a paint takes 1..{}", paint.points.size(),
                                 kMostPoints));
  }
  for (const auto& point : paint.points) {
    if (std::isfinite(point[0]) && std::isfinite(point[1])) continue;
    refuse("points", fmt::format("point [{},{}] is not finite", point[0], point[1]));
  }
}

void check_channel(const Paint& paint, const std::vector<Channel>& channels) {
  if (paint.channel.empty()) return;
  std::string names;
  for (const Channel& channel : channels) {
    if (channel.name == paint.channel) return;
    names += (names.empty() ? "" : ", ") + channel.name;
  }
  throw Error(ErrorKind::not_found,
              fmt::format("there is no channel '{}' to paint; there is {}", paint.channel, names),
              "args.channel");
}

// A stroke may leave the torus on one side and go on: up to two of its sizes away.
void check_places(const GridSpec& grid, const Paint& paint) {
  for (const auto& point : paint.points) {
    const bool near =
        std::abs(point[0]) <= 2.0 * grid.width && std::abs(point[1]) <= 2.0 * grid.height;
    if (near) continue;
    refuse("points", fmt::format("point [{},{}] is more than two fields of {}x{} away", point[0],
                                 point[1], grid.width, grid.height));
  }
}

double swept_cells(const Paint& paint, const Stamp& stamp) {
  if (paint.tool == Tool::stamp) {
    return stamp.work() * static_cast<double>(paint.points.size());
  }
  const double reach = reach_of(paint);
  double swept = std::numbers::pi * reach * reach;
  for (std::size_t index = 1; index < paint.points.size(); ++index) {
    const auto& a = paint.points[index - 1];
    const auto& b = paint.points[index];
    swept += 2 * reach * std::hypot(b[0] - a[0], b[1] - a[1]) + std::numbers::pi * reach * reach;
  }
  return swept;
}

void check_work(const Paint& paint, const Stamp& stamp) {
  const double swept = swept_cells(paint, stamp);
  if (swept <= kMostSwept) return;
  throw Error(
      ErrorKind::too_large,
      fmt::format(
          "the stroke sweeps {:.0f} cells, more than {:.0f}; send fewer points or a smaller "
          "radius",
          swept, kMostSwept),
      "args.points");
}

void check_targets(const Field& field, const std::vector<Channel>& channels, const Paint& paint) {
  const bool mixes_ink = paint.tool == Tool::brush || paint.tool == Tool::stamp;
  if (field.dtype() == Dtype::bits || !mixes_ink) return;
  const double most = field.dtype() == Dtype::f32 ? std::numeric_limits<float>::max()
                                                  : std::numeric_limits<double>::max();
  for (const Channel& channel : channels) {
    const double target = target_of(channel, paint);
    if (std::abs(target) <= most) continue;
    refuse("value", fmt::format("value {} makes channel '{}' {}, more than {} holds", paint.value,
                                channel.name, target, to_string(field.dtype())));
  }
}

}  // namespace

void check_paint(const Paint& paint, const std::vector<Channel>& channels) {
  check_points(paint);
  check_number("radius", paint.radius, 0.5, 512);
  check_number("softness", paint.softness, 0, 1);
  if (!std::isfinite(paint.value)) {
    refuse("value", fmt::format("value is {}; it takes a finite number", paint.value));
  }
  if (paint.tool == Tool::noise) check_number("value", paint.value, 0, 1);
  check_channel(paint, channels);
}

void check_fit(const Field& field, const std::vector<Channel>& channels, const Paint& paint,
               const Stamp& stamp) {
  const GridSpec& grid = field.grid();
  if (paint.z < -1 || paint.z >= grid.depth) {
    refuse("z", fmt::format("z is {}; the field has layers 0..{} (-1: the middle one)", paint.z,
                            grid.depth - 1));
  }
  check_stamp(field, channels, paint, stamp);
  check_places(grid, paint);
  check_work(paint, stamp);
  check_targets(field, channels, paint);
}

double target_of(const Channel& channel, const Paint& paint) {
  if (paint.tool == Tool::erase) return channel.background;
  const double value = paint.value;
  return channel.background * (1 - value) + channel.ink * value;  // exact at 0 and at 1
}

double reach_of(const Paint& paint) {
  constexpr double half_diagonal =
      0.7072;  // of a cell, rounded up: a point at a corner is in reach of its four cells
  return std::max(static_cast<double>(paint.radius), half_diagonal);
}

void validate(const Paint& paint, const LawInfo& law) {
  check_paint(paint, law.channels);
  if (paint.tool == Tool::stamp) stamp_of(paint.pattern);
}

}  // namespace atheria
