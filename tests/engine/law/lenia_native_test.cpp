// The fast path of lenia and lenia-3: that it is the equation for every size, on every instruction
// set, whatever the threads and the cut of the steps.
#include "engine/law/lenia_native.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <limits>

#include "engine/base/pool.h"
#include "engine/law/lenia.h"
#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;
using testing::largest_difference;
using testing::LawWorld;
using testing::report;
using testing::same_bits;
using testing::WorldOptions;

// Powers of two and others, rows by one and by several, half heights that are odd, a kernel that
// goes round the torus.
const std::vector<GridSpec> kGrids{{32, 4},   {32, 32},  {48, 20},  {64, 64},
                                   {80, 36},  {96, 96},  {128, 50}, {160, 54},
                                   {256, 32}, {320, 90}, {512, 30}, {32, 512}};

// One channel, both shapes of growth; three channels; three of which one is not looked at and one
// gets nothing.
struct Case {
  bool single;
  ParamMap params;
};
const std::vector<Case> kCases{
    {true, {{"mu", 0.4}, {"sigma", 0.08}, {"R", 9.0}}},
    {true, {{"mu", 0.45}, {"sigma", 0.1}, {"R", 6.0}, {"growth", "gaussian"}}},
    {false, {{"R", 8.0}}},
    {false, {{"R", 7.0}, {"kernels", "0>1 m=0.4 s=0.1 h=0.7; 2>1 r=0.6 m=0.3 s=0.2; 2>0 s=0.15"}}}};

std::unique_ptr<Law> law_of(const Case& one) { return one.single ? make_lenia() : make_lenia3(); }

WorldOptions options(const GridSpec& grid, const Case& one, Dtype dtype, Isa isa) {
  WorldOptions wanted{.grid = grid, .dtype = dtype, .params = one.params};
  wanted.tuning.isa = isa;
  return wanted;
}

void everywhere(Isa isa, const std::function<void(const Law&, const WorldOptions&)>& check) {
  for (std::size_t i = 0; i < kCases.size(); ++i) {
    const auto law = law_of(kCases[i]);
    for (const auto& grid : kGrids)
      for (const auto dtype : {Dtype::f32, Dtype::f64}) {
        SCOPED_TRACE(
            fmt::format("{} {} {} case {}", to_string(isa), to_string(dtype), to_string(grid), i));
        check(*law, options(grid, kCases[i], dtype, isa));
      }
  }
}

TEST(LeniaNative, EveryInstructionSetIsTheEquation) {
  for (const auto isa : isas_here())
    everywhere(isa, [&](const Law& law, WorldOptions wanted) {
      LawWorld fast(law, wanted);
      wanted.path = Path::reference;
      LawWorld slow(law, wanted);
      EXPECT_THAT(fast.how(), HasSubstr(to_string(isa)));
      fast.advance(5);
      slow.advance(5);
      EXPECT_LE(largest_difference(fast.field(), slow.field()),
                wanted.dtype == Dtype::f32 ? 2e-5 : 1e-12);
    });
}

TEST(LeniaNative, Avx2AndAvx512GiveTheSameBits) {
  if (isas_here().back() != Isa::avx512) GTEST_SKIP() << "needs AVX-512";
  everywhere(Isa::avx2, [&](const Law& law, WorldOptions wanted) {
    LawWorld narrow(law, wanted);
    wanted.tuning.isa = Isa::avx512;
    LawWorld wide(law, wanted);
    narrow.advance(7);
    wide.advance(7);
    EXPECT_TRUE(same_bits(narrow.field(), wide.field()));
  });
}

TEST(LeniaNative, ThePortablePathDiffersByRoundingOnly) {
  double worst = 0;
  everywhere(isas_here().back(), [&](const Law& law, WorldOptions wanted) {
    LawWorld vectors(law, wanted);
    wanted.tuning.isa = Isa::portable;
    LawWorld portable(law, wanted);
    vectors.advance(5);
    portable.advance(5);
    const auto off = largest_difference(vectors.field(), portable.field());
    if (wanted.dtype == Dtype::f32) worst = std::max(worst, off);
    EXPECT_LE(off, wanted.dtype == Dtype::f32 ? 1e-5 : 1e-13);
  });
  report("portable_difference_5_steps_f32", worst);
}

TEST(LeniaNative, ThreadsAndTheCutOfTheStepsMakeNoDifference) {
  for (const auto isa : isas_here())
    for (const auto& one : kCases)
      for (const GridSpec grid : {GridSpec{256, 256}, GridSpec{160, 180}, GridSpec{192, 150}})
        for (const auto dtype : {Dtype::f32, Dtype::f64}) {
          SCOPED_TRACE(fmt::format("{} {} {}", to_string(isa), to_string(dtype), to_string(grid)));
          const auto law = law_of(one);
          LawWorld whole(*law, options(grid, one, dtype, isa));
          LawWorld parts(*law, options(grid, one, dtype, isa));
          set_shared_pool_threads(1);
          whole.advance(6);
          set_shared_pool_threads(3);
          for (const std::uint32_t steps : {1U, 0U, 2U, 3U}) parts.advance(steps);
          EXPECT_TRUE(same_bits(whole.field(), parts.field()));
        }
  set_shared_pool_threads(0);
}

TEST(LeniaNative, LeavesOtherSizesToAten) {
  const auto law = make_lenia();
  for (const GridSpec grid : {GridSpec{16, 64}, GridSpec{100, 64}, GridSpec{64, 2},
                              GridSpec{64, 15}, GridSpec{64, 14}, GridSpec{32, 32, 4}}) {
    const atheria::Setup setup{.grid = grid, .params = Params(law->info().params, {})};
    EXPECT_EQ(native_lenia_stepper(setup, 1, {LeniaKernel{}}), nullptr) << to_string(grid);
  }
}

TEST(LeniaNative, NotANumberSpreadsOverTheWorld) {
  for (const auto isa : isas_here())
    for (const auto& one : kCases) {
      const auto law = law_of(one);
      LawWorld world(*law, options({64, 64}, one, Dtype::f32, isa));
      world.field().planes()[2 % world.field().channels()][0][5][7] =
          std::numeric_limits<double>::quiet_NaN();
      world.touched();
      world.advance(2);
      EXPECT_FALSE(all_finite(world.field())) << to_string(isa);
    }
}

}  // namespace
}  // namespace atheria
