#include "engine/run/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "engine/run/catalog.h"
#include "engine/run/worlds.h"
#include "tests/support/watcher.h"

namespace atheria {
namespace {

using testing::ask;
using ::testing::HasSubstr;
using testing::Watcher;

WorldSpec life(bool playing = false) {
  WorldSpec spec;
  spec.name = "w";
  spec.law = "life";
  spec.grid = {48, 40, 1};
  spec.init = "noise:density=0.3";
  spec.playing = playing;
  return spec;
}

// A look at the world's first channel. 0 frames a second: no cap.
command::Watch watch(std::uint64_t id, double fps = 240, std::uint32_t every = 1) {
  ViewSpec view;
  view.name = law_info("life").channels[0].name;
  return {id, view, fps, every};
}

TEST(Runner, StepTakesExactlyThatManyAndPauses) {
  Watcher watcher;
  Runner runner(life(true), watcher);
  const auto from = ask(runner, command::Pause{}).step;
  EXPECT_EQ(ask(runner, command::Step{1000}).step, from + 1000);
  EXPECT_FALSE(runner.state().playing);
  EXPECT_EQ(ask(runner, command::Describe{}).step, from + 1000);
}

TEST(Runner, WhatIsWatchedNeverChangesWhatIsComputed) {
  Watcher watcher;
  Runner seen(life(), watcher), unseen(life(), watcher);
  ask(seen, watch(1, 0, 7));
  auto change = watch(2);
  change.view.name = "change";
  ask(seen, change);
  ask(seen, command::WatchSeries{true, 50});
  ask(seen, command::Step{500});
  ask(unseen, command::Step{500});
  const auto a = std::get<FieldCopy>(ask(seen, command::ReadField{}).data);
  const auto b = std::get<FieldCopy>(ask(unseen, command::ReadField{}).data);
  EXPECT_EQ(a.bytes, b.bytes);
}

TEST(Runner, ShowsEveryNthStepToALosslessWatch) {
  Watcher watcher;
  Runner runner(life(), watcher);
  ask(runner, watch(1, 0, 10));
  ask(runner, command::Step{100});
  const auto frames = watcher.waits_for_frames(11);
  for (std::size_t i = 0; i < 11; ++i) EXPECT_EQ(frames[i]->step, i * 10);
}

TEST(Runner, ManualPaceShowsOnlyWhatWasAskedFor) {
  Watcher watcher;
  auto spec = life();
  spec.pace.mode = Pace::Mode::manual;
  Runner runner(spec, watcher);
  ask(runner, watch(1));
  watcher.waits_for_frames(1);
  ask(runner, command::Step{300});
  const auto frames = watcher.waits_for_frames(2);
  EXPECT_EQ(frames[1]->step, 300U);
  EXPECT_EQ(watcher.frames(), 2U);
}

TEST(Runner, APausedWorldShowsAnEdit) {
  Watcher watcher;
  auto spec = life();
  spec.init = "empty";
  Runner runner(spec, watcher);
  ask(runner, watch(1));
  EXPECT_EQ(watcher.waits_for_frames(1)[0]->picture.hi, 0.0F);
  Paint paint;
  paint.points = {{10, 10}};
  ask(runner, command::PaintStroke{paint});
  const auto frame = watcher.waits_for_frames(2)[1];
  EXPECT_EQ(frame->picture.hi, 1.0F);
  EXPECT_TRUE(frame->still);
}

TEST(Runner, AnswersEachCommandOnceAndInOrder) {
  Watcher watcher;
  Runner runner(life(), watcher);
  std::vector<std::uint64_t> order;
  for (std::uint64_t i = 0; i < 100; ++i)
    runner.post({command::Describe{}, [&order, i](Outcome) { order.push_back(i); }});
  ask(runner, command::Describe{});
  ASSERT_EQ(order.size(), 100U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(Runner, PauseCancelsALongStep) {
  Watcher watcher;
  Runner runner(life(), watcher);
  auto promise = std::make_shared<std::promise<Outcome>>();
  auto cancelled = promise->get_future();
  runner.post({command::Step{1'000'000'000},
               [promise](Outcome done) { promise->set_value(std::move(done)); }});
  ask(runner, command::Pause{});
  ASSERT_EQ(cancelled.wait_for(testing::kLimit), std::future_status::ready);
  const auto outcome = cancelled.get();
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->kind(), ErrorKind::cancelled);
}

TEST(Runner, PausesAndSaysWhyWhenNumbersGoWrong) {
  Watcher watcher;
  WorldSpec spec;
  spec.name = "wild";
  spec.law = "gray-scott";
  spec.grid = {32, 32, 1};
  spec.init = "noise:lo=1e5,hi=1e6";
  Runner runner(spec, watcher);
  EXPECT_THAT(watcher.waits_for_failure(), HasSubstr("NaN"));
  const auto state = std::get<WorldState>(ask(runner, command::Describe{}).data);
  EXPECT_FALSE(state.playing);
  EXPECT_THAT(state.failure, HasSubstr("paused at step"));
  ask(runner, command::Reset{});
  EXPECT_EQ(runner.state().failure, "");
}

TEST(Runner, HoldsItsSpeedLimitAndAnIdleWorldCostsNothing) {
  Watcher watcher;
  auto spec = life(true);
  spec.pace.steps_per_second = 50;
  Runner runner(spec, watcher);
  ask(runner, watch(1));
  const auto cpu = std::clock();
  const auto frames = watcher.waits_for_frames(6);
  const double used = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  const double seconds = static_cast<double>(frames[5]->made_us - frames[1]->made_us) * 1e-6;
  // Steps can be late on a busy machine, never early: 4 frames are at least 3 periods of 20 ms.
  EXPECT_GE(seconds, 0.06 * (static_cast<double>(frames[5]->step - frames[1]->step) / 4 - 0.5));
  EXPECT_LT(used, 2.0);
}

TEST(Runner, RefusesAWorldThatCannotBe) {
  Watcher watcher;
  auto spec = life();
  spec.law = "nope";
  EXPECT_THROW(Runner(spec, watcher), Error);
  spec = life();
  spec.device = "cuda:7";
  EXPECT_THROW(Runner(spec, watcher), Error);
  spec = life();
  spec.init = "file=/does/not/exist.rle";
  EXPECT_THROW(Runner(spec, watcher), Error);
}

TEST(Runner, RefusesAnUnknownViewAndKeepsRunning) {
  Watcher watcher;
  Runner runner(life(), watcher);
  auto wrong = watch(1);
  wrong.view.name = "nope";
  EXPECT_EQ(ask(runner, wrong).error->kind(), ErrorKind::not_found);
  EXPECT_FALSE(ask(runner, command::Step{1}).error);
}

TEST(Runner, AWatchOfALayerThatIsNotThereIsRefused) {
  Watcher watcher;
  Runner runner(life(), watcher);
  auto wrong = watch(1);
  wrong.view.z = 5;
  EXPECT_EQ(ask(runner, wrong).error->path(), "args.z");
  EXPECT_FALSE(ask(runner, command::Step{1}).error);
}

TEST(Runner, AnotherLawDropsWatchesOfViewsItDoesNotHave) {
  Watcher watcher;
  Runner runner(life(), watcher);
  ask(runner, watch(1));
  watcher.waits_for_frames(1);
  command::SetLaw change;
  change.law = "gray-scott";
  EXPECT_FALSE(ask(runner, change).error);
  EXPECT_FALSE(ask(runner, command::Step{3}).error);
  EXPECT_EQ(ask(runner, command::Undo{}).step, 0U);
  EXPECT_FALSE(ask(runner, command::Step{3}).error);
  auto again = watch(2);
  EXPECT_FALSE(ask(runner, again).error);
}

TEST(Runner, PauseOfAStillWorldTellsNobody) {
  Watcher watcher;
  Runner runner(life(), watcher);
  const auto before = runner.state().revision;
  ask(runner, command::Pause{});
  EXPECT_EQ(runner.state().revision, before);
}

TEST(Runner, AStepKnowsTheStepBeforeItAlthoughNobodyWatched) {
  Watcher watcher;
  Runner runner(life(), watcher);
  ask(runner, command::Step{5});
  const auto measured = std::get<MeasureResult>(ask(runner, command::Measure{}).data);
  const auto names = series_of(law_info("life"));
  ASSERT_EQ(names.back().name, "activity");
  EXPECT_GT(measured.values.back(), 0);
}

TEST(Runner, TheLastSampleIsOfTheStepItStandsAt) {
  Watcher watcher;
  Runner runner(life(), watcher);
  ask(runner, command::WatchSeries{true, 0.001});  // but for the first, none by the clock
  ask(runner, command::Step{300});
  const auto samples = watcher.waits_for_samples(2);
  EXPECT_EQ(samples.back().step, 300U);
}

TEST(Runner, ANewStartCancelsStepsAndParametersDoNot) {
  Watcher watcher;
  auto spec = life();
  spec.law = "gray-scott";
  spec.init.clear();
  Runner runner(spec, watcher);
  const auto cancels = [&](CommandBody body) {
    std::promise<Outcome> promise;
    auto stepped = promise.get_future();
    runner.post(
        {command::Step{1'000'000'000}, [&](Outcome o) { promise.set_value(std::move(o)); }});
    EXPECT_FALSE(ask(runner, std::move(body)).error);
    const bool at_once = ask(runner, command::Describe{}).step < 1'000'000'000 &&
                         stepped.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    if (!at_once) ask(runner, command::Pause{});
    EXPECT_EQ(stepped.get().error->kind(), ErrorKind::cancelled);
    return at_once;
  };
  EXPECT_TRUE(cancels(command::SetLaw{.law = "", .preset = "", .params = {}, .init = "blobs"}));
  EXPECT_TRUE(cancels(command::Undo{}));
  EXPECT_TRUE(cancels(command::Seed{.seed = 3, .init = ""}));
  EXPECT_FALSE(cancels(command::SetParams{{{"F", 0.03}}}));
}

TEST(Runner, SamplesTheSeriesWhileItRuns) {
  Watcher watcher;
  Runner runner(life(true), watcher);
  ask(runner, command::WatchSeries{true, 100});
  const auto samples = watcher.waits_for_samples(3);
  EXPECT_EQ(samples[0].values.size(), series_of(law_info("life")).size());
  EXPECT_GT(samples[2].step, samples[0].step);
}

TEST(Runner, StopsWhileItRunsAndAnswersWhatWaits) {
  Watcher watcher;
  int answered = 0;
  {
    Runner runner(life(true), watcher);
    runner.post({command::Step{1'000'000'000}, [&](Outcome) { ++answered; }});
  }
  EXPECT_EQ(answered, 1);
}

TEST(Worlds, KeepNamesApart) {
  Watcher watcher;
  Worlds worlds(watcher, 2);
  worlds.create(life());
  EXPECT_THROW(worlds.create(life()), Error);
  auto other = life();
  other.name = "b";
  worlds.create(other);
  other.name = "c";
  EXPECT_THROW(worlds.create(other), Error) << "over the limit";
  worlds.remove("w");
  EXPECT_THROW(worlds.find("w"), Error);
  ASSERT_EQ(worlds.states().size(), 1U);
  EXPECT_EQ(worlds.states()[0].spec.name, "b");
  other.name = "../etc";
  EXPECT_THROW(worlds.create(other), Error);
}

TEST(Worlds, RefuseWhatDoesNotFitInMemory) {
  Watcher watcher;
  Worlds worlds(watcher, 8, std::size_t{1} << 20);
  auto big = life();
  big.grid = {65536, 65536, 1};
  try {
    worlds.create(big);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::too_large);
  }
}

}  // namespace
}  // namespace atheria
