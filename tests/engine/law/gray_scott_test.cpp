#include "engine/law/gray_scott.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <numbers>

#include "engine/base/error.h"
#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;
using testing::LawWorld;
using testing::report;
using testing::same_bits;

TEST(GrayScott, NothingButFoodStaysSoBitForBit) {
  const auto law = make_gray_scott();
  for (const auto path : {Path::fast, Path::reference})
    for (const GridSpec grid : {GridSpec{31, 17, 1}, GridSpec{8, 7, 6}}) {
      LawWorld world(*law, {.grid = grid, .init = "empty", .path = path});
      world.advance(50);
      EXPECT_TRUE(world.field().planes()[0].eq(1).all().item<bool>());
      EXPECT_TRUE(world.field().planes()[1].eq(0).all().item<bool>());
    }
}

TEST(GrayScott, FastPathGivesTheReferencesBits) {
  const auto law = make_gray_scott();
  for (const auto dtype : {Dtype::f32, Dtype::f64}) {
    LawWorld fast(*law, {.grid = {37, 21, 1}, .dtype = dtype});
    LawWorld slow(*law, {.grid = {37, 21, 1}, .dtype = dtype, .path = Path::reference});
    fast.advance(25);
    slow.advance(25);
    EXPECT_TRUE(same_bits(fast.field(), slow.field()));
  }
}

// The homogeneous state with v > 0 for rates F, k: F (1 - u) = u v^2 and u v = F + k.
struct Homogeneous {
  double feed, kill, u, v;
};

Homogeneous upper_state(double feed, double kill) {
  const double drain = feed + kill;
  const double v = (feed + std::sqrt(feed * feed - 4 * feed * drain * drain)) / (2 * drain);
  return {feed, kill, drain / v, v};
}

using Pair = std::array<double, 2>;

// One step of a small ripple cos(q x) of (u, v) around the state, from the linearised discrete
// equation.
Pair linear_step(const Homogeneous& s, double du, double dv, double laplacian, Pair a) {
  const double v2 = s.v * s.v;
  const double uv2 = 2 * s.u * s.v;
  return {a[0] + du * laplacian * a[0] - v2 * a[0] - uv2 * a[1] - s.feed * a[0],
          a[1] + dv * laplacian * a[1] + v2 * a[0] + uv2 * a[1] - (s.feed + s.kill) * a[1]};
}

// Amplitude of cos(2 pi mode x / width) in a plane.
double amplitude(const at::Tensor& plane, int mode) {
  const auto n = plane.size(-1);
  const auto wave =
      at::cos(at::arange(n, at::kDouble) * (2 * std::numbers::pi * mode / static_cast<double>(n)));
  return (plane.to(at::kDouble) * wave).mean().item<double>() * 2;
}

void put_ripple(Field& field, const Homogeneous& s, int mode, Pair a) {
  const auto n = field.grid().width;
  const auto wave = at::cos(at::arange(n, at::kDouble) * (2 * std::numbers::pi * mode / n));
  field.planes()[0].copy_(s.u + a[0] * wave.view({1, 1, n}));
  field.planes()[1].copy_(s.v + a[1] * wave.view({1, 1, n}));
}

TEST(GrayScott, ASmallRippleFollowsTheDiscreteDispersionRelation) {
  const auto law = make_gray_scott();
  const double du = 0.16;
  const double dv = 0.08;
  const auto state = upper_state(0.04, 0.0555);
  constexpr int kWidth = 64;
  constexpr int kSteps = 40;
  double worst = 0;
  for (const int mode : {0, 1, 4, 8, 20, 32}) {
    LawWorld world(*law, {.grid = {kWidth, 4, 1},
                          .dtype = Dtype::f64,
                          .init = "empty",
                          .params = {{"F", state.feed}, {"k", state.kill}}});
    Pair expected{1e-7, 0.5e-7};
    put_ripple(world.field(), state, mode, expected);
    const double laplacian = 2 * std::cos(2 * std::numbers::pi * mode / kWidth) - 2;
    for (int i = 0; i < kSteps; ++i) expected = linear_step(state, du, dv, laplacian, expected);
    world.advance(kSteps);
    // cos(0) and cos(pi x) have mean square 1, the others 1/2.
    const double scale = mode == 0 || mode == 32 ? 0.5 : 1;
    const double u = scale * amplitude(world.field().planes()[0] - state.u, mode);
    const double v = scale * amplitude(world.field().planes()[1] - state.v, mode);
    const double size = std::hypot(expected[0], expected[1]);
    worst = std::max(worst, std::hypot(u - expected[0], v - expected[1]) / size);
  }
  report("ripple_after_40_steps_relative_error", worst);
  EXPECT_LT(worst, 1e-4);
}

TEST(GrayScott, AnUnstableStateGrowsAtItsLinearRate) {
  const auto law = make_gray_scott();
  const auto state = upper_state(0.02, 0.05);  // v^2 < k: an oscillation that grows
  LawWorld world(*law, {.grid = {16, 16, 1},
                        .dtype = Dtype::f64,
                        .init = "empty",
                        .params = {{"F", state.feed}, {"k", state.kill}}});
  constexpr int kSteps = 300;
  Pair expected{1e-9, 1e-9};
  put_ripple(world.field(), state, 0, expected);
  for (int i = 0; i < kSteps; ++i) expected = linear_step(state, 0, 0, 0, expected);
  world.advance(kSteps);
  const Pair found{world.field().value(0, 3, 3) - state.u, world.field().value(1, 3, 3) - state.v};
  const double grown = std::hypot(found[0], found[1]) / std::hypot(1e-9, 1e-9);
  const double predicted = std::hypot(expected[0], expected[1]) / std::hypot(1e-9, 1e-9);
  report("growth_rate_per_step", std::log(grown) / kSteps);
  report("growth_rate_relative_error", std::abs(std::log(grown) / std::log(predicted) - 1));
  EXPECT_NEAR(std::log(grown) / std::log(predicted), 1, 1e-5);
  EXPECT_GT(grown, 5);
}

TEST(GrayScott, RefusesDiffusionThatTheTimeStepCannotFollow) {
  const auto law = make_gray_scott();
  const atheria::Setup flat{.grid = {16, 16, 1},
                            .params = Params(law->info().params, {{"Du", 0.3}})};
  const atheria::Setup deep{.grid = {8, 8, 8}, .params = Params(law->info().params, {{"Dv", 0.2}})};
  for (const auto& setup : {flat, deep})
    for (const auto path : {Path::fast, Path::reference}) try {
        plan(*law, setup, path);
        ADD_FAILURE() << "took an unstable diffusion";
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("unstable"));
        EXPECT_EQ(error.path(), setup.grid.is_3d() ? "params.Dv" : "params.Du");
      }
}

}  // namespace
}  // namespace atheria
