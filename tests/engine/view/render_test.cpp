#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "engine/base/error.h"
#include "engine/base/philox.h"
#include "engine/view/cells.h"
#include "engine/view/render.h"
#include "tests/engine/view/sample_laws.h"

namespace atheria {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::FloatEq;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

Picture draw(const LawInfo& law, const Field& field, ViewSpec spec) {
  return render(law, field, nullptr, spec);
}

// One row of cells, shown as texels of two.
std::vector<float> pairs(std::vector<float> cells, Reduce reduce, Dtype dtype = Dtype::f32) {
  const int width = static_cast<int>(cells.size());
  const Field field = filled({width, 1}, 1, dtype,
                             [&](int, int x, int, int) { return static_cast<double>(cells[x]); });
  return draw(one_channel(), field, {.name = "u", .fit_width = (width + 1) / 2, .reduce = reduce})
      .values;
}

TEST(Render, ShowsEveryCellWhenItFits) {
  const Field field =
      filled({3, 2}, 1, Dtype::f32, [](int, int x, int y, int) { return x + 10 * y; });
  const Picture picture = draw(one_channel(), field, {.name = "u"});
  EXPECT_EQ(picture.width, 3);
  EXPECT_EQ(picture.height, 2);
  EXPECT_EQ(picture.lod, 0);
  EXPECT_THAT(picture.values, ElementsAre(0, 1, 2, 10, 11, 12));
  EXPECT_EQ(picture.lo, 0);
  EXPECT_EQ(picture.hi, 12);
  EXPECT_FALSE(picture.has_nan);
}

TEST(Render, ReducesAsAsked) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f64}) {
    EXPECT_THAT(pairs({1, 3, -2, 8}, Reduce::mean, dtype), ElementsAre(2, 3));
    EXPECT_THAT(pairs({1, 3, -2, 8}, Reduce::min, dtype), ElementsAre(1, -2));
    EXPECT_THAT(pairs({1, 3, -2, 8}, Reduce::max, dtype), ElementsAre(3, 8));
    EXPECT_THAT(pairs({1, 3, -2, 8}, Reduce::sample, dtype), ElementsAre(3, 8));
  }
}

TEST(Render, AnEdgeTexelIsMadeOfTheCellsThereAre) {
  EXPECT_THAT(pairs({1, 3, 10}, Reduce::mean), ElementsAre(2, 10));
  EXPECT_THAT(pairs({1, 3, 10}, Reduce::min), ElementsAre(1, 10));
  EXPECT_THAT(pairs({1, 3, 10}, Reduce::sample), ElementsAre(3, 10));
  // 5 x 3 cells as 2 x 1 texels of 4 x 4.
  const Field field =
      filled({5, 3}, 1, Dtype::f32, [](int, int x, int y, int) { return x + 100 * y; });
  const Picture picture = draw(one_channel(), field, {.name = "u", .fit_width = 2});
  EXPECT_THAT(picture.values, ElementsAre(101.5F, 104));
}

TEST(Render, NanInOneCellShowsInItsTexelOnly) {
  for (const Reduce reduce : {Reduce::mean, Reduce::min, Reduce::max}) {
    for (const auto& cells :
         {std::vector<float>{kNan, 1, 5, 5}, std::vector<float>{1, kNan, 5, 5}}) {
      const std::vector<float> texels = pairs(cells, reduce);
      EXPECT_TRUE(std::isnan(texels[0]));
      EXPECT_EQ(texels[1], 5);
    }
  }
}

TEST(Render, TheRangeIsThatOfFiniteTexels) {
  const Field field = filled({4, 1}, 1, Dtype::f32, [](int, int x, int, int) {
    return std::array<double, 4>{kNan, 2, -kInf, 3}[x];
  });
  const Picture picture = draw(one_channel(), field, {.name = "u"});
  EXPECT_TRUE(picture.has_nan);
  EXPECT_EQ(picture.lo, 2);
  EXPECT_EQ(picture.hi, 3);
}

TEST(Render, AllNanHasAZeroRange) {
  const Field field = filled({2, 2}, 1, Dtype::f32, [](int, int, int, int) { return kNan; });
  const Picture picture = draw(one_channel(), field, {.name = "u"});
  EXPECT_TRUE(picture.has_nan);
  EXPECT_EQ(picture.lo, 0);
  EXPECT_EQ(picture.hi, 0);
}

double noise(int c, int x, int y, int z) {
  return unit_float(random_block(1, z, (std::uint64_t{static_cast<unsigned>(y)} << 20) + x)[c]);
}

// What a texel should be, said slowly.
double slow_mean(const GridSpec& grid, const Window& window, int tx, int ty) {
  double sum = 0;
  int cells = 0;
  const int side = 1 << window.lod;
  for (int y = window.roi.y + ty * side; y < window.roi.y + (ty + 1) * side; ++y) {
    for (int x = window.roi.x + tx * side; x < window.roi.x + (tx + 1) * side; ++x) {
      if (x >= grid.width || y >= grid.height) continue;
      sum += static_cast<float>(noise(0, x, y, 0));
      ++cells;
    }
  }
  return sum / cells;
}

TEST(Render, MeanOfALargeOddFieldIsTheMean) {
  const GridSpec grid{1501, 333};
  const Field field = filled(grid, 1, Dtype::f32, noise);
  for (const int fit : {800, 300, 20, 1}) {
    const ViewSpec spec{.name = "u", .roi = {130, 40, 1400, 290}, .fit_width = fit};
    const Picture picture = draw(one_channel(), field, spec);
    const Window window = window_of(grid, spec);
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        ASSERT_NEAR(picture.values[y * picture.width + x], slow_mean(grid, window, x, y), 1e-6);
      }
    }
  }
}

TEST(Render, ALevelWiderThanABlockOfCellsStillAveragesAll) {
  const Field field = filled({5000, 1}, 1, Dtype::f32, [](int, int x, int, int) { return x; });
  EXPECT_THAT(draw(one_channel(), field, {.name = "u", .fit_width = 2}).values,
              ElementsAre(2047.5F, (4096 + 4999) / 2.0F));
}

TEST(Render, ShowsDensityOfAComplexField) {
  const Field field =
      filled({2, 1}, 2, Dtype::f32, [](int c, int x, int, int) { return c == 0 ? 3 : 4 * x; });
  EXPECT_THAT(draw(complex_law(), field, {.name = "density"}).values, ElementsAre(9, 25));
  EXPECT_THAT(draw(complex_law(), field, {.name = "density", .fit_width = 1}).values,
              ElementsAre(17));
  EXPECT_THAT(draw(complex_law(), field, {.name = "im"}).values, ElementsAre(0, 4));
}

TEST(Render, PhaseIsSampledNotAveraged) {
  // Just above and just below the cut: their mean would point the other way.
  const Field field = filled({2, 1}, 2, Dtype::f64, [](int c, int x, int, int) {
    return c == 0 ? -1 : x == 0 ? -0.01 : 0.01;
  });
  const auto texels = draw(complex_law(), field, {.name = "phase", .fit_width = 1}).values;
  EXPECT_THAT(texels, ElementsAre(testing::FloatNear(3.1315927F, 1e-6F)));
}

TEST(Render, PhaseOfANegativeNumberIsPi) {
  const Field field = filled({2, 1}, 2, Dtype::f32, [](int c, int x, int, int) {
    return c == 0 ? -1.0 : x == 0 ? 0.0 : -0.0;
  });
  EXPECT_THAT(draw(complex_law(), field, {.name = "phase"}).values,
              Each(FloatEq(std::numbers::pi_v<float>)));
}

TEST(Render, PhaseOfZeroIsZero) {
  const Field field(GridSpec{2, 1}, 2, Dtype::f32);
  EXPECT_THAT(draw(complex_law(), field, {.name = "phase"}).values, Each(0));
}

TEST(PhaseOf, AgreesWithTheLibrary) {
  for (int i = 0; i < 20'000; ++i) {
    const auto block = random_block(7, 0, i);
    const float re = unit_float(block[0]) * 2 - 1;
    const float im = unit_float(block[1]) * 2 - 1;
    ASSERT_NEAR(phase_of(re, im), std::atan2(im, re), 1e-6);
    ASSERT_NEAR(phase_of<double>(re, im), std::atan2(double{im}, double{re}), 1e-7);
  }
  EXPECT_TRUE(std::isnan(phase_of(kNan, 1.0F)));
  EXPECT_TRUE(std::isnan(phase_of(1.0F, kNan)));
}

TEST(Render, ChangeIsWhatMovedInTheLastStep) {
  const auto cells = [](double first) {
    return filled({2, 1}, 2, Dtype::f32,
                  [=](int c, int x, int, int) { return x == 0 ? first + c : 5; });
  };
  const Field before = cells(1);
  const Field now = cells(-1);
  EXPECT_THAT(render(complex_law(), now, &before, {.name = "change"}).values, ElementsAre(4, 0));
  EXPECT_THAT(render(complex_law(), now, nullptr, {.name = "change"}).values, ElementsAre(0, 0));
}

TEST(Render, ChangeFromAnotherKindOfFieldIsNotKnown) {
  const Field before = filled({3, 1}, 1, Dtype::f32, [](int, int, int, int) { return 9; });
  const Field now = filled({2, 1}, 1, Dtype::f32, [](int, int, int, int) { return 5; });
  EXPECT_THAT(render(one_channel(), now, &before, {.name = "change"}).values, ElementsAre(0, 0));
}

TEST(Render, ColoursStandOnWhiteWhereAlphaIsLess) {
  const double cells[2][4] = {{0.25, 0.5, 0, 0.5}, {7, -3, 0.1, 1}};
  const Field field =
      filled({2, 1}, 4, Dtype::f32, [&](int c, int x, int, int) { return cells[x][c]; });
  const Picture picture = draw(coloured_law(), field, {.name = "rgb"});
  EXPECT_EQ(picture.channels, 3);
  EXPECT_THAT(picture.values, ElementsAre(0.75F, 1, 1, 0, 0.5F, 0.1F));
}

TEST(Render, ColoursUseTheSpanOfTheirChannels) {
  const LawInfo law = law_with({{.name = "a", .lo = -1, .hi = 1}, {.name = "b"}, {.name = "c"}});
  const Field field = filled({1, 1}, 3, Dtype::f32, [](int c, int, int, int) { return c / 2.0; });
  EXPECT_THAT(draw(law, field, {.name = "rgb"}).values, ElementsAre(0.5F, 0.5F, 1));
}

TEST(Render, ColoursDoNotHideNan) {
  const Field field = filled({1, 1}, 4, Dtype::f32, [](int c, int, int, int) {
    return c == 0 ? kInf : c == 3 ? 1 : 0;
  });
  const Picture picture = draw(coloured_law(), field, {.name = "rgb"});
  EXPECT_TRUE(std::isnan(picture.values[0]));
  EXPECT_TRUE(picture.has_nan);
}

TEST(Render, AVolumeShowsALayerOrItsLargest) {
  const Field field =
      filled({2, 1, 4}, 1, Dtype::f32, [](int, int x, int, int z) { return x == 0 ? z : -z; });
  EXPECT_THAT(draw(one_channel(), field, {.name = "u"}).values, ElementsAre(2, -2));
  EXPECT_THAT(draw(one_channel(), field, {.name = "u", .z = 3}).values, ElementsAre(3, -3));
  EXPECT_THAT(draw(one_channel(), field, {.name = "u", .depth = Depth::max}).values,
              ElementsAre(3, 0));
}

TEST(Render, TheLargestOfAColumnWithNanIsNan) {
  for (const int bad : {0, 1, 3}) {
    const Field field = filled({300, 1, 4}, 1, Dtype::f64, [=](int, int x, int, int z) {
      return x == 299 && z == bad ? kNan : z;
    });
    const auto texels = draw(one_channel(), field, {.name = "u", .depth = Depth::max}).values;
    EXPECT_TRUE(std::isnan(texels[299]));
    EXPECT_EQ(texels[298], 3);
  }
}

TEST(Render, RefusesALayerThatIsNotThere) {
  const Field field(GridSpec{4, 4, 4}, 1, Dtype::f32);
  for (const int z : {4, -2}) {
    try {
      draw(one_channel(), field, {.name = "u", .z = z});
      FAIL() << "drew layer " << z;
    } catch (const Error& error) {
      EXPECT_EQ(error.path(), "args.z");
    }
  }
}

TEST(Render, SaysWhatItShows) {
  const Field field(GridSpec{512, 512}, 1, Dtype::f32);
  const ViewSpec spec{.name = "u", .roi = {70, 70, 10, 10}};
  const Picture picture = draw(one_channel(), field, spec);
  EXPECT_TRUE(picture.roi == (Roi{64, 64, 64, 64}));
  EXPECT_TRUE(picture.spec == spec);
}

}  // namespace
}  // namespace atheria
