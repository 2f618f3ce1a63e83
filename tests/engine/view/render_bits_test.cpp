#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/philox.h"
#include "engine/view/render.h"
#include "tests/engine/view/sample_laws.h"

namespace atheria {
namespace {

using testing::ElementsAre;

bool soup(int x, int y, int z = 0) {
  return random_block(3, z,
                      std::uint64_t{static_cast<unsigned>(y)} << 20 | static_cast<unsigned>(x))[0] %
             3 ==
         0;
}

// Bits, and the same cells as floats: two ways to the same picture.
struct Both {
  explicit Both(GridSpec grid)
      : bits(filled(grid, 1, Dtype::bits, [](int, int x, int y, int z) { return soup(x, y, z); })),
        floats(
            filled(grid, 1, Dtype::f32, [](int, int x, int y, int z) { return soup(x, y, z); })) {}

  void expect_same(const ViewSpec& spec) const {
    const Picture of_bits = render(bits_law(), bits, nullptr, spec);
    const Picture of_floats = render(bits_law(), floats, nullptr, spec);
    EXPECT_EQ(of_bits.values, of_floats.values)
        << "fit " << spec.fit_width << " reduce " << static_cast<int>(spec.reduce);
    EXPECT_EQ(of_bits.lo, of_floats.lo);
    EXPECT_EQ(of_bits.hi, of_floats.hi);
  }

  Field bits, floats;
};

TEST(RenderBits, MeanTimesCellsIsThePopulation) {
  const GridSpec grid{1024, 256};
  const Both both(grid);
  const double population = both.floats.planes().sum().item<double>();
  for (const int fit : {1024, 512, 256, 64, 16, 8, 4, 1}) {
    const Picture picture =
        render(bits_law(), both.bits, nullptr, {.name = "alive", .fit_width = fit});
    double sum = 0;
    for (const float value : picture.values) sum += value;
    const int rows = std::min(1 << picture.lod, grid.height);
    EXPECT_EQ(sum * (1 << picture.lod) * rows, population) << "fit " << fit;
  }
}

TEST(RenderBits, CountingWordsEqualsAveragingCells) {
  const Both both({700, 333});
  for (const Reduce reduce : {Reduce::mean, Reduce::min, Reduce::max, Reduce::sample}) {
    for (const int fit : {700, 350, 180, 100, 50, 30, 15, 7, 3, 1}) {
      both.expect_same({.name = "alive", .fit_width = fit, .reduce = reduce});
      both.expect_same(
          {.name = "alive", .roi = {300, 100, 200, 100}, .fit_width = fit, .reduce = reduce});
    }
  }
}

TEST(RenderBits, AVolumeEqualsItsCells) {
  const Both both({130, 70, 5});
  for (const int fit : {130, 65, 33, 1}) {
    both.expect_same({.name = "alive", .fit_width = fit, .z = 4});
    both.expect_same({.name = "alive", .fit_width = fit, .depth = Depth::max});
  }
}

TEST(RenderBits, ChangeIsWhatFlipped) {
  const auto cell_at = [](int alive) {
    return filled({4, 1}, 1, Dtype::bits, [=](int, int x, int, int) { return x == alive; });
  };
  const Field before = cell_at(0);
  const Field now = cell_at(1);
  EXPECT_THAT(render(bits_law(), now, &before, {.name = "change"}).values, ElementsAre(1, 1, 0, 0));
  EXPECT_THAT(render(bits_law(), now, &before, {.name = "change", .fit_width = 2}).values,
              ElementsAre(1, 0));
  EXPECT_THAT(render(bits_law(), now, nullptr, {.name = "change", .fit_width = 2}).values,
              ElementsAre(0, 0));
}

}  // namespace
}  // namespace atheria
