#include "engine/run/simulation.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/pool.h"

namespace atheria {
namespace {

using ::testing::HasSubstr;

WorldSpec life(const std::string& init = "pattern:r-pentomino") {
  WorldSpec spec;
  spec.name = "w";
  spec.law = "life";
  spec.grid = {64, 64, 1};
  spec.init = init;
  return spec;
}

WorldSpec gray_scott() {
  WorldSpec spec;
  spec.name = "w";
  spec.law = "gray-scott";
  spec.grid = {32, 32, 1};
  spec.seed = 3;
  return spec;
}

std::vector<std::uint8_t> bytes(const Simulation& world) { return world.read("*").bytes; }

// Finite at first; u v^2 soon is not.
WorldSpec exploding() {
  auto spec = gray_scott();
  spec.init = "noise:lo=1e5,hi=1e6";
  return spec;
}

Paint dab(float x, float y) {
  Paint paint;
  paint.points = {{x, y}};
  return paint;
}

TEST(Simulation, AdvancesTheSameHoweverItIsCut) {
  Simulation whole(gray_scott()), cut(gray_scott());
  whole.advance(30, false);
  cut.advance(7, true);
  cut.advance(1, true);
  cut.advance(22, false);
  EXPECT_EQ(bytes(whole), bytes(cut));
  EXPECT_EQ(whole.time(), cut.time());
}

TEST(Simulation, KeepsTheFieldOneStepAgoWhenAsked) {
  Simulation world(life("pattern:blinker"));
  world.advance(3, true);
  ASSERT_NE(world.previous(), nullptr);
  Simulation earlier(life("pattern:blinker"));
  earlier.advance(2, false);
  EXPECT_TRUE(world.previous()->planes().equal(earlier.field().planes()));
  world.advance(1, false);
  EXPECT_EQ(world.previous(), nullptr);
}

TEST(Simulation, ResetRestoresPatternLawParametersAndSeed) {
  Simulation world(gray_scott());
  const auto start = bytes(world);
  const auto params = world.spec().params;
  world.advance(20, false);
  world.set_params({{"F", 0.02}});
  world.set_law({.law = "gray-scott", .preset = "", .params = {{"F", 0.03}}, .init = ""});
  world.paint(dab(3, 3));
  world.reset();
  EXPECT_EQ(world.step(), 0U);
  EXPECT_EQ(world.time(), 0.0);
  EXPECT_EQ(world.spec().params, params);
  EXPECT_EQ(world.spec().seed, 3U);
  EXPECT_EQ(bytes(world), start);
}

TEST(Simulation, ResetGoesBackToAPatternThatWasLoaded) {
  Simulation world(life("pattern:blinker"));
  world.seed({.seed = {}, .init = "pattern:glider"});
  const auto glider = bytes(world);
  world.advance(4, false);
  world.reset();
  EXPECT_EQ(bytes(world), glider);
}

TEST(Simulation, UndoAndRedoAreExact) {
  Simulation world(gray_scott());
  world.advance(5, false);
  const auto before = bytes(world);
  world.paint(dab(10, 10));
  const auto after = bytes(world);
  ASSERT_NE(before, after);
  world.advance(3, false);
  world.undo();
  EXPECT_EQ(bytes(world), before);
  EXPECT_EQ(world.step(), 5U);
  world.redo();
  EXPECT_EQ(world.step(), 8U);
  EXPECT_THROW(world.redo(), Error);
}

TEST(Simulation, DabsOfOneStrokeShareAnUndo) {
  Simulation world(life("empty"));
  auto first = dab(5, 5), second = dab(20, 20);
  first.stroke = second.stroke = 9;
  world.paint(first);
  world.paint(second);
  EXPECT_EQ(world.history().undo_count(), 1U);
  world.undo();
  EXPECT_EQ(world.field().dense().sum().item<std::int64_t>(), 0);
}

TEST(Simulation, RefusedParametersChangeNothing) {
  Simulation world(gray_scott());
  const auto before = world.spec().params;
  try {
    world.set_params({{"F", 0.05}, {"k", 9000.0}});
    FAIL() << "9000 was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.path(), "params.k");
  }
  EXPECT_EQ(world.spec().params, before);
}

TEST(Simulation, RefusedPaintLeavesNoUndo) {
  Simulation world(life());
  auto paint = dab(3, 3);
  paint.radius = 900;
  EXPECT_THROW(world.paint(paint), Error);
  EXPECT_EQ(world.history().undo_count(), 0U);
}

TEST(Simulation, PaintThatDoesNotFitTheFieldLeavesNoUndo) {
  Simulation world(life());
  auto paint = dab(3, 3);
  paint.z = 7;  // the field has one layer
  EXPECT_THROW(world.paint(paint), Error);
  EXPECT_EQ(world.history().undo_count(), 0U);
}

TEST(Simulation, RefusedLawChangeLeavesLawPresetAndUndoAsTheyWere) {
  Simulation world(gray_scott());
  const auto before = world.spec();
  command::SetLaw change;
  change.law = "gray-scott";
  change.preset = "mitosis";
  change.params = {{"k", 9000.0}};
  EXPECT_THROW(world.set_law(change), Error);
  EXPECT_EQ(world.spec().preset, before.preset);
  EXPECT_EQ(world.spec().params, before.params);
  EXPECT_EQ(world.history().undo_count(), 0U);
}

TEST(Simulation, ReturnsToTheLastGoodStepWhenNumbersGoWrong) {
  Simulation world(exploding());
  world.advance(100, false);
  EXPECT_THAT(world.check(), HasSubstr("NaN"));
  EXPECT_LT(world.step(), 100U);
  EXPECT_TRUE(all_finite(world.field()));
  world.advance(1, false);
  EXPECT_FALSE(all_finite(world.field())) << "the good step was not the last one";
}

TEST(Simulation, GuardOffLetsNanThrough) {
  auto spec = exploding();
  spec.guard = Guard::off;
  Simulation world(spec);
  world.advance(100, false);
  EXPECT_EQ(world.check(), "");
  EXPECT_FALSE(all_finite(world.field()));
}

TEST(Simulation, ReadsExactNumbersWithNamesAndShape) {
  Simulation world(gray_scott());
  const auto u = world.read("");
  EXPECT_EQ(u.descr, "<f4");
  EXPECT_EQ(u.shape, (std::vector<std::int64_t>{32, 32}));
  EXPECT_EQ(u.bytes, world.read("u").bytes);
  EXPECT_EQ(world.read("*").shape, (std::vector<std::int64_t>{2, 32, 32}));
  EXPECT_THROW(world.read("nope"), Error);
}

TEST(Simulation, TakesTheRuleOfAnRle) {
  Simulation world(life("x = 3, y = 1, rule = B36/S23\n3o!"));
  EXPECT_EQ(std::get<std::string>(world.spec().params.at("rule")), "B36/S23");
}

TEST(Simulation, ANewLawStartsItsOwnField) {
  Simulation world(life());
  world.advance(3, false);
  world.set_law({.law = "gray-scott", .preset = "", .params = {}, .init = ""});
  EXPECT_EQ(world.law().name, "gray-scott");
  EXPECT_EQ(world.step(), 0U);
  EXPECT_EQ(world.field().channels(), 2);
  world.undo();
  EXPECT_EQ(world.law().name, "life");
  EXPECT_EQ(world.step(), 3U);
}

}  // namespace
}  // namespace atheria
