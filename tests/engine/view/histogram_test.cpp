#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "engine/base/error.h"
#include "engine/view/render.h"
#include "tests/engine/view/sample_laws.h"

namespace atheria {
namespace {

using testing::ElementsAre;

Field row_of(std::vector<double> cells, Dtype dtype = Dtype::f64) {
  const int width = static_cast<int>(cells.size());
  return filled({width, 1}, 1, dtype, [&](int, int x, int, int) { return cells[x]; });
}

template <typename Act>
std::string path_of(Act act) {
  try {
    act();
  } catch (const Error& error) {
    return error.path();
  }
  return "no error";
}

TEST(Histogram, CountsEveryCellBetweenTheSmallestAndTheLargest) {
  const Histogram found = histogram(one_channel(), row_of({0, 0.1, 0.9, 2, 2}), "u", 4);
  EXPECT_EQ(found.lo, 0);
  EXPECT_EQ(found.hi, 2);
  EXPECT_THAT(found.counts, ElementsAre(2, 1, 0, 2));
}

TEST(Histogram, LeavesOutWhatIsOutsideTheRange) {
  const Histogram found = histogram(one_channel(), row_of({-1, 0, 1, 2, 3}), "u", 2, 0, 2);
  EXPECT_THAT(found.counts, ElementsAre(1, 2));
}

TEST(Histogram, CountsNanAndInfinityApart) {
  const double inf = std::numeric_limits<double>::infinity();
  const Histogram found = histogram(one_channel(), row_of({std::nan(""), inf, 1, 3}), "u", 2);
  EXPECT_EQ(found.nan, 2);
  EXPECT_EQ(found.lo, 1);
  EXPECT_THAT(found.counts, ElementsAre(1, 1));
}

TEST(Histogram, AConstantFieldFillsOneBin) {
  const Histogram found = histogram(one_channel(), row_of({7, 7, 7}), "u", 5);
  EXPECT_LT(found.lo, 7);
  EXPECT_GT(found.hi, 7);
  EXPECT_THAT(found.counts, ElementsAre(0, 0, 3, 0, 0));
}

TEST(Histogram, AllNanHasNoCounts) {
  const Histogram found = histogram(one_channel(), row_of({std::nan("")}), "u", 1);
  EXPECT_EQ(found.nan, 1);
  EXPECT_THAT(found.counts, ElementsAre(0));
}

TEST(Histogram, OfBitsIsThePopulation) {
  const Field field =
      filled({100, 10}, 1, Dtype::bits, [](int, int x, int, int) { return x < 30; });
  EXPECT_THAT(histogram(bits_law(), field, "", 2).counts, ElementsAre(700, 300));
}

TEST(Histogram, CountsAllLayers) {
  const Field field = filled({4, 4, 4}, 1, Dtype::f32, [](int, int, int, int z) { return z; });
  EXPECT_THAT(histogram(one_channel(), field, "u", 2).counts, ElementsAre(32, 32));
}

TEST(Histogram, RefusesWhatItCannotCount) {
  const Field field = row_of({1, 2});
  const auto bins = [&](int n) {
    return path_of([&] { histogram(one_channel(), field, "u", n); });
  };
  EXPECT_EQ(bins(0), "args.bins");
  EXPECT_EQ(bins(4097), "args.bins");
  EXPECT_EQ(path_of([&] { histogram(one_channel(), field, "change", 4); }), "args.view");
  EXPECT_EQ(path_of([&] { histogram(one_channel(), field, "u", 4, 0, std::nan("")); }),
            "args.range");
  const Field colours(GridSpec{2, 2}, 4, Dtype::f32);
  EXPECT_EQ(path_of([&] { histogram(coloured_law(), colours, "rgb", 4); }), "args.view");
}

TEST(Probe, IsExact) {
  const double third = 1.0 / 3;
  EXPECT_THAT(probe(row_of({0, third}), 1, 0, 0), ElementsAre(third));
  EXPECT_THAT(probe(row_of({0, third}, Dtype::f32), 1, 0, 0),
              ElementsAre(double{static_cast<float>(third)}));
}

TEST(Probe, RefusesACellThatIsNotThere) {
  const Field field = row_of({1, 2});
  EXPECT_EQ(path_of([&] { probe(field, 2, 0, 0); }), "args.x");
  EXPECT_EQ(path_of([&] { probe(field, 0, -1, 0); }), "args.y");
  EXPECT_EQ(path_of([&] { probe(field, 0, 0, 1); }), "args.z");
}

TEST(ViewValue, IsTheViewInDouble) {
  const Field field =
      filled({1, 1}, 2, Dtype::f64, [](int c, int, int, int) { return c == 0 ? -3 : 4; });
  const Field before(GridSpec{1, 1}, 2, Dtype::f64);
  EXPECT_EQ(view_value(complex_law(), field, "re", 0, 0, 0), -3);
  EXPECT_EQ(view_value(complex_law(), field, "im", 0, 0, 0), 4);
  EXPECT_EQ(view_value(complex_law(), field, "density", 0, 0, 0), 25);
  EXPECT_EQ(view_value(complex_law(), field, "phase", 0, 0, 0), std::atan2(4.0, -3.0));
  EXPECT_EQ(view_value(complex_law(), field, "change", 0, 0, 0, &before), 7);
  EXPECT_EQ(view_value(complex_law(), field, "change", 0, 0, 0), 0);
}

TEST(ViewValue, AColourIsNotOneValue) {
  const Field field(GridSpec{1, 1}, 4, Dtype::f32);
  EXPECT_EQ(path_of([&] { view_value(coloured_law(), field, "rgb", 0, 0, 0); }), "args.view");
}

}  // namespace
}  // namespace atheria
