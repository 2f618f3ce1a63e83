// How the fast path of the neural automaton goes about it: instruction sets, bands, what it leaves
// out. That it is the equation is in nca_test.cpp.
#include "engine/law/nca_native.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/base/pool.h"
#include "engine/law/nca_reference.h"
#include "tests/engine/law/law_world.h"
#include "tests/engine/law/nca_worlds.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;
using testing::largest_difference;
using testing::LawWorld;
using testing::nca;
using testing::same_bits;
using testing::some_weights;
using testing::WeightsFile;
using testing::WorldOptions;

// Widths around a vector, a word of bits and a cache's favourite stride.
const std::vector<GridSpec> kGrids{{1, 1},   {3, 2},    {1, 40}, {17, 3},
                                   {64, 21}, {180, 13}, {65, 9}, {128, 5}};

constexpr double kPortableTolerance = 1e-5;  // of a few steps of some_weights()

WorldOptions options(const std::string& weights, const GridSpec& grid,
                     const std::string& compute = "f32") {
  return {.grid = grid,
          .init = "noise:lo=-0.3,hi=0.6",
          .params = {{"weights", weights}, {"compute", compute}}};
}

WorldOptions on(WorldOptions options, Isa isa) {
  options.tuning.isa = isa;
  return options;
}

WorldOptions with(WorldOptions options, Sparse sparse) {
  options.tuning.sparse = sparse;
  return options;
}

TEST(NcaNative, EveryInstructionSetIsTheEquation) {
  const WeightsFile weights(some_weights(70));
  for (const auto isa : isas_here())
    for (const auto& grid : kGrids)
      for (const auto dtype : {Dtype::f32, Dtype::f64}) {
        auto wanted = on(options(weights.path(), grid), isa);
        wanted.dtype = dtype;
        LawWorld fast(nca(), wanted);
        wanted.path = Path::reference;
        LawWorld slow(nca(), wanted);
        fast.advance(3);
        slow.advance(3);
        EXPECT_LE(largest_difference(fast.field(), slow.field()),
                  dtype == Dtype::f32 ? kPortableTolerance : 1e-12)
            << to_string(isa) << to_string(grid);
      }
}

TEST(NcaNative, Avx2AndAvx512GiveTheSameBits) {
  const auto sets = isas_here();
  if (sets.size() < 3) GTEST_SKIP() << "this machine has only one of them";
  const WeightsFile weights(some_weights(70));
  for (const auto& grid : kGrids)
    for (const auto* const compute : {"f32", "bf16", "f64"}) {
      auto wanted = options(weights.path(), grid, compute == std::string("bf16") ? "bf16" : "f32");
      if (compute == std::string("f64")) wanted.dtype = Dtype::f64;
      LawWorld narrow(nca(), on(wanted, Isa::avx2)), wide(nca(), on(wanted, Isa::avx512));
      narrow.advance(7);
      wide.advance(7);
      EXPECT_TRUE(same_bits(narrow.field(), wide.field())) << to_string(grid) << compute;
    }
}

TEST(NcaNative, ThePortableLoopsDifferByRoundingOnly) {
  const WeightsFile weights(some_weights(70));
  double largest = 0;
  for (const auto& grid : kGrids) {
    LawWorld portable(nca(), on(options(weights.path(), grid), Isa::portable));
    LawWorld best(nca(), options(weights.path(), grid));
    portable.advance(5);
    best.advance(5);
    largest = std::max(largest, largest_difference(portable.field(), best.field()));
  }
  testing::report("portable_against_best", largest);
  EXPECT_LE(largest, kPortableTolerance);
}

TEST(NcaNative, BitsDoNotDependOnThreadsOrPortions) {
  const WeightsFile weights(some_weights(70));
  for (const auto& grid : kGrids)
    for (const auto* const compute : {"f32", "bf16"}) {
      set_shared_pool_threads(1);
      LawWorld whole(nca(), options(weights.path(), grid, compute));
      whole.advance(11);
      for (const int threads : {2, 5}) {
        set_shared_pool_threads(threads);
        LawWorld parts(nca(), options(weights.path(), grid, compute));
        for (const std::uint32_t k : {1U, 4U, 0U, 6U}) parts.advance(k);
        EXPECT_TRUE(same_bits(whole.field(), parts.field()))
            << to_string(grid) << compute << threads;
      }
    }
  set_shared_pool_threads(0);
}

TEST(NcaNative, TheNumberOfThreadsMayChangeBetweenTwoCalls) {
  const WeightsFile weights;
  set_shared_pool_threads(1);
  LawWorld still(nca(), options(weights.path(), {40, 60}));
  LawWorld changing(nca(), options(weights.path(), {40, 60}));
  still.advance(9);
  for (const int threads : {1, 3, 2}) {
    set_shared_pool_threads(threads);
    changing.advance(3);
  }
  set_shared_pool_threads(0);
  EXPECT_TRUE(same_bits(still.field(), changing.field()));
}

TEST(NcaNative, SeesWhatSomebodyElseWrote) {
  const WeightsFile weights;
  LawWorld edited(nca(), options(weights.path(), {40, 30}));
  edited.advance(3);
  auto drawing = testing::drawn({16, 1, 30, 40}, 9, 0.5);
  edited.field().set_dense(drawing);
  edited.touched();
  edited.advance(4);

  auto wanted = options(weights.path(), {40, 30});
  wanted.init = "empty";
  LawWorld fresh(nca(), wanted);
  fresh.advance(3);
  fresh.field().set_dense(drawing);
  fresh.touched();
  fresh.advance(4);
  EXPECT_TRUE(same_bits(edited.field(), fresh.field()));
}

TEST(NcaNative, ComputesOnlyWhatFiresNearLife) {
  WorldOptions wanted{.grid = {300, 200}, .init = "cell"};
  LawWorld seed(nca(), wanted);
  seed.advance(1);
  EXPECT_THAT(seed.how(), HasSubstr("of 60000 cells"));
  const auto computed = [](const LawWorld& world) {
    const auto text = world.how();
    return std::stoi(text.substr(text.find(", ") + 2));
  };
  EXPECT_LE(computed(seed), 49);  // the cell is seen two cells away
  wanted.params["fire_rate"] = 0.0;
  LawWorld still(nca(), wanted);
  still.advance(1);
  EXPECT_EQ(computed(still), 0);
}

// A hole, a stroke and a new seed, in turn.
void edit(LawWorld& world, int turn) {
  auto dense = world.field().dense().clone();
  if (turn % 3 == 0) dense.slice(3, 20, 40).zero_();
  if (turn % 3 == 1) dense.select(0, 3).slice(1, 4, 6).slice(2, 5, 9).fill_(0.7);
  if (turn % 3 == 2) dense.slice(0, 3).select(2, 30).select(2, 70 + turn).fill_(1);
  world.field().set_dense(dense);
  world.touched();
}

TEST(NcaSparse, EqualsDenseAfterThousandsOfStepsWithEditsBetween) {
  for (const auto* const compute : {"f32", "bf16"}) {
    WorldOptions wanted{.grid = {130, 61}, .init = "cell", .params = {{"compute", compute}}};
    LawWorld dense(nca(), with(wanted, Sparse::never));
    LawWorld sparse(nca(), with(wanted, Sparse::always));
    for (int turn = 0; turn < 9; ++turn) {
      dense.advance(250);
      sparse.advance(250);
      ASSERT_TRUE(same_bits(dense.field(), sparse.field())) << compute << turn;
      edit(dense, turn);
      edit(sparse, turn);
    }
    dense.advance(31);
    sparse.advance(31);
    EXPECT_TRUE(same_bits(dense.field(), sparse.field())) << compute;
    EXPECT_GT(sparse.measure("alive"), 100) << "nothing to see";
  }
}

TEST(NcaSparse, ForgetsWhatLayAboutUnlivingBefore) {
  // Nothing here is alive, and nothing is zero: a step has to clear it all.
  for (const auto sparse : {Sparse::never, Sparse::always}) {
    LawWorld faint(nca(), with({.grid = {70, 9}, .init = "noise:lo=-0.09,hi=0.09"}, sparse));
    faint.advance(1);
    EXPECT_TRUE((faint.field().planes() == 0).all().item<bool>());
  }
}

TEST(NcaSparse, KeepsANanInSight) {
  LawWorld world(nca(), {.grid = {40, 40}, .init = "cell"});
  world.field().planes()[2][0][3][4] = std::numeric_limits<float>::quiet_NaN();  // far from life
  world.touched();
  world.advance(20);
  EXPECT_FALSE(all_finite(world.field()));
}

}  // namespace
}  // namespace atheria
