// Starts drawn cell by cell or disc by disc: noise, blobs, cell.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/philox.h"
#include "engine/field/init_kinds.h"

namespace atheria {
namespace {

// How far complex noise reaches when nothing says: small, so that a law's own growth is seen.
constexpr double kComplexNoise = 0.1;

struct Range {
  double lo, hi;
};

struct Noise {
  std::optional<double> density, lo, hi;

  Range range(const Canvas& canvas, int channel) const {
    const auto& of = canvas.channels()[static_cast<std::size_t>(channel)];
    const Range usual =
        canvas.complex() ? Range{-kComplexNoise, kComplexNoise} : Range{of.lo, of.hi};
    return {lo.value_or(usual.lo), hi.value_or(usual.hi)};
  }

  void row(Canvas& canvas, std::uint64_t seed, std::int64_t y, std::int64_t z) const {
    const auto& grid = canvas.grid();
    const double chance = density.value_or(canvas.bits() ? 0.5 : 1);
    for (std::int64_t x = 0; x < grid.width; ++x) {
      const auto cell = static_cast<std::uint64_t>((z * grid.height + y) * grid.width + x);
      const auto first = random_block(seed, kInitStep, cell);
      if (static_cast<double>(unit_float(first[1])) >= chance) continue;
      for (int c = 0; c < canvas.channel_count(); ++c) {
        const auto draw =
            c == 0 ? first : random_block(seed, kInitStep, cell, static_cast<std::uint32_t>(c));
        const auto [from, to] = range(canvas, c);
        const double at = canvas.bits() ? 1 : static_cast<double>(unit_float(draw[0]));
        canvas.set(c, x, y, z, from * (1 - at) + to * at);
      }
    }
  }
};

// Discs (balls in 3-D) whose edge is soft: half the ink at the radius, none a quarter of it further
// out.
struct Blobs {
  std::int64_t count;
  double radius;

  std::int64_t reach(std::int64_t side) const {
    return std::min(side / 2, static_cast<std::int64_t>(std::ceil(radius * 1.25)));
  }

  void check(const Canvas& canvas) const {
    const auto& grid = canvas.grid();
    double looked_at = static_cast<double>(count);
    for (const auto side : {grid.width, grid.height, grid.depth}) {
      looked_at *= static_cast<double>(2 * reach(side) + 1);
    }
    if (looked_at <= 0x1p33) return;
    throw Error(
        ErrorKind::too_large,
        fmt::format("init blobs: {} of radius {} are too many cells to draw on {}; fewer or "
                    "smaller ones do",
                    count, radius, to_string(grid)),
        "init");
  }

  void draw(Canvas& canvas, std::uint64_t seed) const {
    const auto& grid = canvas.grid();
    for (std::int64_t i = 0; i < count; ++i) {
      const auto at = random_block(seed, kInitStep, static_cast<std::uint64_t>(i));
      const auto place = [&](int word, int side) {
        return static_cast<std::int64_t>(std::uint64_t{at[static_cast<std::size_t>(word)]} *
                                             static_cast<std::uint64_t>(side) >>
                                         32);
      };
      blob(canvas, place(0, grid.width), place(1, grid.height), place(2, grid.depth));
    }
  }

  void blob(Canvas& canvas, std::int64_t x, std::int64_t y, std::int64_t z) const {
    const auto& grid = canvas.grid();
    const auto rx = reach(grid.width), ry = reach(grid.height);
    const auto rz = reach(grid.depth);
    for (auto dz = -rz; dz <= rz; ++dz) {
      for (auto dy = -ry; dy <= ry; ++dy) {
        for (auto dx = -rx; dx <= rx; ++dx) {
          const double amount = softness(static_cast<double>(dx * dx + dy * dy + dz * dz));
          if (amount > 0) {
            add(canvas, wrapped(x + dx, grid.width), wrapped(y + dy, grid.height),
                wrapped(z + dz, grid.depth), amount);
          }
        }
      }
    }
  }

  double softness(double square) const {
    const double away = std::sqrt(square) / radius;  // 1 at the edge
    const double t = std::clamp((1.25 - away) * 2, 0.0, 1.0);
    return t * t * (3 - 2 * t);
  }

  // Where discs meet, the stronger counts.
  static void add(Canvas& canvas, std::int64_t x, std::int64_t y, std::int64_t z, double amount) {
    for (int c = 0; c < canvas.channel_count(); ++c) {
      const double value = canvas.mixed(c, amount), now = canvas.get(c, x, y, z);
      const bool upward = canvas.mixed(c, 1) > canvas.mixed(c, 0);
      if (upward ? value > now : value < now) canvas.set(c, x, y, z, value);
    }
  }
};

// Positions of a lattice with at least that spacing along one side, or the one given.
std::vector<std::int64_t> places(std::optional<std::int64_t> at, std::int64_t spacing,
                                 std::int64_t side) {
  if (spacing == 0) return {wrapped(at.value_or(side / 2), side)};
  const std::int64_t count = std::max<std::int64_t>(1, side / spacing);
  std::vector<std::int64_t> list;
  for (std::int64_t i = 0; i < count; ++i) {
    list.push_back(wrapped((2 * i + 1) * side / (2 * count) + at.value_or(0), side));
  }
  return list;
}

}  // namespace

Filler noise_init(const InitSpec& spec) {
  const Noise noise{spec.number_if_said("density", 0, 1), spec.number_if_said("lo", -1e6, 1e6),
                    spec.number_if_said("hi", -1e6, 1e6)};
  if (noise.lo && noise.hi && *noise.lo > *noise.hi) spec.fail("lo is above hi");
  return [noise](Canvas& canvas, std::uint64_t seed) {
    canvas.clear();
    canvas.each_row([&](std::int64_t y, std::int64_t z) { noise.row(canvas, seed, y, z); });
  };
}

Filler blobs_init(const InitSpec& spec) {
  const Blobs blobs{spec.integer("count", 8, 0, 65536), spec.number("radius", 8, 0.5, 65536)};
  return [blobs](Canvas& canvas, std::uint64_t seed) {
    blobs.check(canvas);
    canvas.clear();
    blobs.draw(canvas, seed);
  };
}

Filler cell_init(const InitSpec& spec) {
  constexpr std::int64_t kFar = 65536;
  const auto x = spec.integer_if_said("x", -kFar, kFar), y = spec.integer_if_said("y", -kFar, kFar);
  const auto z = spec.integer_if_said("z", -kFar, kFar);
  const auto spacing = spec.integer("spacing", 0, 0, kFar);
  return [=](Canvas& canvas, std::uint64_t) {
    const auto& grid = canvas.grid();
    canvas.clear();
    for (const auto cz : places(z, spacing, grid.depth)) {
      for (const auto cy : places(y, spacing, grid.height)) {
        for (const auto cx : places(x, spacing, grid.width)) canvas.ink(cx, cy, cz, 1);
      }
    }
  };
}

}  // namespace atheria
