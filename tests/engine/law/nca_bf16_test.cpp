// The neural automaton with its network in bfloat16.
#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "engine/base/error.h"
#include "tests/engine/law/law_world.h"
#include "tests/engine/law/nca_worlds.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;
using testing::largest_difference;
using testing::LawWorld;
using testing::nca;
using testing::some_weights;
using testing::WeightsFile;
using testing::WorldOptions;

WorldOptions flower(const std::string& compute) {
  return {.grid = {64, 64}, .init = "cell", .params = {{"compute", compute}}};
}

TEST(NcaBf16, IsTheEquationWithItsNumbersRounded) {
  const WeightsFile weights(some_weights(70));
  for (const auto isa : isas_here()) {
    WorldOptions wanted{.grid = {33, 20},
                        .init = "noise:lo=-0.3,hi=0.6",
                        .params = {{"weights", weights.path()}, {"compute", "bf16"}}};
    wanted.tuning.isa = isa;
    LawWorld fast(nca(), wanted);
    wanted.path = Path::reference;
    LawWorld slow(nca(), wanted);
    wanted.params["compute"] = "f32";
    LawWorld exact(nca(), wanted);
    for (auto* const world : {&fast, &slow, &exact}) world->advance(1);
    // A hidden number just between two bfloat16 may go either way: by 2^-8 of it, times a weight.
    const double between = largest_difference(fast.field(), slow.field());
    const double rounding = largest_difference(fast.field(), exact.field());
    EXPECT_LE(between, 5e-4) << to_string(isa);
    EXPECT_GT(rounding, between) << to_string(isa);
    EXPECT_LE(rounding, 5e-3) << to_string(isa);
  }
}

TEST(NcaBf16, StaysWithinItsPublishedDriftOfFloat32) {
  LawWorld exact(nca(), flower("f32")), rounded(nca(), flower("bf16"));
  const auto drift_at = [&](std::uint32_t step) {
    exact.advance(step - static_cast<std::uint32_t>(exact.step()));
    rounded.advance(step - static_cast<std::uint32_t>(rounded.step()));
    const double drift = largest_difference(exact.field(), rounded.field());
    testing::report("flower_bf16_drift_at_" + std::to_string(step), drift);
    return drift;
  };
  EXPECT_LE(drift_at(1), 0.01);
  EXPECT_LE(drift_at(100), 0.1);
  EXPECT_LE(drift_at(1000), 0.1);
  testing::report("flower_bf16_picture_at_1000",
                  (exact.field().dense().slice(0, 0, 4) - rounded.field().dense().slice(0, 0, 4))
                      .abs()
                      .max()
                      .item<double>());
}

TEST(NcaBf16, TheFlowerGrowsAndHeals) {
  LawWorld world(nca(), flower("bf16"));
  world.advance(200);
  const double grown = world.measure("alpha");
  EXPECT_GT(grown, 150);
  EXPECT_LT(grown, 700);
  auto dense = world.field().dense().clone();
  dense.slice(3, 36).zero_();
  world.field().set_dense(dense);
  world.touched();
  EXPECT_LT(world.measure("alpha"), 0.85 * grown);
  world.advance(300);
  testing::report("flower_bf16_alpha_healed", world.measure("alpha") / grown);
  EXPECT_NEAR(world.measure("alpha") / grown, 1, 0.15);
}

TEST(NcaBf16, IsRefusedForFloat64ByName) {
  for (const auto path : {Path::fast, Path::reference}) {
    auto wanted = flower("bf16");
    wanted.dtype = Dtype::f64;
    wanted.path = path;
    try {
      LawWorld world(nca(), wanted);
      FAIL() << "took it";
    } catch (const Error& error) {
      EXPECT_EQ(error.path(), "params.compute");
      EXPECT_THAT(error.what(), HasSubstr("float64"));
    }
  }
}

}  // namespace
}  // namespace atheria
