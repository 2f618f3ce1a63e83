#include "engine/law/lenia.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "engine/base/error.h"
#include "engine/field/seed_patterns.h"
#include "engine/law/lenia_kernel.h"
#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;
using testing::LawWorld;
using testing::report;

// Centre of mass on the torus, in cells: x or y (axis -1 or -2).
double centre(const at::Tensor& plane, int axis) {
  const auto n = plane.size(axis);
  const auto profile = plane.to(at::kDouble).sum(axis == -1 ? -2 : -1).view(-1);
  const auto angle = at::arange(n, at::kDouble) * (2 * std::numbers::pi / static_cast<double>(n));
  return std::atan2((profile * at::sin(angle)).sum().item<double>(),
                    (profile * at::cos(angle)).sum().item<double>()) *
         static_cast<double>(n) / (2 * std::numbers::pi);
}

double short_way(double from, double to, double n) { return std::remainder(to - from, n); }

struct Journey {
  double path = 0;                        // cells the centre went, in legs of 10 steps
  double lightest = 1e300, heaviest = 0;  // mass on the way
};

Journey travel(LawWorld& world, int steps) {
  Journey journey;
  const double n = world.field().grid().width;
  auto plane = world.field().planes()[0][0];
  double x = centre(plane, -1), y = centre(plane, -2);
  for (int done = 0; done < steps; done += 10) {
    world.advance(10);
    const double next_x = centre(plane, -1), next_y = centre(plane, -2);
    journey.path += std::hypot(short_way(x, next_x, n), short_way(y, next_y, n));
    x = next_x;
    y = next_y;
    journey.lightest = std::min(journey.lightest, world.measure("mass"));
    journey.heaviest = std::max(journey.heaviest, world.measure("mass"));
  }
  return journey;
}

TEST(Lenia, OrbiumSwimsOnAndKeepsItsMass) {
  const auto law = make_lenia();
  for (const auto dtype : {Dtype::f32, Dtype::f64}) {
    LawWorld world(*law, {.dtype = dtype, .init = "pattern:orbium"});
    world.advance(100);  // it settles
    const auto journey = travel(world, 500);
    report("orbium_cells_per_step", journey.path / 500);
    report("orbium_mass_lightest", journey.lightest);
    report("orbium_mass_heaviest", journey.heaviest);
    EXPECT_NEAR(journey.path / 500, 0.624, 0.03);
    EXPECT_GT(journey.lightest, 72);
    EXPECT_LT(journey.heaviest, 75.5);
  }
}

TEST(Lenia, HydrogeminiumSwimsWithThreeRings) {
  const auto law = make_lenia();
  LawWorld world(*law,
                 {.grid = {128, 128, 1},
                  .init = "pattern:hydrogeminium",
                  .params = {{"R", 18.0}, {"mu", 0.26}, {"sigma", 0.036}, {"beta", "1/2,1,2/3"}}});
  world.advance(50);
  const auto journey = travel(world, 200);
  report("hydrogeminium_cells_per_step", journey.path / 200);
  EXPECT_GT(journey.path, 40);
  EXPECT_GT(journey.lightest, 650);
  EXPECT_LT(journey.heaviest, 780);
}

TEST(Lenia, ThreeChannelsLiveOn) {
  const auto law = make_lenia3();
  LawWorld world(*law, {.grid = {96, 96, 1}, .init = "pattern:aquarium"});
  world.advance(300);
  for (int channel = 0; channel < 3; ++channel)
    EXPECT_GT(world.field().planes()[channel].sum().item<double>(), 50) << channel;
}

// The sum written out, cell by cell: what the transform stands for.
double direct_sum(const at::Tensor& a, std::int64_t x, std::int64_t y, int radius) {
  const auto cells = a.accessor<double, 2>();
  double sum = 0, weight = 0;
  for (int dy = -radius; dy <= radius; ++dy)
    for (int dx = -radius; dx <= radius; ++dx) {
      const double r = std::hypot(dx, dy) / radius;
      if (r >= 1) continue;
      const double k = std::pow(4 * r * (1 - r), 4);
      weight += k;
      sum += k * cells[(y + dy + 2 * a.size(0)) % a.size(0)][(x + dx + 2 * a.size(1)) % a.size(1)];
    }
  return sum / weight;
}

TEST(Lenia, ConvolvesAsTheSumWrittenOut) {
  const auto law = make_lenia();
  constexpr int kRadius = 5;
  const double mu = 0.3, sigma = 0.1, dt = 0.1;
  LawWorld world(*law,
                 {.grid = {15, 13, 1},
                  .dtype = Dtype::f64,
                  .params = {{"R", double{kRadius}}, {"mu", mu}, {"sigma", sigma}, {"dt", dt}}});
  const auto before = world.field().planes()[0][0].clone();
  world.advance(1);
  double worst = 0;
  for (int y = 0; y < 13; ++y)
    for (int x = 0; x < 15; ++x) {
      const double off = direct_sum(before, x, y, kRadius) - mu;
      const double grow = 2 * std::pow(std::max(0.0, 1 - off * off / (9 * sigma * sigma)), 4) - 1;
      const double expected = std::clamp(before[y][x].item<double>() + dt * grow, 0.0, 1.0);
      worst = std::max(worst, std::abs(expected - world.field().value(0, x, y)));
    }
  EXPECT_LT(worst, 1e-13);
}

TEST(Lenia, AKernelLargerThanTheTorusStillSumsToOne) {
  for (const GridSpec grid : {GridSpec{3, 5, 1}, GridSpec{64, 64, 1}, GridSpec{7, 6, 5}})
    EXPECT_NEAR(at::real(kernel_transform(grid, 13, {0.5, 1}, KernelCore::exponential))
                    .flatten()[0]
                    .item<double>(),
                1, 1e-12);
}

TEST(Lenia, ReadsRingsAsFractions) {
  EXPECT_THAT(parse_beta("1/2, 1,0.25", "beta"), ::testing::ElementsAre(0.5, 1, 0.25));
  for (const auto* wrong : {"", "0", "2", "-1", "1,x", "1/0", "1,1,1,1,1,1,1,1,1"}) try {
      parse_beta(wrong, "beta");
      ADD_FAILURE() << "took '" << wrong << "'";
    } catch (const Error& error) {
      EXPECT_EQ(error.path(), "params.beta");
    }
}

TEST(Lenia, ReadsAListOfKernels) {
  const auto kernels = parse_kernels("0>1 r=0.5 b=1,1/4 m=0.2 s=0.03 h=0.3; 2>2", 3);
  ASSERT_EQ(kernels.size(), 2U);
  EXPECT_EQ(kernels[0].to, 1);
  EXPECT_EQ(kernels[0].beta[1], 0.25);
  EXPECT_EQ(kernels[0].weight, 0.3);
  EXPECT_EQ(kernels[1].from, 2);
  for (const auto* wrong : {"", "0>3", "0-1", "0>1 r=2", "0>1 q=1", "0>1 m", "0>1 m=", "0>1;;0>1"})
    try {
      parse_kernels(wrong, 3);
      ADD_FAILURE() << "took '" << wrong << "'";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("kernels"));
      EXPECT_EQ(error.path(), "params.kernels");
    }
}

TEST(Lenia, FaultyTextIsRefusedBeforeTheWorldStarts) {
  const auto law = make_lenia();
  const atheria::Setup setup{.grid = {16, 16, 1},
                             .params = Params(law->info().params, {{"beta", "nonsense"}})};
  EXPECT_THROW(plan(*law, setup), Error);
}

TEST(SeedPatterns, HoldTheCreaturesAsPublished) {
  const auto* orbium = find_seed_pattern("orbium");
  ASSERT_NE(orbium, nullptr);
  EXPECT_EQ(orbium->width, 20);
  EXPECT_EQ(orbium->height, 20);
  EXPECT_FLOAT_EQ(orbium->values[7], 13.0F / 255);       // "M"
  EXPECT_FLOAT_EQ(orbium->values[20 + 6], 35.0F / 255);  // "pK"
  EXPECT_FLOAT_EQ(*std::max_element(orbium->values.begin(), orbium->values.end()), 1);
  EXPECT_EQ(find_seed_pattern("hydrogeminium")->width, 55);
  EXPECT_EQ(find_seed_pattern("no such pattern"), nullptr);
  EXPECT_THAT(seed_pattern_names(), ::testing::Contains("vortex"));
}

}  // namespace
}  // namespace atheria
