#include "engine/field/exact_math.h"

#include <gtest/gtest.h>

#include <numbers>

namespace atheria {
namespace {

TEST(ExactMath, CosineAndSineAgreeWithTheLibrary) {
  for (int i = -4000; i <= 4000; ++i) {
    const double turns = i / 1000.0;
    const auto [cos, sin] = cos_sin_turns(turns);
    EXPECT_NEAR(cos, std::cos(2 * std::numbers::pi * turns), 3e-15) << turns;
    EXPECT_NEAR(sin, std::sin(2 * std::numbers::pi * turns), 3e-15) << turns;
  }
}

TEST(ExactMath, QuarterTurnsAreExact) {
  EXPECT_EQ(cos_sin_turns(0).cos, 1);
  EXPECT_EQ(cos_sin_turns(0.25).cos, 0);
  EXPECT_EQ(cos_sin_turns(0.25).sin, 1);
  EXPECT_EQ(cos_sin_turns(-0.5).cos, -1);
  EXPECT_EQ(cos_sin_turns(7.75).sin, -1);
}

TEST(ExactMath, TheExponentialAgreesWithTheLibrary) {
  for (int i = 0; i <= 7000; ++i) {
    const double x = -i / 10.0;
    EXPECT_NEAR(exp_below_zero(x) / std::exp(x), 1, 5e-16) << x;
  }
  EXPECT_EQ(exp_below_zero(0), 1);
  EXPECT_EQ(exp_below_zero(-1e300), 0);
}

}  // namespace
}  // namespace atheria
