#include "app/protocol/range.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace atheria::wire {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;

TEST(AutoRange, BeginsWithHeadroomAroundTheFirstPicture) {
  AutoRange range;
  EXPECT_EQ(range.update(-5, 5, 0), (Range{-6, 6}));
}

TEST(AutoRange, HeadroomNeverCrossesZero) {
  EXPECT_EQ(AutoRange().update(0, 10, 0), (Range{0, 11}));
  EXPECT_EQ(AutoRange().update(-10, -1, 0).hi, -0.1F);
  EXPECT_EQ(AutoRange().update(0, 0, 0), (Range{0, 1}));
}

TEST(AutoRange, HeadroomEndsAtTheViewsOwnRangeUnlessValuesGoBeyond) {
  const RangeWish unit{.floor = 0, .ceiling = 1};
  EXPECT_EQ(AutoRange(unit).update(0, 1, 0), (Range{0, 1}));
  EXPECT_EQ(AutoRange(unit).update(1, 1, 0).hi, 1);
  EXPECT_EQ(AutoRange(unit).update(0, 0.5F, 0).hi, 0.55F)
      << "a dim picture still fills the colours";
  EXPECT_FLOAT_EQ(AutoRange(unit).update(0, 2, 0).hi, 2.2F);
  EXPECT_EQ(
      AutoRange({.kind = RangeWish::Kind::symmetric, .floor = 0, .ceiling = 1}).update(0, 1, 0),
      (Range{-1.2F, 1.2F}));
}

TEST(AutoRange, StaysWhileThePictureFits) {
  AutoRange range;
  const Range first = range.update(0, 10, 0);
  for (int i = 1; i < 100; ++i) EXPECT_EQ(range.update(0.1f, 10.5f, i * kSecond), first);
}

TEST(AutoRange, GrowsAtOnceAndOnlyOnTheSideThatWasLeft) {
  AutoRange range;
  range.update(0, 10, 0);
  const Range grown = range.update(0, 20, 1);
  EXPECT_NEAR(grown.hi, 22, 1e-4);
  EXPECT_EQ(grown.lo, 0);
  EXPECT_EQ(range.update(0, 20, 2), grown);
}

TEST(AutoRange, ShrinksOnlyAfterTwoCalmSeconds) {
  AutoRange range;
  const Range wide = range.update(0, 10, 0);
  EXPECT_EQ(range.update(4, 5, 1), wide);
  EXPECT_EQ(range.update(4, 5, kSecond), wide);
  EXPECT_EQ(range.update(0, 10, kSecond + 1), wide);  // one wide picture starts the wait again
  EXPECT_EQ(range.update(4, 5, 3 * kSecond), wide);
  EXPECT_EQ(range.update(4, 5, 3 * kSecond + 100), wide);
  const Range narrow = range.update(4.5f, 5, 6 * kSecond);
  EXPECT_NEAR(narrow.lo, 3.9, 1e-4);
  EXPECT_NEAR(narrow.hi, 5.1, 1e-4);
}

TEST(AutoRange, DoesNotFlickerWhenThePictureBreathes) {
  AutoRange range;
  int changes = 0;
  Range last = range.update(-1, 1, 0);
  for (int i = 1; i < 60 * 30; ++i) {
    const float size = 1 + 0.3f * std::sin(0.1f * static_cast<float>(i));
    const Range now = range.update(-size, size, i * kSecond / 60);
    changes += now != last;
    last = now;
  }
  EXPECT_LE(changes, 3);
}

TEST(AutoRange, IsSymmetricWhenAskedTo) {
  AutoRange range({.kind = RangeWish::Kind::symmetric});
  EXPECT_EQ(range.range(), (Range{-1, 1}));
  const Range found = range.update(-1, 4, 0);
  EXPECT_EQ(found.lo, -found.hi);
  EXPECT_GE(found.hi, 4);
  const Range grown = range.update(-8, 4, 1);
  EXPECT_EQ(grown.lo, -grown.hi);
  EXPECT_GE(grown.hi, 8);
}

TEST(AutoRange, NeverMovesWhenFixed) {
  AutoRange range({.kind = RangeWish::Kind::fixed, .lo = -3, .hi = 5});
  EXPECT_EQ(range.range(), (Range{-3, 5}));
  EXPECT_EQ(range.update(-100, 100, 0), (Range{-3, 5}));
  EXPECT_EQ(range.update(0, 0.1f, 10 * kSecond), (Range{-3, 5}));
}

TEST(AutoRange, GivesAConstantPictureARangeAroundIt) {
  EXPECT_EQ(AutoRange().update(0, 0, 0), (Range{0, 1}));
  EXPECT_EQ(AutoRange().update(4, 4, 0), (Range{2, 6}));
  EXPECT_EQ(AutoRange().update(-4, -4, 0), (Range{-6, -2}));
}

TEST(AutoRange, IsNotMovedByAPictureWithoutNumbers) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  AutoRange range;
  EXPECT_EQ(range.update(nan, nan, 0), (Range{0, 1}));
  const Range first = range.update(0, 10, 1);
  EXPECT_EQ(range.update(INFINITY, -INFINITY, 2), first);
  EXPECT_EQ(range.update(-INFINITY, 3, 3), first);
}

TEST(AutoRange, IsUsableForHugeTinyAndCloseNumbers) {
  const float cases[][2] = {{-3e38f, 3e38f}, {0, 1e-42f},    {1e6f, 1e6f + 0.0625f},
                            {-1e-40f, 0},    {3e38f, 3e38f}, {1, 1.0000001f}};
  for (const auto& [lo, hi] : cases) {
    const Range range = AutoRange().update(lo, hi, 0);
    EXPECT_LT(range.lo, range.hi) << lo;
    EXPECT_TRUE(std::isfinite(range.hi - range.lo)) << lo;
    EXPECT_TRUE(std::isnormal((range.hi - range.lo) / 65534)) << lo;
  }
}

}  // namespace
}  // namespace atheria::wire
