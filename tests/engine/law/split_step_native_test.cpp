// The fast path of schrodinger and gross-pitaevskii: that it is the equation for every size, on every
// instruction set, whatever the threads and the cut of the steps.
#include "engine/law/split_step_native.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/base/pool.h"
#include "engine/law/schrodinger.h"
#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;
using testing::largest_difference;
using testing::LawWorld;
using testing::report;
using testing::same_bits;
using testing::WorldOptions;

// Powers of two and others, rows by one and by several, fewer rows than go together.
const std::vector<GridSpec> kGrids{{32, 2},   {32, 32},  {48, 20},  {64, 64},  {80, 36},
                                   {96, 96},  {128, 50}, {160, 27}, {256, 16}, {320, 45},
                                   {512, 15}, {1024, 8}, {32, 1024}};

// No phase, a table of phases, and phases that depend on |psi|^2 with and without a potential.
const std::vector<ParamMap> kPhases{{{"g", 0.0}, {"potential", "none"}},
                                    {{"g", 0.0}, {"potential", "random"}},
                                    {{"g", 0.8}, {"potential", "none"}},
                                    {{"g", -0.3}, {"potential", "lattice"}, {"strength", 3.0}}};

WorldOptions options(const GridSpec& grid, const ParamMap& params, Dtype dtype, Isa isa) {
  WorldOptions wanted{.grid = grid, .dtype = dtype, .params = params};
  wanted.params["dt"] = 0.4;
  wanted.tuning.isa = isa;
  return wanted;
}

// check(options) for every size, kind of phase and dtype on one instruction set.
void everywhere(Isa isa, const std::function<void(const WorldOptions&)>& check) {
  for (const auto& grid : kGrids)
    for (const auto& params : kPhases)
      for (const auto dtype : {Dtype::f32, Dtype::f64}) {
        SCOPED_TRACE(fmt::format("{} {} {} {} g={}", to_string(isa), to_string(dtype),
                                 to_string(grid), std::get<std::string>(params.at("potential")),
                                 std::get<double>(params.at("g"))));
        check(options(grid, params, dtype, isa));
      }
}

TEST(SplitStepNative, EveryInstructionSetIsTheEquation) {
  const auto law = make_schrodinger();
  for (const auto isa : isas_here())
    everywhere(isa, [&](WorldOptions wanted) {
      LawWorld fast(*law, wanted);
      wanted.path = Path::reference;
      LawWorld slow(*law, wanted);
      EXPECT_THAT(fast.how(), HasSubstr(to_string(isa)));
      fast.advance(5);
      slow.advance(5);
      EXPECT_LE(largest_difference(fast.field(), slow.field()),
                wanted.dtype == Dtype::f32 ? 2e-5 : 1e-12);
    });
}

TEST(SplitStepNative, Avx2AndAvx512GiveTheSameBits) {
  const auto here = isas_here();
  if (here.back() != Isa::avx512) GTEST_SKIP() << "needs AVX-512";
  const auto law = make_schrodinger();
  everywhere(Isa::avx2, [&](WorldOptions wanted) {
    LawWorld narrow(*law, wanted);
    wanted.tuning.isa = Isa::avx512;
    LawWorld wide(*law, wanted);
    narrow.advance(7);
    wide.advance(7);
    EXPECT_TRUE(same_bits(narrow.field(), wide.field()));
  });
}

TEST(SplitStepNative, ThePortablePathDiffersByRoundingOnly) {
  const auto law = make_schrodinger();
  double worst = 0;
  everywhere(isas_here().back(), [&](WorldOptions wanted) {
    LawWorld vectors(*law, wanted);
    wanted.tuning.isa = Isa::portable;
    LawWorld portable(*law, wanted);
    vectors.advance(5);
    portable.advance(5);
    const auto off = largest_difference(vectors.field(), portable.field());
    if (wanted.dtype == Dtype::f32) worst = std::max(worst, off);
    EXPECT_LE(off, wanted.dtype == Dtype::f32 ? 5e-6 : 1e-14);
  });
  report("portable_difference_5_steps_f32", worst);
}

TEST(SplitStepNative, ThreadsAndTheCutOfTheStepsMakeNoDifference) {
  const auto law = make_schrodinger();
  for (const auto isa : isas_here())
    for (const GridSpec grid : {GridSpec{256, 256}, GridSpec{160, 180}, GridSpec{192, 150}})
      for (const auto& params : kPhases)
        for (const auto dtype : {Dtype::f32, Dtype::f64}) {
          SCOPED_TRACE(fmt::format("{} {} {}", to_string(isa), to_string(dtype), to_string(grid)));
          LawWorld whole(*law, options(grid, params, dtype, isa));
          LawWorld parts(*law, options(grid, params, dtype, isa));
          set_shared_pool_threads(1);
          whole.advance(6);
          set_shared_pool_threads(3);
          for (const std::uint32_t steps : {1U, 0U, 2U, 3U}) parts.advance(steps);
          EXPECT_TRUE(same_bits(whole.field(), parts.field()));
        }
  set_shared_pool_threads(0);
}

TEST(SplitStepNative, LeavesOtherSizesToAten) {
  const auto law = make_schrodinger();
  for (const GridSpec grid : {GridSpec{16, 64}, GridSpec{100, 64}, GridSpec{64, 1}, GridSpec{64, 7},
                              GridSpec{224, 64}, GridSpec{32, 32, 4}}) {
    const atheria::Setup setup{.grid = grid, .params = Params(law->info().params, {})};
    EXPECT_EQ(native_split_stepper(setup), nullptr) << to_string(grid);
  }
}

// Angles of thousands of turns: whole ones are taken off before they cost digits.
TEST(SplitStepNative, ASteepPotentialCostsFloatNoPrecision) {
  const auto law = make_schrodinger();
  const ParamMap steep{{"g", 0.5}, {"potential", "harmonic"}, {"omega", 1.0}, {"dt", 2.0}};
  for (const auto isa : isas_here()) {
    WorldOptions wanted{.grid = {256, 256}, .params = steep};
    wanted.tuning.isa = isa;
    LawWorld single(*law, wanted);
    wanted.dtype = Dtype::f64;
    wanted.path = Path::reference;
    LawWorld exact(*law, wanted);
    single.advance(2);
    exact.advance(2);
    EXPECT_LT(largest_difference(single.field(), exact.field()), 5e-5) << to_string(isa);
  }
}

// Cells as large as these turn by 10^7 turns a step and more: no digit of the phase is left, but it
// is still a phase.
TEST(SplitStepNative, APhaseNeverChangesTheNorm) {
  const auto law = make_gross_pitaevskii();
  for (const auto isa : isas_here())
    for (const auto dtype : {Dtype::f32, Dtype::f64}) {
      auto wanted = options({64, 64}, {{"g", 2.0}, {"potential", "none"}}, dtype, isa);
      LawWorld world(*law, wanted);
      world.field().planes().mul_(3e4);
      const double before = world.measure("norm");
      world.advance(5);
      EXPECT_NEAR(world.measure("norm") / before, 1, dtype == Dtype::f32 ? 1e-5 : 1e-13)
          << to_string(isa);
    }
}

TEST(SplitStepNative, TheNormDriftsLittleInTenThousandSteps) {
  for (const bool cloud : {false, true}) {
    const auto law = cloud ? make_gross_pitaevskii() : make_schrodinger();
    const auto init = cloud ? "packet:width=10" : "packet:width=8,kx=6";
    for (const auto dtype : {Dtype::f32, Dtype::f64}) {
      LawWorld world(*law, {.dtype = dtype, .init = init});
      const double before = world.measure("norm");
      world.advance(10000);
      const double drift = world.measure("norm") / before - 1;
      report(fmt::format("native_norm_drift_10000_steps_{}_{}", cloud ? "cloud" : "packet",
                         to_string(dtype)),
             drift);
      EXPECT_LT(std::abs(drift), dtype == Dtype::f32 ? 2e-3 : 1e-12);
    }
  }
}

}  // namespace
}  // namespace atheria
