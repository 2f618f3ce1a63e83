#include "engine/law/ginzburg_landau.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "engine/base/error.h"
#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;
using testing::LawWorld;
using testing::report;
using testing::same_bits;

constexpr double kPi = std::numbers::pi;

struct PlaneWave {
  double amplitude, omega;
};

// The closed form, with the laplacian's own wave number.
PlaneWave closed_form(double q, double b, double c) {
  const double squared = 2 - 2 * std::cos(q);
  return {std::sqrt(1 - squared), b * squared + c * (1 - squared)};
}

// Complex amplitude of exp(i q x) in a field of one row.
std::complex<double> mode_of(const Field& field, double q) {
  const auto psi = field.planes().to(at::kDouble);
  const auto x = at::arange(field.grid().width, at::kDouble) * q;
  const auto cosine = at::cos(x), sine = at::sin(x);
  const double re = (psi[0] * cosine + psi[1] * sine).mean().item<double>();
  const double im = (psi[1] * cosine - psi[0] * sine).mean().item<double>();
  return {re, im};
}

TEST(GinzburgLandau, APlaneWaveHasTheClosedFormsAmplitudeAndFrequency) {
  const auto law = make_ginzburg_landau();
  const double q = 2 * kPi * 3 / 48, b = 0.7, c = -0.4, dt = 0.02;
  const auto wave = closed_form(q, b, c);
  LawWorld world(*law, {.grid = {48, 4, 1},
                        .dtype = Dtype::f64,
                        .init = "empty",
                        .params = {{"b", b}, {"c", c}, {"dt", dt}}});
  const auto x = (at::arange(48, at::kDouble) * q).view({1, 1, 48});
  world.field().planes()[0].copy_(0.9 * wave.amplitude *
                                  at::cos(x));  // it settles to the right one
  world.field().planes()[1].copy_(0.9 * wave.amplitude * at::sin(x));
  world.advance(2000);
  const auto before = mode_of(world.field(), q);
  world.advance(50);
  const auto after = mode_of(world.field(), q);
  const double omega = -std::arg(after / before) / (50 * dt);
  report("plane_wave_amplitude_error", std::abs(std::abs(after) / wave.amplitude - 1));
  report("plane_wave_frequency_error", std::abs(omega / wave.omega - 1));
  EXPECT_NEAR(std::abs(after), wave.amplitude, 1e-4);
  EXPECT_NEAR(omega, wave.omega, 1e-4);
}

double frequency_error(const Law& law, double dt) {
  LawWorld world(law, {.grid = {4, 4, 1},
                       .dtype = Dtype::f64,
                       .init = "empty",
                       .params = {{"b", 0.0}, {"c", 1.0}, {"dt", dt}}});
  world.field().planes()[0].fill_(1);
  world.advance(static_cast<std::uint32_t>(std::lround(10 / dt)));
  const auto before = mode_of(world.field(), 0);
  world.advance(static_cast<std::uint32_t>(std::lround(1 / dt)));
  return std::abs(-std::arg(mode_of(world.field(), 0) / before) - 1);
}

TEST(GinzburgLandau, IsOfSecondOrderInTime) {
  const auto law = make_ginzburg_landau();
  const double coarse = frequency_error(*law, 0.1);
  const double fine = frequency_error(*law, 0.05);
  report("frequency_error_dt_0.1", coarse);
  report("order_in_time", std::log2(coarse / fine));
  EXPECT_NEAR(std::log2(coarse / fine), 2, 0.2);
}

TEST(GinzburgLandau, FastPathGivesTheReferencesBits) {
  const auto law = make_ginzburg_landau();
  for (const auto dtype : {Dtype::f32, Dtype::f64})
    for (const GridSpec grid : {GridSpec{37, 21, 1}, GridSpec{9, 8, 7}}) {
      LawWorld fast(*law, {.grid = grid, .dtype = dtype});
      LawWorld slow(*law, {.grid = grid, .dtype = dtype, .path = Path::reference});
      fast.advance(25);
      slow.advance(25);
      EXPECT_TRUE(same_bits(fast.field(), slow.field()));
    }
}

TEST(GinzburgLandau, CountsTheDefectsOfAVortexPair) {
  const auto law = make_ginzburg_landau();
  LawWorld world(*law, {.grid = {64, 64, 1}, .dtype = Dtype::f64, .init = "empty"});
  const auto x = at::arange(64, at::kDouble).view({1, 1, 64}) * (2 * kPi / 64);
  const auto y = at::arange(64, at::kDouble).view({1, 64, 1}) * (2 * kPi / 64);
  // sin x + i sin y vanishes at four places, each with a winding of one.
  world.field().planes()[0].copy_(at::sin(x + 0.01).expand({1, 64, 64}));
  world.field().planes()[1].copy_(at::sin(y + 0.01).expand({1, 64, 64}));
  EXPECT_EQ(world.measure("defects"), 4);
}

TEST(GinzburgLandau, NoiseGrowsIntoSpiralsAndTheirDefectsComeInPairs) {
  const auto law = make_ginzburg_landau();
  LawWorld world(*law, {.init = law->info().init});
  world.advance(1500);
  EXPECT_GT(world.measure("intensity"), 0.5);
  EXPECT_EQ(std::fmod(world.measure("defects"), 2), 0);
}

TEST(GinzburgLandau, RefusesATimeStepThatIsUnstableAndSaysWhichWouldDo) {
  const auto law = make_ginzburg_landau();
  const atheria::Setup setup{.grid = {16, 16, 1},
                             .params = Params(law->info().params, {{"b", 4.0}, {"dt", 0.2}})};
  try {
    plan(*law, setup);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("would do"));
    EXPECT_EQ(error.path(), "params.dt");
  }
}

}  // namespace
}  // namespace atheria
