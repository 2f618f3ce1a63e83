#include "engine/run/look_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/run/hook_health.h"
#include "engine/run/simulation.h"
#include "tests/support/watcher.h"

namespace atheria {
namespace {

using testing::ask;
using testing::Watcher;

using Steps = LookQueue<std::uint64_t>;  // a look is the step alone

class LooksAtAWorld : public ::testing::Test {
 protected:
  std::shared_ptr<Steps> look(LookRules rules) {
    auto queue = std::make_shared<Steps>(
        rules, [](const Simulation& world) { return world.step(); },
        [this](Command command) { runner_.post(std::move(command)); }, [this] { ++rung_; });
    ask(runner_, queue->hook(1));
    return queue;
  }

  static WorldSpec life() {
    WorldSpec spec;
    spec.name = "w";
    spec.law = "life";
    spec.grid = {48, 40, 1};
    spec.playing = false;
    return spec;
  }

  Watcher watcher_;
  std::atomic<int> rung_ = 0;
  Runner runner_{life(), watcher_};
};

TEST_F(LooksAtAWorld, TheOldestGoesWhenMoreWaitThanMay) {
  const auto queue = look({.every = 2, .most = 3});
  EXPECT_FALSE(queue->ready());
  ask(runner_, command::Step{10});
  EXPECT_GE(rung_, 5);
  EXPECT_TRUE(queue->ready());
  EXPECT_EQ(queue->waiting(), 3U);
  EXPECT_EQ(queue->dropped(), 2U);
  for (const std::uint64_t step : {6, 8, 10}) EXPECT_EQ(queue->next(), step);
  EXPECT_EQ(queue->next(), std::nullopt);
}

TEST_F(LooksAtAWorld, AFullQueuePausesTheWorldUntilHalfAreTaken) {
  const auto queue = look({.every = 1, .most = 4, .pauses = true});
  ask(runner_, command::Play{});
  while (queue->waiting() < 4 || runner_.state().playing) std::this_thread::yield();
  EXPECT_EQ(queue->waiting(), 4U);
  EXPECT_FALSE(queue->wants_play()) << "there is no room";
  queue->next();
  queue->next();
  EXPECT_TRUE(queue->may_play());
  EXPECT_TRUE(queue->wants_play());
  EXPECT_FALSE(queue->wants_play()) << "once";
}

TEST_F(LooksAtAWorld, ItEndsWithItsHook) {
  const auto queue = look({});
  ask(runner_, command::Step{1});
  ask(runner_, command::Unhook{1});
  EXPECT_FALSE(queue->finished()) << "one waits";
  EXPECT_EQ(queue->next(), 1U);
  EXPECT_TRUE(queue->finished());
}

TEST_F(LooksAtAWorld, OneThatWasClosedWantsNoMore) {
  const auto queue = look({});
  queue->close();
  ask(runner_, command::Step{3});
  EXPECT_EQ(queue->waiting(), 0U);
  EXPECT_TRUE(queue->finished());
}

TEST(HookHealth, ThreeTimesLateIsDetachedAndTheFirstReasonStays) {
  HookHealth health;
  EXPECT_FALSE(health.late(50));
  EXPECT_FALSE(health.late(50));
  EXPECT_EQ(health.detached(), "");
  EXPECT_TRUE(health.late(50));
  EXPECT_EQ(health.detached(), "it took longer than its budget of 50 ms 3 times");
  EXPECT_FALSE(health.detach("closed"));
  EXPECT_FALSE(health.late(50));
  EXPECT_THAT(health.detached(), ::testing::HasSubstr("50 ms"));
}

}  // namespace
}  // namespace atheria
