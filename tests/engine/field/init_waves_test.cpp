#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "engine/field/init.h"

namespace atheria {
namespace {

const std::vector<Channel> kPsi = {{.name = "re", .lo = -1}, {.name = "im", .lo = -1, .ink = 0}};

Field complex_field(const GridSpec& grid, const std::string& spec, Dtype dtype = Dtype::f64) {
  Field field(grid, 2, dtype);
  fill(field, kPsi, true, spec, 0);
  return field;
}

TEST(InitWaves, APacketHasTheWidthItSays) {
  const auto planes = complex_field({256, 256}, "packet:width=12,kx=14").planes();
  const auto density = planes[0].square() + planes[1].square();
  EXPECT_EQ(density.max().item<double>(), 1) << "|psi| is 1 at the centre";
  const auto x = at::arange(256, at::kDouble) - 128;
  const auto along = density.sum({0, 1});
  const double mass = along.sum().item<double>();
  EXPECT_NEAR((along * x).sum().item<double>() / mass, 0, 1e-9);
  EXPECT_NEAR(std::sqrt((along * x * x).sum().item<double>() / mass), 12, 1e-6);
}

TEST(InitWaves, APacketsPhaseTurnsAsItsWaveNumberSays) {
  const auto field = complex_field({256, 128}, "packet:x=30,y=40,width=20,kx=8,ky=-4");
  const double here = std::atan2(field.value(1, 30, 40), field.value(0, 30, 40));
  const double right = std::atan2(field.value(1, 31, 40), field.value(0, 31, 40));
  const double below = std::atan2(field.value(1, 30, 41), field.value(0, 30, 41));
  EXPECT_EQ(here, 0);
  EXPECT_NEAR(right, 2 * std::numbers::pi * 8 / 256, 1e-12);
  EXPECT_NEAR(below, -2 * std::numbers::pi * 4 / 128, 1e-12);
}

TEST(InitWaves, APacketAtTheEdgeGoesAround) {
  const auto middle = complex_field({64, 64}, "packet:width=5").planes();
  const auto corner = complex_field({64, 64}, "packet:x=0,y=0,width=5").planes();
  EXPECT_TRUE(at::equal(middle.roll({32, 32}, {2, 3}), corner));
}

TEST(InitWaves, APlaneWaveIsOneFrequency) {
  const auto planes = complex_field({64, 32}, "wave:kx=3,ky=2,amplitude=0.5").planes();
  const auto spectrum = at::fft_fft2(at::complex(planes[0], planes[1])[0]).abs() / (64 * 32);
  EXPECT_NEAR(spectrum[2][3].item<double>(), 0.5, 1e-14);
  EXPECT_NEAR(spectrum.sum().item<double>(), 0.5, 1e-11);
}

TEST(InitWaves, WorkInThreeDimensions) {
  const auto field = complex_field({16, 16, 16}, "wave:kx=0,kz=1");
  EXPECT_NEAR(field.value(0, 3, 4, 4), 0, 1e-15);
  EXPECT_NEAR(field.value(1, 3, 4, 4), 1, 1e-15);
  EXPECT_EQ(complex_field({16, 16, 16}, "packet:width=2").value(0, 8, 8, 8), 1);
}

TEST(InitWaves, RealFieldsTakeInk) {
  Field field({64, 64}, 1, Dtype::f32);
  fill(field, {{.name = "u", .background = 1, .ink = 3}}, false, "packet:width=4", 0);
  EXPECT_EQ(field.value(0, 32, 32), 3);
  EXPECT_EQ(field.value(0, 0, 0), 1);
}

}  // namespace
}  // namespace atheria
