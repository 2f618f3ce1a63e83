#include "engine/law/schrodinger.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using testing::largest_difference;
using testing::LawWorld;
using testing::report;
using testing::same_bits;
using testing::WorldOptions;

constexpr double kPi = std::numbers::pi;

// x of each cell from the middle, [1, 1, width].
at::Tensor x_of(const GridSpec& grid) {
  return (at::arange(grid.width, at::kDouble) - grid.width / 2).view({1, 1, -1});
}
at::Tensor y_of(const GridSpec& grid) {
  return (at::arange(grid.height, at::kDouble) - grid.height / 2).view({1, -1, 1});
}

void put(Field& field, const at::Tensor& amplitude, const at::Tensor& phase) {
  const at::IntArrayRef shape = field.planes().sizes().slice(1);
  field.planes()[0].copy_((amplitude * at::cos(phase)).expand(shape));
  field.planes()[1].copy_((amplitude * at::sin(phase)).expand(shape));
}

// exp(-(x-x0)^2 / 4 s^2) has |psi|^2 of standard deviation s.
void put_packet(Field& field, double sigma, double x0, double k) {
  const auto x = x_of(field.grid());
  const auto y = y_of(field.grid());
  put(field, at::exp(((x - x0).square() + y.square()) / (-4 * sigma * sigma)), k * x + 0 * y);
}

at::Tensor density(const Field& field) { return field.planes().to(at::kDouble).square().sum(0); }

double mean_x(const Field& field) {
  const auto rho = density(field);
  return ((rho * x_of(field.grid())).sum() / rho.sum()).item<double>();
}

double sigma_x(const Field& field) {
  const auto rho = density(field);
  const auto x = x_of(field.grid());
  return std::sqrt(((rho * x.square()).sum() / rho.sum()).item<double>() -
                   std::pow(mean_x(field), 2));
}

WorldOptions free_space(GridSpec grid, Dtype dtype, double dt) {
  return {
      .grid = grid, .dtype = dtype, .init = "empty", .params = {{"potential", "none"}, {"dt", dt}}};
}

TEST(Schrodinger, APlaneWaveTurnsItsPhaseByTheClosedForm) {
  const auto law = make_schrodinger();
  for (const auto dtype : {Dtype::f32, Dtype::f64}) {
    const GridSpec grid{48, 40, 1};
    LawWorld world(*law, free_space(grid, dtype, 0.5));
    const double kx = 2 * kPi * 5 / 48, ky = -2 * kPi * 3 / 40;
    put(world.field(), at::ones({1, 1, 1}, at::kDouble), kx * x_of(grid) + ky * y_of(grid));
    const auto before = world.field().planes().to(at::kDouble).clone();
    world.advance(400);
    const auto after = world.field().planes().to(at::kDouble);
    const auto re = (before[0] * after[0] + before[1] * after[1]).mean().item<double>();
    const auto im = (before[0] * after[1] - before[1] * after[0]).mean().item<double>();
    const double expected = -(kx * kx + ky * ky) / 2 * 200;
    const double error = std::abs(std::remainder(std::atan2(im, re) - expected, 2 * kPi));
    report(dtype == Dtype::f32 ? "plane_wave_phase_error_f32" : "plane_wave_phase_error_f64",
           error);
    EXPECT_LT(error, dtype == Dtype::f32 ? 2e-4 : 1e-11);
  }
}

TEST(Schrodinger, AFreePacketMovesAndSpreadsByTheClosedForm) {
  const auto law = make_schrodinger();
  for (const auto dtype : {Dtype::f32, Dtype::f64}) {
    const GridSpec grid{256, 128, 1};
    LawWorld world(*law, free_space(grid, dtype, 0.5));
    const double sigma = 8, k = 0.5;
    put_packet(world.field(), sigma, -40, k);
    double worst_width = 0, worst_place = 0;
    for (int leg = 1; leg <= 5; ++leg) {
      world.advance(40);
      const double t = 20.0 * leg;
      const double expected = sigma * std::hypot(1, t / (2 * sigma * sigma));
      worst_width = std::max(worst_width, std::abs(sigma_x(world.field()) / expected - 1));
      worst_place = std::max(worst_place, std::abs(mean_x(world.field()) - (-40 + k * t)));
    }
    report(dtype == Dtype::f32 ? "packet_width_error_f32" : "packet_width_error_f64", worst_width);
    report(dtype == Dtype::f32 ? "packet_centre_error_cells_f32" : "packet_centre_error_cells_f64",
           worst_place);
    EXPECT_LT(worst_width, dtype == Dtype::f32 ? 1e-5 : 1e-6);
    EXPECT_LT(worst_place, dtype == Dtype::f32 ? 1e-3 : 1e-5);
  }
}

TEST(Schrodinger, APacketInABowlSwingsWithItsFrequency) {
  const auto law = make_schrodinger();
  const double omega = 0.02, dt = 0.5;
  LawWorld world(*law, {.grid = {128, 64, 1},
                        .dtype = Dtype::f64,
                        .init = "empty",
                        .params = {{"potential", "harmonic"}, {"omega", omega}, {"dt", dt}}});
  put_packet(world.field(), std::sqrt(1 / (2 * omega)), 20, 0);
  const double energy = world.measure("energy") / world.measure("norm");
  EXPECT_NEAR(energy, omega + omega * omega * 400 / 2,
              1e-6);  // ground state in x and y, plus the swing
  const auto half = static_cast<std::uint32_t>(std::lround(kPi / omega / dt));
  world.advance(half);
  report("bowl_half_period_place_error_cells", std::abs(mean_x(world.field()) + 20));
  EXPECT_NEAR(mean_x(world.field()), -20, 2e-3);
  EXPECT_NEAR(world.measure("width"), std::sqrt(1 / omega), 1e-3);
  EXPECT_NEAR(world.measure("energy") / world.measure("norm"), energy, 1e-6);
}

TEST(Schrodinger, KeepsItsNormForTenThousandSteps) {
  const auto law = make_schrodinger();
  for (const auto dtype : {Dtype::f32, Dtype::f64}) {
    LawWorld world(*law, {.dtype = dtype, .init = "packet:width=8,kx=6"});
    const double before = world.measure("norm");
    world.advance(10000);
    const double drift = world.measure("norm") / before - 1;
    report(dtype == Dtype::f32 ? "norm_drift_10000_steps_f32" : "norm_drift_10000_steps_f64",
           drift);
    EXPECT_LT(std::abs(drift), dtype == Dtype::f32 ? 3e-3 : 1e-11);
  }
}

TEST(Schrodinger, EveryPotentialKeepsTheNormInTwoAndThreeDimensions) {
  const auto law = make_schrodinger();
  for (const auto* kind : {"none", "harmonic", "lattice", "double-slit", "random"})
    for (const GridSpec grid : {GridSpec{32, 24, 1}, GridSpec{12, 10, 8}}) {
      LawWorld world(*law, {.grid = grid, .dtype = Dtype::f64, .params = {{"potential", kind}}});
      const double before = world.measure("norm");
      world.advance(100);
      EXPECT_NEAR(world.measure("norm") / before, 1, 1e-12) << kind;
    }
}

TEST(Schrodinger, TheWallOfTwoSlitsHasTwoSlits) {
  const auto law = make_schrodinger();
  LawWorld world(*law,
                 {.grid = {64, 64, 1},
                  .dtype = Dtype::f64,
                  .init = "empty",
                  .params = {{"potential", "double-slit"}, {"strength", 20.0}, {"period", 16.0}}});
  put_packet(world.field(), 8, -16, 0.8);
  world.advance(50);
  const auto rho = density(world.field());
  const double behind = (rho.slice(-1, 36, 60).sum() / rho.sum()).item<double>();
  report("share_through_two_slits", behind);
  EXPECT_GT(behind, 0.02);
  EXPECT_LT(behind, 0.6);
}

TEST(Schrodinger, TheSeedMakesTheRandomHills) {
  const auto law = make_schrodinger();
  const auto run = [&](std::uint64_t seed) {
    LawWorld world(*law,
                   {.grid = {32, 32, 1}, .init = "empty", .params = {{"potential", "random"}}});
    auto setup = world.setup();
    setup.seed = seed;
    put_packet(world.field(), 4, 0, 0);
    StepContext context;
    plan(*law, setup)->advance(world.field(), 0, 10, context);
    return world.field().clone();
  };
  EXPECT_TRUE(same_bits(run(1), run(1)));
  EXPECT_GT(largest_difference(run(1), run(2)), 1e-3);
}

TEST(GrossPitaevskii, AUniformCloudTurnsItsPhaseByItsChemicalPotential) {
  const auto law = make_gross_pitaevskii();
  auto options = free_space({16, 16, 1}, Dtype::f64, 0.1);
  options.params["g"] = 0.8;
  LawWorld world(*law, options);
  world.field().planes()[0].fill_(1.5);
  world.advance(200);
  const double phase = std::atan2(world.field().value(1, 3, 3), world.field().value(0, 3, 3));
  EXPECT_NEAR(std::remainder(phase + 0.8 * 2.25 * 20, 2 * kPi), 0, 1e-10);
}

TEST(GrossPitaevskii, SoundHasBogoliubovsFrequency) {
  const auto law = make_gross_pitaevskii();
  auto options = free_space({64, 4, 1}, Dtype::f64, 0.1);
  options.params["g"] = 0.5;
  LawWorld world(*law, options);
  const double k = 2 * kPi * 2 / 64;
  const double omega = std::sqrt(k * k / 2 * (k * k / 2 + 2 * 0.5));
  put(world.field(), 1 + 1e-5 * at::cos(k * x_of({64, 4, 1})), at::zeros({1, 1, 64}, at::kDouble));
  const auto quarter =
      kPi / 2 / omega;  // the ripple of the density is gone, then comes back turned round
  world.advance(static_cast<std::uint32_t>(std::lround(2 * quarter / 0.1)));
  const auto ripple = density(world.field()) - 1;
  const double amplitude = 2 * (ripple * at::cos(k * x_of({64, 4, 1}))).mean().item<double>();
  report("bogoliubov_half_period_error", std::abs(amplitude / -2e-5 - 1));
  EXPECT_NEAR(amplitude / -2e-5, 1, 2e-3);
}

// Energy off its first value at most, over 60 units of time.
double energy_swing(const Law& law, double dt) {
  LawWorld world(law,
                 {.dtype = Dtype::f64,
                  .init = "empty",
                  .params = {{"g", 0.5}, {"potential", "harmonic"}, {"omega", 0.1}, {"dt", dt}}});
  put_packet(world.field(), 4, 5, 0.3);
  const double before = world.measure("energy");
  double worst = 0;
  for (int leg = 0; leg < 20; ++leg) {
    world.advance(static_cast<std::uint32_t>(std::lround(3 / dt)));
    worst = std::max(worst, std::abs(world.measure("energy") / before - 1));
  }
  return worst;
}

TEST(GrossPitaevskii, EnergySwingsByTheSquareOfTheTimeStep) {
  const auto law = make_gross_pitaevskii();
  const double coarse = energy_swing(*law, 0.2), fine = energy_swing(*law, 0.1);
  report("energy_swing_dt_0.2", coarse);
  report("energy_swing_dt_0.1", fine);
  report("order_in_time", std::log2(coarse / fine));
  EXPECT_LT(coarse, 1e-3);
  EXPECT_NEAR(std::log2(coarse / fine), 2, 0.2);
}

TEST(GrossPitaevskii, NormAndEnergyOfATrappedCloudStayWhatTheyWere) {
  const auto law = make_gross_pitaevskii();
  for (const auto dtype : {Dtype::f32, Dtype::f64}) {
    const bool single = dtype == Dtype::f32;
    LawWorld world(*law, {.dtype = dtype,
                          .init = "packet:width=12",
                          .params = {{"g", 0.1}, {"omega", 0.03}, {"dt", 0.2}}});
    const double norm = world.measure("norm"), energy = world.measure("energy");
    world.advance(5000);
    const double norm_drift = world.measure("norm") / norm - 1;
    const double energy_drift = world.measure("energy") / energy - 1;
    report(single ? "norm_drift_5000_steps_f32" : "norm_drift_5000_steps_f64", norm_drift);
    report(single ? "energy_drift_5000_steps_f32" : "energy_drift_5000_steps_f64", energy_drift);
    EXPECT_LT(std::abs(norm_drift), single ? 1.5e-3 : 1e-11);
    EXPECT_LT(std::abs(energy_drift), single ? 3e-3 : 1e-4);
  }
}

}  // namespace
}  // namespace atheria
