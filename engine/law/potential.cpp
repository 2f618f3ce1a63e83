#include "engine/law/potential.h"

#include <ATen/ATen.h>

#include <numbers>

#include "engine/base/philox.h"
#include "engine/law/spectral.h"

namespace atheria {
namespace {

// Keeps these numbers apart from those a starting state draws with the same seed.
constexpr std::uint32_t kHillsDraw = 0x5EED;

at::Tensor lattice(const GridSpec& grid, double strength, double period) {
  const auto hills = [&](int axis) {
    return at::sin(position(grid, axis) * (std::numbers::pi / period)).square();
  };
  auto sum = hills(0) + hills(1);
  if (grid.is_3d()) sum = sum + hills(2);
  return strength * sum;
}

// The wall is a sixth of the slits' distance thick, at least two cells; a slit a quarter of it
// wide.
at::Tensor double_slit(const GridSpec& grid, double strength, double period) {
  const auto wall = position(grid, 0).abs().lt(std::max(period / 12, 1.0));
  const auto from_slit = (position(grid, 1).abs() - period / 2).abs();
  return strength * wall.logical_and(from_slit.gt(period / 8)).to(at::kDouble);
}

at::Tensor random_hills(const GridSpec& grid, double strength, double period, std::uint64_t seed) {
  auto noise = at::empty({grid.depth, grid.height, grid.width}, at::kDouble);
  auto* const cells = noise.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < grid.cells(); ++i)
    cells[i] =
        unit_float(random_block(seed, kInitStep, static_cast<std::uint64_t>(i), kHillsDraw)[0]) -
        0.5;
  const auto blur = at::exp(wave_number_squared(grid) * (-period * period / 8));
  const auto smooth = at::real(inverse(forward(noise, grid) * blur, grid)).clone();
  const auto hills = smooth - smooth.mean();
  const double size = hills.square().mean().sqrt().item<double>();
  return size > 0 ? hills * (strength / size) : hills;
}

}  // namespace

ParamSchema potential_schema(const std::string& chosen) {
  return {{.name = "potential",
           .title = "Potential",
           .kind = ParamKind::choice,
           .value = chosen,
           .about = "what the particles move in",
           .choices = {"none", "harmonic", "lattice", "double-slit", "random"}},
          {.name = "strength",
           .title = "Strength",
           .value = 0.5,
           .lo = -5,
           .hi = 20,
           .step = 0.05,
           .unit = "energy",
           .about = "height of the lattice, the wall or the hills"},
          {.name = "omega",
           .title = "Trap frequency",
           .value = 0.02,
           .lo = 0,
           .hi = 1,
           .step = 0.0005,
           .unit = "1/time",
           .about = "of the harmonic trap"},
          {.name = "period",
           .title = "Period",
           .value = 16.0,
           .lo = 2,
           .hi = 512,
           .step = 1,
           .unit = "length",
           .about = "of the lattice; the slits' distance; the size of random hills"}};
}

at::Tensor potential(const Setup& setup) {
  const auto& params = setup.params;
  const auto& grid = setup.grid;
  const auto& kind = params.text("potential");
  const double dx = params.number("dx");
  const double strength = params.number("strength");
  const double period = params.number("period") / dx;  // cells
  if (kind == "harmonic") {
    const double omega = params.number("omega") * dx;
    auto r2 = position(grid, 0).square() + position(grid, 1).square();
    if (grid.is_3d()) r2 = r2 + position(grid, 2).square();
    return 0.5 * params.number("mass") * omega * omega *
           r2.expand({grid.depth, grid.height, grid.width});
  }
  if (kind == "lattice") return lattice(grid, strength, period);
  if (kind == "double-slit")
    return double_slit(grid, strength, period).expand({grid.depth, grid.height, grid.width});
  if (kind == "random") return random_hills(grid, strength, period, setup.seed);
  return {};
}

}  // namespace atheria
