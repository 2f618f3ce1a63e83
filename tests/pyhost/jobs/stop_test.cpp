#include "board_fixture.h"

// How a job is stopped: asked, given time, forced, and given up.
namespace atheria::jobs {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(BoardTest, AStopIsAskedForWithItsReason) {
  const std::string job = running(script("a"));
  EXPECT_EQ(board->cancel(job, "by c1", false), 1);
  EXPECT_THAT(executor.told(), ElementsAre("stop 1: by c1"));
  EXPECT_EQ(board->status(job).state, "cancelling");
  EXPECT_EQ(board->health().plane, "cancelling");
  board->done(job, {.outcome = "error", .exit_code = 1, .failure = {}, .left_behind = {}});
  EXPECT_EQ(board->status(job).outcome, "cancelled");
  EXPECT_EQ(board->status(job).exit_code, 130);
  EXPECT_EQ(board->health().plane, "idle");
}

TEST_F(BoardTest, AStopThatDidNotArriveIsRepeatedUntilItsGraceIsOver) {
  auto spec = script("a");
  spec.grace = std::chrono::seconds(2);
  const std::string job = running(spec);
  board->cancel(job, "", false);
  executor.told();
  pass(0.6);
  board->tick();
  EXPECT_THAT(executor.told(), ElementsAre("remind 1"));
  pass(1.5);
  board->tick();
  EXPECT_EQ(board->status(job).stage, 2);
  EXPECT_THAT(executor.told(), Contains("revoke 1"));
}

TEST_F(BoardTest, TheSecondStopForcesAtOnce) {
  const std::string job = running(script("a"));
  board->cancel(job, "", false);
  executor.told();
  EXPECT_EQ(board->cancel(job, "", false), 2);
  EXPECT_THAT(executor.told(), ElementsAre("revoke 1", "kill 1"));
  board->done(job, {.outcome = "killed", .exit_code = 137, .failure = {}, .left_behind = {}});
  EXPECT_EQ(board->status(job).exit_code, 137);
}

TEST_F(BoardTest, ForceSkipsTheFirstStage) {
  const std::string job = running(script("a"));
  EXPECT_EQ(board->cancel(job, "", true), 2);
  EXPECT_THAT(executor.told(), ElementsAre("revoke 1", "kill 1"));
}

TEST_F(BoardTest, WhatDoesNotEndTwoSecondsAfterBeingForcedIsStuckAndSaysWhere) {
  const std::string job = running(script("a"));
  board->cancel(job, "", true);
  pass(1.9);
  board->tick();
  EXPECT_EQ(board->status(job).stage, 2);
  pass(0.2);
  board->tick();
  EXPECT_EQ(board->status(job).stage, 3);
  const PythonHealth health = board->health();
  EXPECT_EQ(health.plane, "stuck");
  EXPECT_EQ(health.stacks, "line 3 in spin");
  EXPECT_THROW(board->run(script("b")), std::exception);
}

TEST_F(BoardTest, AStuckJobThatEndsAfterAllFreesPython) {
  const std::string job = running(script("a"));
  board->cancel(job, "", true);
  pass(3);
  board->tick();
  board->done(job, {});
  EXPECT_EQ(board->health().plane, "idle");
  EXPECT_EQ(board->health().reason, "");
  EXPECT_EQ(board->run(script("b")).state, "queued");
}

TEST_F(BoardTest, ADeadlineStopsWithItsOwnExitCode) {
  auto spec = script("a");
  spec.deadline = std::chrono::seconds(5);
  const std::string job = running(spec);
  pass(4.9);
  EXPECT_GT(board->tick(), time);
  EXPECT_THAT(executor.told(), IsEmpty());
  pass(0.2);
  board->tick();
  EXPECT_THAT(executor.told(), ElementsAre("stop 1: its 5 s are over"));
  board->done(job, {.outcome = "cancelled", .exit_code = 130, .failure = {}, .left_behind = {}});
  EXPECT_EQ(board->status(job).outcome, "timed_out");
  EXPECT_EQ(board->status(job).exit_code, 124);
}

TEST_F(BoardTest, GraceCanBeExtendedWhileAskedToStopAndHasALimit) {
  auto spec = script("a");
  spec.grace = std::chrono::seconds(1);
  const std::string job = running(spec);
  EXPECT_EQ(board->extend_grace(job, 5), 0);
  board->cancel(job, "", false);
  EXPECT_NEAR(board->extend_grace(job, 5), 5, 0.01);
  EXPECT_NEAR(board->extend_grace(job, 2), 5, 0.01);  // never shorter
  pass(4);
  board->tick();
  EXPECT_EQ(board->status(job).stage, 1);
  for (int i = 0; i < 10; ++i) {
    board->extend_grace(job, 600);
    pass(100);
  }
  board->tick();
  EXPECT_EQ(board->status(job).stage, 2);
}

TEST_F(BoardTest, AStopBetweenTheQueueAndTheStartPreventsTheStart) {
  const std::string job = board->run(script("a")).job;
  board->next(std::chrono::milliseconds(0));
  board->cancel(job, "", false);
  EXPECT_FALSE(board->started(job));
  EXPECT_EQ(board->status(job).outcome, "cancelled");
  EXPECT_THAT(executor.told(), IsEmpty());
}

TEST_F(BoardTest, AStopWhileItWaitsTakesItOutOfTheQueue) {
  const std::string first = board->run(script("a")).job;
  const std::string second = board->run(script("b")).job;
  board->cancel(first, "", false);
  EXPECT_EQ(board->status(first).exit_code, 130);
  EXPECT_EQ(board->next(std::chrono::milliseconds(0))->job, second);
}

TEST_F(BoardTest, AStopOfWhatHasEndedTouchesNobody) {
  const std::string first = running(script("a"));
  board->done(first, {});
  running(script("b"));
  board->cancel(first, "", true);
  EXPECT_THAT(executor.told(), IsEmpty());
  EXPECT_EQ(board->status(first).outcome, "ok");
}

TEST_F(BoardTest, ForcingEndsWhatRunsWhenTheServerIsInAHurry) {
  const std::string job = running(script("a"));
  board->close("the server is stopping");
  EXPECT_THAT(executor.told(), ElementsAre("stop 1: the server is stopping"));
  EXPECT_FALSE(board->idle());
  board->force();
  EXPECT_EQ(board->status(job).stage, 2);
}

}  // namespace
}  // namespace atheria::jobs
