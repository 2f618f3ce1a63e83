#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/clock.h"
#include "engine/run/catalog.h"
#include "engine/run/simulation.h"
#include "tests/support/watcher.h"

// Who is called at certain steps.
namespace atheria {
namespace {

using testing::ask;
using ::testing::ElementsAre;
using testing::Watcher;

WorldSpec life() {
  WorldSpec spec;
  spec.name = "w";
  spec.law = "life";
  spec.grid = {48, 40, 1};
  spec.init = "noise:density=0.3";
  spec.playing = false;
  return spec;
}

// A hook that notes each step it sees.
command::Hook note(std::uint64_t id, std::uint32_t every, std::vector<std::uint64_t>& steps) {
  return {id, every, [&steps](Simulation& world) {
            steps.push_back(world.step());
            return true;
          }};
}

TEST(Hook, IsCalledAtEachMultipleBeforeTheStepIsAnswered) {
  Watcher watcher;
  Runner runner(life(), watcher);
  std::vector<std::uint64_t> steps;
  ask(runner, note(1, 30, steps));
  ask(runner, command::Step{100});
  EXPECT_THAT(steps, ElementsAre(30, 60, 90));
  ask(runner, command::Unhook{1});
  ask(runner, command::Step{100});
  EXPECT_EQ(steps.size(), 3U);
}

TEST(Hook, AndWatchesEachGetTheirOwnSteps) {
  Watcher watcher;
  Runner runner(life(), watcher);
  std::vector<std::uint64_t> threes, fives;
  ask(runner, note(1, 3, threes));
  ask(runner, note(2, 5, fives));
  ask(runner, command::Watch{.id = 1, .view = {.name = "alive"}, .max_fps = 0, .every = 4});
  ask(runner, command::Step{20});
  EXPECT_THAT(threes, ElementsAre(3, 6, 9, 12, 15, 18));
  EXPECT_THAT(fives, ElementsAre(5, 10, 15, 20));
  const auto frames = watcher.waits_for_frames(6);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(frames[i]->step, i * 4);
}

TEST(Hook, ThatReturnsFalseOrThrowsIsCalledNoMore) {
  Watcher watcher;
  Runner runner(life(), watcher);
  int falses = 0, throws = 0;
  std::vector<std::uint64_t> good;
  ask(runner, command::Hook{1, 1, [&](Simulation&) { return ++falses < 2; }});
  ask(runner, command::Hook{2, 1, [&](Simulation&) -> bool {
                              ++throws;
                              throw std::runtime_error("oops");
                            }});
  ask(runner, note(3, 1, good));
  EXPECT_EQ(ask(runner, command::Step{5}).step, 5U);
  EXPECT_EQ(falses, 2);
  EXPECT_EQ(throws, 1);
  EXPECT_EQ(good.size(), 5U);
}

TEST(Hook, OfNoInterestIsRefused) {
  Watcher watcher;
  Runner runner(life(), watcher);
  std::vector<std::uint64_t> steps;
  EXPECT_EQ(ask(runner, note(1, 0, steps)).error->path(), "every");
}

TEST(Hook, NeverChangesWhatIsComputed) {
  Watcher watcher;
  Runner seen(life(), watcher), unseen(life(), watcher);
  std::vector<std::uint64_t> steps;
  ask(seen, note(1, 7, steps));
  ask(seen, command::Step{500});
  ask(unseen, command::Step{500});
  EXPECT_EQ(std::get<FieldCopy>(ask(seen, command::ReadField{}).data).bytes,
            std::get<FieldCopy>(ask(unseen, command::ReadField{}).data).bytes);
}

TEST(Hook, ThatParksGetsTheWorldAtThatVeryStep) {
  Watcher watcher;
  auto spec = life();
  spec.playing = true;
  Runner runner(spec, watcher);
  std::promise<std::pair<std::uint64_t, std::uint64_t>> promise;
  auto parked = promise.get_future();
  ask(runner,
      command::Hook{
          1, 1000, [&](Simulation& world) {
            const auto at = world.step();
            command::Park park{
                .lease = 9, .owner = "a hook", .for_us = 3'600'000'000, .enter = {}, .leave = {}};
            runner.post(
                {park, [&promise, at](Outcome outcome) { promise.set_value({at, outcome.step}); }});
            return false;
          }});
  ASSERT_EQ(parked.wait_for(testing::kLimit), std::future_status::ready);
  const auto [asked, got] = parked.get();
  EXPECT_EQ(asked, got);
  EXPECT_EQ(ask(runner, command::Describe{}).step, asked);
}

TEST(Hook, DoesNotSeeStepsTakenInALease) {
  Watcher watcher;
  Runner runner(life(), watcher);
  std::vector<std::uint64_t> steps;
  ask(runner, note(1, 2, steps));
  ask(runner,
      command::Park{.lease = 1, .owner = "x", .for_us = 3'600'000'000, .enter = {}, .leave = {}});
  ask(runner, command::StepParked{1, 9});
  EXPECT_TRUE(steps.empty());
  ask(runner, command::Unpark{1});
  ask(runner, command::Step{2});
  EXPECT_THAT(steps, ElementsAre(10));
}

TEST(Hook, NeverSeesNumbersThatWentWrong) {
  Watcher watcher;
  WorldSpec spec = life();
  spec.law = "gray-scott";
  spec.init = "noise:lo=1e5,hi=1e6";
  Runner runner(spec, watcher);
  bool wrong = false;
  ask(runner, command::Hook{1, 1, [&](Simulation& world) {
                              wrong = wrong || !all_finite(world.field());
                              return true;
                            }});
  EXPECT_TRUE(ask(runner, command::Step{100}).error);
  EXPECT_FALSE(wrong);
}

}  // namespace
}  // namespace atheria
