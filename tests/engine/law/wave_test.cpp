#include "engine/law/wave.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using testing::LawWorld;
using testing::report;
using testing::same_bits;

constexpr double kPi = std::numbers::pi;

// cos(kx x + ky y) on the grid.
at::Tensor ripple(const GridSpec& grid, int nx, int ny) {
  const auto x = at::arange(grid.width, at::kDouble).view({1, 1, -1}) * (2 * kPi * nx / grid.width);
  const auto y =
      at::arange(grid.height, at::kDouble).view({1, -1, 1}) * (2 * kPi * ny / grid.height);
  return at::cos(x + y);
}

TEST(Wave, AStandingWaveSwingsAtTheDiscreteFrequency) {
  const auto law = make_wave();
  const GridSpec grid{32, 24, 1};
  const double dt = 0.5;
  double worst = 0;
  for (const auto& [nx, ny] : {std::pair{1, 0}, {3, 2}, {8, 12}, {16, 12}}) {
    LawWorld world(*law,
                   {.grid = grid, .dtype = Dtype::f64, .init = "empty", .params = {{"dt", dt}}});
    const double sx = std::sin(kPi * nx / grid.width);
    const double sy = std::sin(kPi * ny / grid.height);
    const double omega = 2 / dt * std::asin(dt * std::hypot(sx, sy));
    const auto shape = ripple(grid, nx, ny);
    world.field().planes()[0].copy_(shape);
    // The speed half a step before, so that u(n) = cos(omega n dt).
    world.field().planes()[1].copy_(shape * ((1 - std::cos(omega * dt)) / dt));
    world.advance(500);
    const auto expected = shape * std::cos(omega * 500 * dt);
    worst = std::max(worst, (world.field().planes()[0] - expected).abs().max().item<double>());
  }
  report("standing_wave_error_after_500_steps", worst);
  EXPECT_LT(worst, 1e-10);
}

TEST(Wave, KeepsItsEnergy) {
  const auto law = make_wave();
  for (const auto dtype : {Dtype::f32, Dtype::f64}) {
    LawWorld world(*law, {.dtype = dtype});
    const double before = world.measure("energy");
    world.advance(5000);
    const double drift = std::abs(world.measure("energy") / before - 1);
    report(dtype == Dtype::f32 ? "energy_drift_5000_steps_f32" : "energy_drift_5000_steps_f64",
           drift);
    EXPECT_LT(drift, dtype == Dtype::f32 ? 1e-4 : 1e-12);
  }
}

TEST(Wave, DampingTakesTheEnergyAwayAtItsRate) {
  const auto law = make_wave();
  const GridSpec grid{64, 4, 1};
  LawWorld world(
      *law, {.grid = grid, .dtype = Dtype::f64, .init = "empty", .params = {{"damping", 0.02}}});
  world.field().planes()[0].copy_(ripple(grid, 8, 0));
  const double before = world.measure("energy");
  world.advance(400);  // 200 units of time
  // Amplitude falls as exp(-damping t / 2); the energy swings by a few per cent around that.
  EXPECT_NEAR(std::log(world.measure("energy") / before), -0.02 * 200, 0.05);
}

TEST(Wave, FastPathGivesTheReferencesBits) {
  const auto law = make_wave();
  for (const GridSpec grid : {GridSpec{37, 21, 1}, GridSpec{9, 8, 7}}) {
    LawWorld fast(*law, {.grid = grid, .params = {{"damping", 0.1}}});
    LawWorld slow(*law, {.grid = grid, .params = {{"damping", 0.1}}, .path = Path::reference});
    fast.advance(25);
    slow.advance(25);
    EXPECT_TRUE(same_bits(fast.field(), slow.field()));
  }
}

TEST(Wave, EveryParameterInRangeIsStable) {
  const auto law = make_wave();
  LawWorld world(*law, {.grid = {8, 8, 8}, .params = {{"c", 1.0}, {"dt", 0.55}}});
  world.advance(2000);
  EXPECT_LT(world.field().planes()[0].abs().max().item<double>(), 50);
}

}  // namespace
}  // namespace atheria
