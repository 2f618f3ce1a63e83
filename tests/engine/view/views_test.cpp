#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numbers>

#include "engine/base/error.h"
#include "engine/view/render.h"
#include "tests/engine/view/sample_laws.h"

namespace atheria {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> names_of(const LawInfo& law) {
  std::vector<std::string> names;
  for (const ViewInfo& view : views_of(law)) names.push_back(view.name);
  return names;
}

TEST(Views, EveryLawHasItsChannelsAndItsChange) {
  EXPECT_THAT(names_of(one_channel()), ElementsAre("u", "change"));
}

TEST(Views, AComplexLawHasDensityAndPhase) {
  EXPECT_THAT(names_of(complex_law()), ElementsAre("re", "im", "density", "phase", "change"));
}

TEST(Views, ThreeChannelsMakeAColour) {
  EXPECT_THAT(names_of(coloured_law()), ElementsAre("r", "g", "b", "a", "rgb", "change"));
  EXPECT_EQ(find_view(coloured_law(), "rgb").channels, 3);
}

TEST(Views, AChannelSaysItsUnitAndSpan) {
  const ViewInfo view = find_view(one_channel(), "u");
  EXPECT_EQ(view.unit, "mol");
  EXPECT_EQ(view.lo, -1);
  EXPECT_EQ(view.hi, 3);
  EXPECT_FALSE(view.cyclic);
}

TEST(Views, DensitySpansTheSquareOfTheAmplitude) {
  EXPECT_EQ(find_view(complex_law(), "density").lo, 0);
  EXPECT_EQ(find_view(complex_law(), "density").hi, 4);
}

TEST(Views, PhaseIsCyclic) {
  const ViewInfo phase = find_view(complex_law(), "phase");
  EXPECT_TRUE(phase.cyclic);
  EXPECT_EQ(phase.hi, std::numbers::pi);
}

TEST(Views, ABitChangesByOne) { EXPECT_EQ(find_view(bits_law(), "change").hi, 1); }

TEST(Views, NoNameMeansTheLawsOwnView) {
  EXPECT_EQ(find_view(complex_law(), "").name, "density");
  EXPECT_EQ(find_view(bits_law(), "").name, "alive");
}

TEST(Views, AnUnknownNameIsAnsweredWithThoseThatExist) {
  try {
    find_view(one_channel(), "phase");
    FAIL() << "found a view that does not exist";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::not_found);
    EXPECT_THAT(error.what(), HasSubstr("'phase'; it has u, change"));
  }
}

TEST(Views, OnlyChangeNeedsTheStepBefore) {
  EXPECT_TRUE(needs_previous({.name = "change"}));
  EXPECT_FALSE(needs_previous({.name = "u"}));
}

}  // namespace
}  // namespace atheria
