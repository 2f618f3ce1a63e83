#include "engine/run/checkpoint.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "engine/run/simulation.h"
#include "engine/run/worlds.h"
#include "engine/store/safetensors.h"
#include "tests/support/watcher.h"

// A world that goes on from a file as if nothing had been.
namespace atheria {
namespace {

using ::testing::HasSubstr;

WorldSpec world(const std::string& law, GridSpec grid) {
  WorldSpec spec;
  spec.name = "w";
  spec.law = law;
  spec.grid = grid;
  spec.seed = 0xFEDC'BA98'7654'3210;
  spec.pace = {.mode = Pace::Mode::full, .every = 3, .max_fps = 12.5, .steps_per_second = 7};
  spec.guard = Guard::off;
  return spec;
}

class CheckpointTest : public ::testing::Test {
 protected:
  CheckpointTest() : file_(::testing::TempDir() + "checkpoint-" + std::to_string(getpid())) {}
  ~CheckpointTest() override { std::filesystem::remove(file_); }

  // Some life, a save, and the same future with and without a break.
  void goes_on(const WorldSpec& spec, const ParamMap& change = {}) {
    Simulation whole(spec);
    whole.advance(7, false);
    if (!change.empty()) whole.set_params(change);
    whole.advance(6, true);
    const Checkpoint made = save(whole, file_);
    Simulation again(made);
    expect_equal(whole, again);
    whole.advance(50, false);
    again.advance(20, true);
    again.advance(30, false);
    expect_equal(whole, again);
    whole.reset();
    again.reset();
    whole.advance(5, false);
    again.advance(5, false);
    expect_equal(whole, again);
  }

  static void expect_equal(const Simulation& a, const Simulation& b) {
    EXPECT_TRUE(a.field().planes().equal(b.field().planes())) << a.spec().law;
    EXPECT_EQ(a.field().planes().scalar_type(), b.field().planes().scalar_type());
    EXPECT_EQ(a.step(), b.step());
    EXPECT_EQ(a.time(), b.time());
    const WorldSpec& one = a.spec();
    const WorldSpec& other = b.spec();
    EXPECT_EQ(one.name, other.name);
    EXPECT_EQ(one.law, other.law);
    EXPECT_EQ(one.preset, other.preset);
    EXPECT_EQ(one.params, other.params);
    EXPECT_EQ(one.grid, other.grid);
    EXPECT_EQ(one.dtype, other.dtype);
    EXPECT_EQ(one.path, other.path);
    EXPECT_EQ(one.init, other.init);
    EXPECT_EQ(one.seed, other.seed);
    EXPECT_EQ(one.pace.mode, other.pace.mode);
    EXPECT_EQ(one.pace.every, other.pace.every);
    EXPECT_EQ(one.pace.max_fps, other.pace.max_fps);
    EXPECT_EQ(one.pace.steps_per_second, other.pace.steps_per_second);
    EXPECT_EQ(one.guard, other.guard);
  }

  const std::string file_;
};

TEST_F(CheckpointTest, BitsGoOn) {
  auto spec = world("life", {70, 50, 1});
  spec.init = "noise:density=0.3";
  goes_on(spec);
}

TEST_F(CheckpointTest, Float32InThreeDimensionsGoesOn) {
  goes_on(world("gray-scott", {16, 12, 8}), {{"F", 0.031}});
}

TEST_F(CheckpointTest, Float64GoesOnAndTimeToTheLastBit) {
  auto spec = world("gray-scott", {32, 24, 1});
  spec.dtype = "f64";
  goes_on(spec);
  spec = world("schrodinger", {32, 32, 1});
  goes_on(spec, {{"dt", 0.013}});
}

TEST_F(CheckpointTest, ALawWithChanceGoesOn) {
  auto spec = world("nca", {32, 32, 1});
  goes_on(spec);
}

TEST_F(CheckpointTest, AWorldWithItsThreadGoesOnPlayingOrFailedAsItWas) {
  Simulation before(world("life", {64, 64, 1}));
  before.advance(9, false);
  Checkpoint made = save(before, file_);
  made.spec.playing = false;
  made.failure = "it broke";
  testing::Watcher watcher;
  Worlds worlds(watcher);
  const auto runner = worlds.resume(made);
  EXPECT_EQ(runner->state().step, 9U);
  EXPECT_FALSE(runner->state().playing);
  EXPECT_EQ(runner->state().failure, "it broke");
  EXPECT_THROW(worlds.resume(made), Error) << "the name is taken";
  made.spec.name = "other";
  made.spec.playing = true;
  EXPECT_TRUE(worlds.resume(made)->state().playing);
}

TEST_F(CheckpointTest, AFileOfAnotherShapeIsRefused) {
  Simulation before(world("gray-scott", {32, 32, 1}));
  Checkpoint made = save(before, file_);
  made.spec.grid = {16, 32, 1};
  try {
    Simulation again(made);
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("[2, 1, 32, 16]; found Float [2, 1, 32, 32]"));
  }
}

TEST_F(CheckpointTest, WhatCannotBeWrittenIsAnError) {
  const Simulation before(world("life", {64, 64, 1}));
  EXPECT_THROW(save(before, "/nowhere/at/all"), Error);
}

}  // namespace
}  // namespace atheria
