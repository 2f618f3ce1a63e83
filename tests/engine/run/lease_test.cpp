#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/clock.h"
#include "engine/run/lease.h"
#include "engine/run/simulation.h"
#include "tests/support/watcher.h"

// A world that stands still for one holder.
namespace atheria {
namespace {

using testing::ask;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Watcher;

constexpr std::uint64_t kLong = 3'600'000'000;

WorldSpec life(bool playing = false) {
  WorldSpec spec;
  spec.name = "w";
  spec.law = "life";
  spec.grid = {48, 40, 1};
  spec.init = "noise:density=0.3";
  spec.playing = playing;
  return spec;
}

command::Park park(std::uint64_t id, std::uint64_t for_us = kLong) {
  return {.lease = id, .owner = "job 12", .for_us = for_us, .enter = {}, .leave = {}};
}

// Posts without waiting.
std::future<Outcome> post(Runner& runner, CommandBody body) {
  auto promise = std::make_shared<std::promise<Outcome>>();
  auto outcome = promise->get_future();
  runner.post({std::move(body), [promise](Outcome done) { promise->set_value(std::move(done)); }});
  return outcome;
}

Outcome wait(std::future<Outcome>& outcome) {
  EXPECT_EQ(outcome.wait_for(testing::kLimit), std::future_status::ready);
  return outcome.get();
}

std::uint64_t step_of(Runner& runner) { return ask(runner, command::Describe{}).step; }

// What a lease's end says, for tests to wait on.
struct End {
  std::promise<std::string> promise;
  std::future<std::string> why = promise.get_future();
  auto leave() {
    return [this](Simulation&, const std::string& text) { promise.set_value(text); };
  }
  std::string wait() {
    EXPECT_EQ(why.wait_for(testing::kLimit), std::future_status::ready);
    return why.get();
  }
};

TEST(Visit, LooksBetweenTwoStepsAndItsErrorIsTheAnswer) {
  Watcher watcher;
  Runner runner(life(true), watcher);
  std::uint64_t seen = 0;
  const auto outcome = ask(runner, command::Visit{[&](Simulation& world) { seen = world.step(); }});
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(outcome.step, seen);
  const auto refused = ask(runner, command::Visit{[](Simulation&) {
                             throw Error(ErrorKind::not_found, "no such thing", "channel");
                           }});
  EXPECT_EQ(refused.error->kind(), ErrorKind::not_found);
  EXPECT_EQ(refused.error->path(), "channel");
  const auto failed =
      ask(runner, command::Visit{[](Simulation&) { throw std::runtime_error("oops"); }});
  EXPECT_EQ(failed.error->kind(), ErrorKind::internal);
  EXPECT_FALSE(ask(runner, command::Describe{}).error);
}

TEST(Visit, ThatLoadsIsAnEditThatIsShownAndUndone) {
  Watcher watcher;
  Runner runner(life(), watcher);
  ask(runner, command::Watch{.id = 1, .view = {.name = "alive"}, .max_fps = 0});
  watcher.waits_for_frames(1);
  const auto load = [](Simulation& world) { world.load("", at::ones({1, 1, 40, 48})); };
  EXPECT_FALSE(ask(runner, command::Visit{load}).error);
  EXPECT_EQ(watcher.waits_for_frames(2)[1]->picture.lo, 1.0F);
  EXPECT_EQ(runner.state().undo, 1U);
  EXPECT_FALSE(ask(runner, command::Undo{}).error);
  EXPECT_EQ(watcher.waits_for_frames(3)[2]->picture.lo, 0.0F);
}

TEST(Visit, ThatLoadsAnotherShapeChangesNothing) {
  Watcher watcher;
  Runner runner(life(), watcher);
  const auto load = [](Simulation& world) { world.load("", at::ones({1, 40, 48})); };
  EXPECT_EQ(ask(runner, command::Visit{load}).error->kind(), ErrorKind::bad_args);
  EXPECT_EQ(runner.state().undo, 0U);
}

TEST(Lease, HoldsARunningWorldStillAndLetsItGoOn) {
  Watcher watcher;
  Runner runner(life(true), watcher);
  const auto at = ask(runner, park(1)).step;
  EXPECT_EQ(step_of(runner), at);
  EXPECT_EQ(step_of(runner), at);
  const auto state = runner.state();
  EXPECT_EQ(state.leased_by, "job 12");
  EXPECT_TRUE(state.playing);
  EXPECT_FALSE(ask(runner, command::Unpark{1}).error);
  EXPECT_EQ(runner.state().leased_by, "");
  EXPECT_GT(ask(runner, command::Step{1}).step, at);
}

TEST(Lease, EntersAndLeavesOnTheWorldsThread) {
  Watcher watcher;
  Runner runner(life(), watcher);
  std::thread::id entered, left;
  std::string why;
  auto parked = park(1);
  parked.enter = [&](Simulation&) { entered = std::this_thread::get_id(); };
  parked.leave = [&](Simulation&, const std::string& text) {
    left = std::this_thread::get_id();
    why = text;
  };
  ask(runner, parked);
  ask(runner, command::Unpark{1});
  EXPECT_EQ(entered, left);
  EXPECT_NE(entered, std::this_thread::get_id());
  EXPECT_EQ(why, "released");
}

TEST(Lease, ThatCannotBeginIsNone) {
  Watcher watcher;
  Runner runner(life(), watcher);
  auto parked = park(1);
  parked.enter = [](Simulation&) { throw Error(ErrorKind::not_found, "no"); };
  EXPECT_EQ(ask(runner, parked).error->kind(), ErrorKind::not_found);
  EXPECT_EQ(runner.state().leased_by, "");
  EXPECT_FALSE(ask(runner, command::Step{1}).error);
}

TEST(Lease, ASecondIsRefusedAtOnceNamingTheOwner) {
  Watcher watcher;
  Runner runner(life(), watcher);
  ask(runner, park(1));
  const auto outcome = ask(runner, park(2));
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind(), ErrorKind::busy);
  EXPECT_THAT(outcome.error->what(), HasSubstr("world 'w' is held by job 12 since "));
  EXPECT_EQ(ask(runner, command::Unpark{2}).error->kind(), ErrorKind::not_found);
  EXPECT_EQ(runner.state().leased_by, "job 12");
}

TEST(Lease, PutsOffWhatTouchesTheFieldAndDoesItInOrder) {
  Watcher watcher;
  Runner runner(life(), watcher);
  ask(runner, park(1));
  std::vector<std::string> order;
  const auto note = [&](const char* what) {
    return [&order, what](Outcome) { order.push_back(what); };
  };
  runner.post({command::Step{5}, note("step")});
  runner.post({command::ReadField{}, note("read")});
  runner.post({command::Seed{.seed = 7, .init = ""}, note("seed")});
  runner.post({command::SetPace{}, note("pace")});
  runner.post({command::Describe{}, note("describe")});
  ask(runner, command::Describe{});
  EXPECT_THAT(order, ElementsAre("pace", "describe"));
  ask(runner, command::Unpark{1});
  ask(runner, command::ReadField{});
  // The read comes while the step goes on; the new start cancels what is left of it.
  EXPECT_THAT(order, ::testing::UnorderedElementsAre("pace", "describe", "read", "step", "seed"));
  EXPECT_EQ(runner.state().spec.seed, 7U);
}

TEST(Lease, AnswersPlayAndPauseAtOnce) {
  Watcher watcher;
  Runner runner(life(true), watcher);
  const auto at = ask(runner, park(1)).step;
  EXPECT_FALSE(ask(runner, command::Pause{}).error);
  EXPECT_FALSE(runner.state().playing);
  EXPECT_FALSE(ask(runner, command::Play{}).error);
  EXPECT_FALSE(ask(runner, command::SetGuard{Guard::off}).error);
  EXPECT_FALSE(ask(runner, command::WatchSeries{true, 20}).error);
  EXPECT_TRUE(runner.state().playing);
  EXPECT_EQ(step_of(runner), at);
}

TEST(Lease, AStepInProgressIsFinishedAfterwards) {
  Watcher watcher;
  Runner runner(life(), watcher);
  auto stepped = post(runner, command::Step{20'000});
  const auto at = ask(runner, park(1)).step;
  ASSERT_LT(at, 20'000U);
  EXPECT_EQ(step_of(runner), at);
  ask(runner, command::Unpark{1});
  EXPECT_EQ(wait(stepped).step, 20'000U);
}

TEST(Lease, StepsExactlyWhatItsHolderAsks) {
  Watcher watcher;
  Runner runner(life(), watcher), free(life(), watcher);
  ask(runner, park(1));
  EXPECT_EQ(ask(runner, command::StepParked{1, 10'000}).step, 10'000U);
  EXPECT_EQ(ask(runner, command::StepParked{1, 1}).step, 10'001U);
  EXPECT_EQ(step_of(runner), 10'001U);
  EXPECT_EQ(ask(runner, command::StepParked{2, 1}).error->kind(), ErrorKind::not_found);
  ask(runner, command::Unpark{1});
  ask(free, command::Step{10'001});
  EXPECT_EQ(std::get<FieldCopy>(ask(runner, command::ReadField{}).data).bytes,
            std::get<FieldCopy>(ask(free, command::ReadField{}).data).bytes);
}

TEST(Lease, ShowsNothingBeforeItEndsAndThenWhatWasWritten) {
  Watcher watcher;
  Runner runner(life(), watcher);
  ask(runner, command::Watch{.id = 1, .view = {.name = "alive"}, .max_fps = 0});
  watcher.waits_for_frames(1);
  auto parked = park(1);
  parked.enter = [](Simulation& world) { world.field_to_write().planes().zero_(); };
  ask(runner, parked);
  ask(runner, command::StepParked{1, 100});
  ask(runner, command::Describe{});
  EXPECT_EQ(watcher.frames(), 1U);
  ask(runner, command::Unpark{1});
  const auto frame = watcher.waits_for_frames(2)[1];
  EXPECT_EQ(frame->step, 100U);
  EXPECT_EQ(frame->picture.hi, 0.0F);
}

TEST(Lease, EndsByItselfAndTheWorldGoesOnForThoseWhoWatch) {
  Watcher watcher;
  Runner runner(life(true), watcher);
  ask(runner, command::Watch{.id = 1, .view = {.name = "alive"}, .max_fps = 240});
  watcher.waits_for_frames(1);
  End end;
  auto parked = park(1, 30'000);
  parked.leave = end.leave();
  const auto at = ask(runner, parked).step;
  auto read = post(runner, command::ReadField{});
  EXPECT_EQ(end.wait(), "expired after 0.03 s");
  EXPECT_FALSE(wait(read).error);
  const auto late = ask(runner, command::Unpark{1});
  EXPECT_EQ(late.error->kind(), ErrorKind::conflict);
  EXPECT_THAT(late.error->what(), HasSubstr("has ended: expired after 0.03 s"));
  EXPECT_EQ(ask(runner, command::StepParked{1, 1}).error->kind(), ErrorKind::conflict);
  const auto frames = watcher.waits_for_frames(watcher.frames() + 2);
  EXPECT_GT(frames.back()->step, at);
}

TEST(Lease, ThatExpiresWhileItStepsSaysSo) {
  Watcher watcher;
  Runner runner(life(), watcher);
  ask(runner, park(1, 30'000));
  const auto outcome = ask(runner, command::StepParked{1, 4'000'000'000});
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind(), ErrorKind::conflict);
  EXPECT_THAT(outcome.error->what(), HasSubstr("expired after 0.03 s"));
  EXPECT_GT(outcome.step, 0U);
  EXPECT_EQ(step_of(runner), outcome.step);
}

TEST(Lease, StopsStepsUnderWayWhenAskedForNone) {
  Watcher watcher;
  Runner runner(life(), watcher);
  ask(runner, park(1));
  auto stepping = post(runner, command::StepParked{1, 4'000'000'000});
  const auto at = ask(runner, command::StepParked{1, 0});
  EXPECT_FALSE(at.error);
  EXPECT_EQ(wait(stepping).error->kind(), ErrorKind::cancelled);
  EXPECT_EQ(step_of(runner), at.step);
  EXPECT_EQ(runner.state().leased_by, "job 12");
}

TEST(Lease, IsReleasedWhileItSteps) {
  Watcher watcher;
  Runner runner(life(), watcher);
  ask(runner, park(1));
  auto stepping = post(runner, command::StepParked{1, 4'000'000'000});
  EXPECT_FALSE(ask(runner, command::Unpark{1, "revoked"}).error);
  EXPECT_THAT(wait(stepping).error->what(), HasSubstr("revoked"));
}

TEST(Lease, EndsWithItsWorld) {
  Watcher watcher;
  End end;
  std::future<Outcome> stepping, reading;
  {
    Runner runner(life(true), watcher);
    auto parked = park(1);
    parked.leave = end.leave();
    ask(runner, parked);
    stepping = post(runner, command::StepParked{1, 4'000'000'000});
    reading = post(runner, command::ReadField{});
    ask(runner, command::Describe{});
  }
  EXPECT_EQ(end.wait(), "the world was deleted");
  EXPECT_THAT(wait(stepping).error->what(), HasSubstr("the world was deleted"));
  EXPECT_EQ(wait(reading).error->kind(), ErrorKind::cancelled);
}

TEST(Lease, OfALawThatFailsGoesBackToTheLastGoodStepAndIsKept) {
  Watcher watcher;
  WorldSpec spec;
  spec.name = "wild";
  spec.law = "gray-scott";
  spec.grid = {32, 32, 1};
  spec.init = "noise:lo=1e5,hi=1e6";
  spec.playing = false;
  Runner runner(spec, watcher);
  ask(runner, park(1));
  const auto outcome = ask(runner, command::StepParked{1, 100});
  EXPECT_THAT(outcome.error->what(), HasSubstr("NaN"));
  EXPECT_LT(outcome.step, 100U);
  EXPECT_EQ(runner.state().leased_by, "job 12");
  EXPECT_THAT(watcher.waits_for_failure(), HasSubstr("NaN"));
  bool finite = false;
  auto look = post(runner, command::Visit{[&](Simulation& w) { finite = all_finite(w.field()); }});
  EXPECT_FALSE(ask(runner, command::Unpark{1}).error);
  EXPECT_FALSE(wait(look).error);
  EXPECT_TRUE(finite);
}

TEST(Lease, WhatItsHolderBrokeIsFoundWhenTheWorldGoesOn) {
  Watcher watcher;
  auto spec = life(true);
  spec.law = "gray-scott";
  spec.init.clear();
  Runner runner(spec, watcher);
  auto parked = park(1);
  parked.enter = [](Simulation& world) { world.field_to_write().planes().fill_(NAN); };
  ask(runner, parked);
  ask(runner, command::Unpark{1});
  EXPECT_THAT(watcher.waits_for_failure(), HasSubstr("NaN"));
  EXPECT_FALSE(runner.state().playing);
}

TEST(Lease, LeavesCommandsItCannotKeepBusy) {
  Watcher watcher;
  Runner runner(life(), watcher);
  ask(runner, park(1));
  for (std::size_t i = 0; i < Lease::kMostDeferred; ++i) {
    runner.post({command::Measure{}});
    if (i % 1000 == 0) ask(runner, command::Describe{});
  }
  const auto outcome = ask(runner, command::Measure{});
  EXPECT_EQ(outcome.error->kind(), ErrorKind::busy);
  EXPECT_THAT(outcome.error->what(), HasSubstr("job 12"));
  EXPECT_FALSE(ask(runner, command::Unpark{1}).error);
  EXPECT_FALSE(ask(runner, command::Measure{}).error);
}

TEST(Lease, OneThatTakesOverRevokesTheOther) {
  Watcher watcher;
  Runner runner(life(), watcher);
  End end;
  auto first = park(1);
  first.leave = end.leave();
  EXPECT_FALSE(ask(runner, first).error);
  auto second = park(2);
  second.owner = "the server";
  second.takes_over = true;
  EXPECT_FALSE(ask(runner, second).error);
  EXPECT_EQ(end.wait(), "revoked");
  EXPECT_EQ(runner.state().leased_by, "the server");
  EXPECT_THAT(ask(runner, command::Unpark{.lease = 1}).error->what(), HasSubstr("revoked"));
  EXPECT_FALSE(ask(runner, command::Unpark{.lease = 2}).error);
}

}  // namespace
}  // namespace atheria
