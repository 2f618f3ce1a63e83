// The neural automaton in three dimensions. What it shares with the flat one is in nca_test.cpp and
// nca_native_test.cpp.
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/base/error.h"
#include "engine/base/pool.h"
#include "engine/law/nca_reference.h"
#include "engine/law/nca_weights.h"
#include "tests/engine/law/law_world.h"
#include "tests/engine/law/nca_worlds.h"

namespace atheria {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::largest_difference;
using testing::LawWorld;
using testing::nca;
using testing::nca3;
using testing::same_bits;
using testing::some_weights;
using testing::WeightsFile;
using testing::WorldOptions;

const std::vector<GridSpec> kGrids{{1, 1, 1}, {2, 1, 3}, {5, 7, 1}, {17, 5, 9}, {66, 3, 4}};

WorldOptions options(const std::string& weights, const GridSpec& grid,
                     const std::string& compute = "f32") {
  return {.grid = grid,
          .init = "noise:lo=-0.3,hi=0.5",
          .params = {{"weights", weights}, {"compute", compute}}};
}

TEST(NcaDeep, EveryInstructionSetIsTheEquation) {
  const WeightsFile weights(some_weights(21, kNcaSeenDeep));
  for (const auto isa : isas_here())
    for (const auto& grid : kGrids)
      for (const auto dtype : {Dtype::f32, Dtype::f64}) {
        auto wanted = options(weights.path(), grid);
        wanted.tuning.isa = isa;
        wanted.dtype = dtype;
        LawWorld fast(nca3(), wanted);
        wanted.path = Path::reference;
        LawWorld slow(nca3(), wanted);
        fast.advance(3);
        slow.advance(3);
        EXPECT_LE(largest_difference(fast.field(), slow.field()),
                  dtype == Dtype::f32 ? 2e-5 : 1e-12)
            << to_string(isa) << to_string(grid);
      }
}

TEST(NcaDeep, SeesASlopeAlongEachAxis) {
  const auto psi = testing::drawn({16, 4, 5, 6}, 3, 1).to(at::kDouble);
  // The sums written out: +-1 along the axis, 1 2 1 along the others, over 32.
  for (int axis = 0; axis < 3; ++axis) {
    auto slope = at::zeros_like(psi);
    for (int dz = -1; dz <= 1; ++dz)
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx) {
          const int away[] = {dx, dy, dz};
          double weight = away[axis];
          for (int other = 0; other < 3; ++other)
            if (other != axis) weight *= 2 - std::abs(away[other]);
          slope += weight / 32 * psi.roll({-dz, -dy, -dx}, {1, 2, 3});
        }
    // A network that copies one channel's slope into that channel.
    Safetensors copies;
    copies.tensors["l1.weight"] = at::zeros({32, kNcaSeenDeep}, at::kDouble);
    copies.tensors["l1.bias"] = at::zeros({32}, at::kDouble);
    copies.tensors["l2.weight"] = at::zeros({16, 32}, at::kDouble);
    copies.tensors["l2.bias"] = at::zeros({16}, at::kDouble);
    for (int c = 0; c < 16; ++c)
      for (const int sign : {1, -1}) {
        const int row = 2 * c + (sign < 0 ? 1 : 0);
        copies.tensors["l1.weight"][row][(1 + axis) * 16 + c] = sign;
        copies.tensors["l2.weight"][c][row] = sign;
      }
    const WeightsFile weights(copies);
    LawWorld world(nca3(), {.grid = {6, 5, 4},
                            .dtype = Dtype::f64,
                            .init = "empty",
                            .params = {{"weights", weights.path()}, {"fire_rate", 1.0}}});
    auto living = psi.clone();
    living[3] = living[3].abs() + 3;  // all stay alive
    auto expected = living + slope;
    expected[3] = living[3];
    world.field().set_dense(living);
    world.advance(1);
    auto found = world.field().dense().clone();
    found[3] = living[3];  // its own slope is another
    EXPECT_LE((found - expected).abs().max().item<double>(), 1e-14) << axis;
  }
}

TEST(NcaDeep, BitsDoNotDependOnThreadsPortionsOrSparsity) {
  const WeightsFile weights(some_weights(70, kNcaSeenDeep));
  for (const auto* const compute : {"f32", "bf16"}) {
    auto wanted = options(weights.path(), {20, 11, 13}, compute);
    wanted.init = "blobs:count=3,radius=3";
    set_shared_pool_threads(1);
    LawWorld whole(nca3(), wanted);
    whole.advance(11);
    for (const int threads : {2, 5})
      for (const auto sparse : {Sparse::never, Sparse::always}) {
        set_shared_pool_threads(threads);
        wanted.tuning.sparse = sparse;
        LawWorld parts(nca3(), wanted);
        for (const std::uint32_t k : {1U, 4U, 0U, 6U}) parts.advance(k);
        EXPECT_TRUE(same_bits(whole.field(), parts.field())) << compute << threads;
      }
  }
  set_shared_pool_threads(0);
}

TEST(NcaDeep, BfloatStaysBesideItsReference) {
  const WeightsFile weights(some_weights(64, kNcaSeenDeep));
  auto wanted = options(weights.path(), {18, 9, 7}, "bf16");
  LawWorld fast(nca3(), wanted);
  wanted.path = Path::reference;
  LawWorld slow(nca3(), wanted);
  fast.advance(3);
  slow.advance(3);
  EXPECT_LE(largest_difference(fast.field(), slow.field()), 0.02);
}

TEST(NcaDeep, WeightsOfTheOtherDimensionAreRefusedInWords) {
  const auto fault = [](const Law& law, const std::string& weights) -> std::string {
    try {
      LawWorld(law, {.grid = {8, 8, 1}, .params = {{"weights", weights}}});
      return "nothing wrong";
    } catch (const Error& error) {
      EXPECT_EQ(error.path(), "params.weights");
      return error.what();
    }
  };
  EXPECT_THAT(fault(nca3(), "flower"), HasSubstr("have 48 inputs a cell; this law's have 64"));
  EXPECT_THAT(fault(nca(), "planet"), HasSubstr("have 64 inputs a cell; this law's have 48"));
  EXPECT_THAT(shipped_nca_weights(kNcaSeenDeep), Contains("planet"));
}

TEST(Planet, GrowsFromOneCellAndThenStaysWhatItIs) {
  LawWorld planet(nca3(), {.grid = {32, 32, 32}, .init = "cell"});
  EXPECT_EQ(planet.measure("alive"), 27);
  planet.advance(100);
  const double grown = planet.measure("alpha");
  testing::report("planet_alpha_at_100", grown);
  EXPECT_GT(grown, 350);
  EXPECT_LT(grown, 800);
  planet.advance(300);
  testing::report("planet_alpha_at_400", planet.measure("alpha"));
  EXPECT_NEAR(planet.measure("alpha") / grown, 1, 0.15);
  EXPECT_LT(planet.field().planes().abs().max().item<double>(), 10);
}

TEST(Planet, HealsWhenAPartIsCutAway) {
  LawWorld planet(nca3(), {.grid = {32, 32, 32}, .init = "cell"});
  planet.advance(150);
  const double grown = planet.measure("alpha");
  auto dense = planet.field().dense().clone();
  dense.slice(3, 18).zero_();
  planet.field().set_dense(dense);
  planet.touched();
  EXPECT_LT(planet.measure("alpha"), 0.8 * grown);
  planet.advance(200);
  testing::report("planet_alpha_healed", planet.measure("alpha") / grown);
  EXPECT_NEAR(planet.measure("alpha") / grown, 1, 0.15);
}

}  // namespace
}  // namespace atheria
