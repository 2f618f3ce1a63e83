// That steps of a stencil law made several at once, on any instruction set and any number of
// threads, are the steps of its reference.
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "engine/base/philox.h"
#include "engine/base/pool.h"
#include "engine/law/laws.h"
#include "engine/law/wavefront_plan.h"
#include "tests/engine/law/law_world.h"

namespace atheria {
namespace {

using testing::LawWorld;
using testing::same_bits;
using testing::WorldOptions;

// Narrower than a vector, lower than a sweep is deep, a vector's multiple and not, two and three
// dimensions.
const std::vector<GridSpec> kGrids{{1, 7, 1},     {3, 5, 1},   {17, 33, 1}, {64, 64, 1},
                                   {180, 100, 1}, {300, 2, 1}, {31, 80, 1}, {128, 48, 1},
                                   {12, 9, 10},   {3, 2, 5},   {1, 1, 2},   {64, 20, 9},
                                   {64, 1, 9},    {32, 2, 7},  {33, 70, 12}};

class StencilWavefront : public ::testing::TestWithParam<std::string> {
 protected:
  const Law& law() const { return find_law(GetParam()); }

  // check(options) for both dtypes and every size.
  void everywhere(const std::function<void(const WorldOptions&)>& check) const {
    for (const auto dtype : {Dtype::f32, Dtype::f64})
      for (const auto& grid : kGrids) {
        SCOPED_TRACE(fmt::format("{} {}", to_string(dtype), to_string(grid)));
        check({.grid = grid, .dtype = dtype, .tuning = {.sparse = Sparse::never}});
      }
  }
};

WorldOptions on(WorldOptions options, Isa isa) {
  options.tuning.isa = isa;
  return options;
}

WorldOptions reference(WorldOptions options) {
  options.path = Path::reference;
  return options;
}

TEST_P(StencilWavefront, SeveralStepsAtOnceAreTheReferencesBits) {
  everywhere([&](const WorldOptions& options) {
    LawWorld fast(law(), options);
    LawWorld slow(law(), reference(options));
    for (const std::uint32_t steps : {1, 2, 3, 8, 9, 17}) {
      fast.advance(steps);
      slow.advance(steps);
      ASSERT_TRUE(same_bits(fast.field(), slow.field())) << "at step " << fast.step();
    }
  });
}

TEST_P(StencilWavefront, EveryInstructionSetGivesTheSameBits) {
  everywhere([&](const WorldOptions& options) {
    LawWorld portable(law(), on(options, Isa::portable));
    portable.advance(13);
    for (const auto isa : isas_here()) {
      LawWorld other(law(), on(options, isa));
      other.advance(13);
      EXPECT_TRUE(same_bits(portable.field(), other.field())) << to_string(isa);
    }
  });
}

TEST_P(StencilWavefront, BitsAreTheSameOnAnyNumberOfThreads) {
  for (const GridSpec grid : {GridSpec{180, 100, 1}, {256, 130, 1}, {48, 40, 36}}) {
    const WorldOptions options{.grid = grid, .tuning = {.sparse = Sparse::never}};
    set_shared_pool_threads(1);
    LawWorld one(law(), options);
    one.advance(21);
    for (const int threads : {2, 3, 5}) {
      set_shared_pool_threads(threads);
      LawWorld many(law(), options);
      many.advance(21);
      EXPECT_TRUE(same_bits(one.field(), many.field())) << threads << " " << to_string(grid);
    }
  }
  set_shared_pool_threads(0);
}

TEST_P(StencilWavefront, DoesNotDependOnHowTheStepsAreCut) {
  everywhere([&](const WorldOptions& options) {
    LawWorld parts(law(), options);
    for (std::uint64_t i = 0; parts.step() < 40; ++i)
      parts.advance(static_cast<std::uint32_t>(random_block(3, 0, i)[0] % 12));
    LawWorld whole(law(), options);
    whole.advance(static_cast<std::uint32_t>(parts.step()));
    EXPECT_TRUE(same_bits(parts.field(), whole.field()));
  });
}

TEST_P(StencilWavefront, TheFieldStaysWhereItIs) {
  everywhere([&](const WorldOptions& options) {
    LawWorld world(law(), options);
    const void* const place = world.field().planes().const_data_ptr();
    for (const std::uint32_t steps : {1, 2, 7, 16}) world.advance(steps);
    EXPECT_EQ(world.field().planes().const_data_ptr(), place);
  });
}

TEST_P(StencilWavefront, NanComesAsFarAsInTheReference) {
  for (const auto isa : isas_here())
    for (const GridSpec grid : {GridSpec{70, 40, 1}, {64, 64, 1}, {20, 18, 16}}) {
      const WorldOptions options{.grid = grid, .tuning = {.isa = isa, .sparse = Sparse::never}};
      LawWorld fast(law(), options);
      LawWorld slow(law(), reference(options));
      for (auto* const world : {&fast, &slow}) {
        world->field().planes()[0][0][3][0] = std::numeric_limits<double>::quiet_NaN();
        world->touched();
        world->advance(5);
      }
      const auto here = fast.field().planes().isnan();
      EXPECT_TRUE(here.any().item<bool>());
      EXPECT_TRUE(at::equal(here, slow.field().planes().isnan())) << to_string(grid);
    }
}

std::string test_name(const ::testing::TestParamInfo<std::string>& law) {
  auto name = law.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Laws, StencilWavefront,
                         ::testing::Values("gray-scott", "wave", "ginzburg-landau"), test_name);

TEST(WavefrontPlan, TakesManyStepsOfALargeFieldAndFewOfAThinOne) {
  EXPECT_EQ(plan_wavefront({2048, 2048, 1}, 1, 4, 2).levels, 8);
  EXPECT_EQ(plan_wavefront({2048, 2048, 1}, 2, 4, 2).levels, 8) << "four steps of two stages";
  EXPECT_EQ(plan_wavefront({2048, 4, 1}, 1, 4, 1).levels, 1);
  EXPECT_EQ(plan_wavefront({2048, 4, 1}, 2, 4, 1).levels, 2) << "a step has two stages";
}

TEST(WavefrontPlan, GivesEveryThreadABandUnlessTheyAreTooThin) {
  EXPECT_EQ(plan_wavefront({2048, 2048, 1}, 1, 4, 3).bands, 3);
  EXPECT_EQ(plan_wavefront({64, 64, 1}, 1, 4, 3).bands, 1) << "not worth sharing";
  EXPECT_EQ(plan_wavefront({100000, 20, 1}, 1, 4, 3).bands, 1);
  EXPECT_EQ(plan_wavefront({256, 256, 256}, 1, 4, 2).bands, 2);
}

TEST(WavefrontPlan, CutsDeepFieldsIntoBlocksNoLowerThanASweepIsDeep) {
  for (const std::int64_t height : {1, 2, 7, 8, 9, 63, 256, 1000})
    for (const std::int64_t width : {1, 64, 256, 4096}) {
      const auto plan = plan_wavefront({width, height, 64}, 1, 8, 2);
      ASSERT_GE(plan.blocks, 1);
      if (plan.blocks > 1) {
        EXPECT_GE(height / plan.blocks, plan.levels) << width << " x " << height;
      }
    }
}

}  // namespace
}  // namespace atheria
