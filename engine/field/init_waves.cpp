// Starts in closed form: packet, wave.
#include <array>

#include "engine/field/exact_math.h"
#include "engine/field/init_kinds.h"

namespace atheria {
namespace {

// Wave numbers, in cycles over the grid's sides.
struct WaveNumber {
  double x, y, z;

  static WaveNumber of(const InitSpec& spec, double usual_x) {
    return {spec.number("kx", usual_x, -65536, 65536), spec.number("ky", 0, -65536, 65536),
            spec.number("kz", 0, -65536, 65536)};
  }

  double turns(const GridSpec& grid, double dx, double dy, double dz) const {
    return x * dx / grid.width + y * dy / grid.height + z * dz / grid.depth;
  }
};

// amplitude * e^(i phase): real and imaginary planes in turn, or between background and ink by its
// real part.
void put(Canvas& canvas, std::int64_t x, std::int64_t y, std::int64_t z, double amplitude,
         double turns) {
  const auto [cos, sin] = cos_sin_turns(turns);
  if (!canvas.complex()) return canvas.ink(x, y, z, amplitude * cos);
  for (int c = 0; c < canvas.channel_count(); ++c) {
    canvas.set(c, x, y, z, amplitude * (c % 2 == 0 ? cos : sin));
  }
}

// The way from one place to another on a torus, the shorter one.
double nearest(double from, double to, double side) {
  const double way = to - from;
  return way - side * std::floor(way / side + 0.5);
}

struct Packet {
  std::optional<double> x, y, z;  // the centre; none: the grid's
  double width;                   // standard deviation of |psi|^2, cells
  WaveNumber k;
  double amplitude;

  void row(Canvas& canvas, std::int64_t py, std::int64_t pz) const {
    const auto& grid = canvas.grid();
    const double dy = nearest(y.value_or(grid.height / 2), static_cast<double>(py), grid.height);
    const double dz = nearest(z.value_or(grid.depth / 2), static_cast<double>(pz), grid.depth);
    for (std::int64_t px = 0; px < grid.width; ++px) {
      const double dx = nearest(x.value_or(grid.width / 2), static_cast<double>(px), grid.width);
      const double square = dx * dx + dy * dy + dz * dz;
      const double size = amplitude * exp_below_zero(-square / (4 * width * width));
      put(canvas, px, py, pz, size, k.turns(grid, dx, dy, dz));
    }
  }
};

}  // namespace

Filler packet_init(const InitSpec& spec) {
  const Packet packet{spec.number_if_said("x", -65536, 65536),
                      spec.number_if_said("y", -65536, 65536),
                      spec.number_if_said("z", -65536, 65536),
                      spec.number("width", 16, 0.1, 65536),
                      WaveNumber::of(spec, 0),
                      spec.number("amplitude", 1, -1e6, 1e6)};
  return [packet](Canvas& canvas, std::uint64_t) {
    canvas.each_row([&](std::int64_t y, std::int64_t z) { packet.row(canvas, y, z); });
  };
}

Filler wave_init(const InitSpec& spec) {
  const auto k = WaveNumber::of(spec, 1);
  const double amplitude = spec.number("amplitude", 1, -1e6, 1e6);
  return [=](Canvas& canvas, std::uint64_t) {
    const auto& grid = canvas.grid();
    canvas.each_row([&](std::int64_t y, std::int64_t z) {
      for (std::int64_t x = 0; x < grid.width; ++x) {
        put(canvas, x, y, z, amplitude,
            k.turns(grid, static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)));
      }
    });
  };
}

}  // namespace atheria
