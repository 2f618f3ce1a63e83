#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "engine/law/laws.h"
#include "engine/run/simulation.h"
#include "tests/support/watcher.h"

// A world whose steps wait for somebody else.
namespace atheria {
namespace {

using testing::ask;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Watcher;

// Where the steps of a waiting law wait; a test lets them pass.
class Gate {
 public:
  void open(int steps) {
    const std::lock_guard lock(mutex_);
    passes_ += steps;
    changed_.notify_all();
  }
  void open_to_nan() {  // for one step
    const std::lock_guard lock(mutex_);
    ++passes_;
    nan_ = true;
    changed_.notify_all();
  }
  int came() const {
    const std::lock_guard lock(mutex_);
    return came_;
  }
  void fail_once(const std::string& why) {
    const std::lock_guard lock(mutex_);
    failure_ = why;
    changed_.notify_all();
  }

  // Waits until a step stands here that nothing lets pass, and more than that many came; how many
  // came so far.
  int waits_for_a_step_after(int count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, testing::kLimit, [&] { return waits_ && came_ > count; }));
    return came_;
  }
  int waits_for_a_step() { return waits_for_a_step_after(0); }

  // World's thread: why the step failed, or nothing; what it adds.
  std::string pass(const std::function<bool()>& goes_on, double& adds) {
    std::unique_lock lock(mutex_);
    ++came_;
    const auto over = [&] { return passes_ > 0 || !failure_.empty(); };
    do {
      waits_ = !over();
      changed_.notify_all();
      lock.unlock();
      const bool on = goes_on();
      lock.lock();
      waits_ = false;
      if (!on) return "was given up";
    } while (!changed_.wait_for(lock, std::chrono::milliseconds(1), over));
    if (!failure_.empty()) return std::exchange(failure_, {});
    --passes_;
    adds = std::exchange(nan_, false) ? NAN : 1;
    return {};
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int passes_ = 0;  // Guarded by mutex_, like the rest.
  int came_ = 0;
  bool waits_ = false;
  bool nan_ = false;
  std::string failure_;
};

// Adds 1 to each cell, one step at a time, when the gate lets it.
class WaitingStepper final : public Stepper {
 public:
  explicit WaitingStepper(Gate& gate) : gate_(gate) {}

  void advance(Field& field, std::uint64_t, std::uint32_t k,
               StepContext& context) noexcept override {
    auto psi = field.dense().clone();
    for (std::uint32_t i = 0; i < k && context.failure.empty(); ++i) {
      double adds = 0;
      context.failure = gate_.pass(context.goes_on, adds);
      psi.add_(adds);
    }
    if (context.failure.empty()) field.set_dense(psi);
  }

 private:
  Gate& gate_;
};

class WaitingLaw final : public Law {
 public:
  WaitingLaw(std::string name, Gate& gate) : gate_(gate) {
    info_.name = std::move(name);
    info_.channels = {{.name = "u"}};
    info_.dtypes = {Dtype::f32};
    info_.init = "empty";
    info_.view = "u";
    info_.measures = {{"sum", "", ""}};
  }
  const LawInfo& info() const override { return info_; }
  StepFunction reference(const Setup&) const override { return {}; }
  std::unique_ptr<Stepper> native(const Setup&) const override {
    return std::make_unique<WaitingStepper>(gate_);
  }

 private:
  LawInfo info_;
  Gate& gate_;
};

class Wait : public ::testing::Test {
 protected:
  Wait() { add_law(std::make_unique<WaitingLaw>(spec().law, gate)); }

  static WorldSpec spec(bool playing = false) {
    WorldSpec spec;
    spec.name = "w";
    spec.law =
        std::string("waiting-") + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    spec.grid = {8, 8, 1};
    spec.playing = playing;
    return spec;
  }

  std::future<Outcome> post(Runner& runner, CommandBody body) {
    auto promise = std::make_shared<std::promise<Outcome>>();
    auto outcome = promise->get_future();
    runner.post(
        {std::move(body), [promise](Outcome done) { promise->set_value(std::move(done)); }});
    return outcome;
  }

  static Outcome get(std::future<Outcome>& outcome) {
    EXPECT_EQ(outcome.wait_for(testing::kLimit), std::future_status::ready);
    return outcome.get();
  }

  // What every cell of the world holds.
  static double value(Runner& runner) {
    double value = -1;
    const auto look = [&](Simulation& world) {
      const auto psi = world.field().dense();
      value = psi.min().item<double>();
      EXPECT_EQ(psi.max().item<double>(), value);
    };
    EXPECT_FALSE(ask(runner, command::Visit{look}).error);
    return value;
  }

  // Never destroyed: laws live as long as the process.
  Gate& gate = *new Gate;
};

TEST_F(Wait, StepsThatWereDoneBeforeOneWasGivenUpCount) {
  Simulation world(spec());
  gate.open(3);
  int asked = 0;  // once for each step
  EXPECT_EQ(world.advance(10, false, [&] { return ++asked < 4; }), "");
  EXPECT_EQ(world.step(), 3U);
  EXPECT_EQ(world.field().dense().max().item<double>(), 3);
  EXPECT_EQ(world.field().dense().min().item<double>(), 3);
  gate.open(7);
  EXPECT_EQ(world.advance(7, true, [] { return true; }), "");
  EXPECT_EQ(world.step(), 10U);
  EXPECT_EQ(world.field().dense().max().item<double>(), 10);
  ASSERT_NE(world.previous(), nullptr);
  EXPECT_EQ(world.previous()->dense().max().item<double>(), 9);
}

TEST_F(Wait, OfTheLastStepGivenUpLeavesNothingToCompareWith) {
  Simulation world(spec());
  gate.open(4);
  int asked = 0;
  EXPECT_EQ(world.advance(5, true, [&] { return ++asked < 5; }), "");
  EXPECT_EQ(world.step(), 4U);
  EXPECT_EQ(world.previous(), nullptr);
}

TEST_F(Wait, APauseIsAnsweredAndIsNoFailure) {
  Watcher watcher;
  Runner runner(spec(true), watcher);
  gate.waits_for_a_step();
  const auto paused = ask(runner, command::Pause{});
  EXPECT_FALSE(paused.error);
  EXPECT_EQ(paused.step, 0U);
  EXPECT_FALSE(runner.state().playing);
  EXPECT_EQ(runner.state().failure, "");
  EXPECT_EQ(value(runner), 0);
}

TEST_F(Wait, ThatAPauseEndedBeginsAnewWithPlay) {
  Watcher watcher;
  Runner runner(spec(), watcher);
  gate.open(3);
  auto stepping = post(runner, command::Step{10});
  EXPECT_EQ(gate.waits_for_a_step(), 4);
  EXPECT_EQ(ask(runner, command::Pause{}).step, 3U);
  const auto stepped = get(stepping);
  ASSERT_TRUE(stepped.error);
  EXPECT_EQ(stepped.error->kind(), ErrorKind::cancelled);
  EXPECT_EQ(stepped.step, 3U);
  EXPECT_EQ(value(runner), 3);
  gate.open(7);
  EXPECT_EQ(ask(runner, command::Step{7}).step, 10U);
  EXPECT_EQ(value(runner), 10);
}

TEST_F(Wait, AnswersWhatLooksAndPutsOffWhatTouchesTheFieldInOrder) {
  Watcher watcher;
  Runner runner(spec(), watcher);
  auto stepping = post(runner, command::Step{1});
  gate.waits_for_a_step();
  std::vector<std::string> order;
  const auto note = [&](const char* what) {
    return [&order, what](const Outcome& outcome) {
      order.push_back(std::string(what) + (outcome.error ? " refused" : ""));
    };
  };
  runner.post({command::SetPace{}, note("pace")});
  runner.post({command::ReadField{}, note("read")});
  runner.post({command::Watch{.id = 1, .view = {.name = "u"}}, note("watch")});
  runner.post({command::SetGuard{Guard::off}, note("guard")});
  runner.post({command::Visit{[](Simulation&) {}}, note("visit")});
  EXPECT_EQ(ask(runner, command::Describe{}).step, 0U);
  EXPECT_THAT(order, ElementsAre("pace", "watch"));
  gate.open(1);
  EXPECT_EQ(get(stepping).step, 1U);
  ask(runner, command::Measure{});
  EXPECT_THAT(order, ElementsAre("pace", "watch", "read", "guard", "visit"));
  watcher.waits_for_frames(1);
}

TEST_F(Wait, OfADeletedWorldEnds) {
  Watcher watcher;
  std::future<Outcome> stepping, reading;
  {
    Runner runner(spec(), watcher);
    stepping = post(runner, command::Step{1});
    gate.waits_for_a_step();
    reading = post(runner, command::ReadField{});
    ask(runner, command::Describe{});
  }
  EXPECT_THAT(get(stepping).error->what(), HasSubstr("the world was deleted"));
  EXPECT_THAT(get(reading).error->what(), HasSubstr("the world was deleted"));
}

TEST_F(Wait, ANewStartIsNotKeptWaiting) {
  Watcher watcher;
  Runner runner(spec(true), watcher);
  gate.waits_for_a_step();
  EXPECT_FALSE(
      ask(runner, command::SetLaw{.law = "gray-scott", .preset = "", .params = {}, .init = ""})
          .error);
  EXPECT_EQ(runner.state().spec.law, "gray-scott");
  EXPECT_GT(ask(runner, command::Step{1}).step, 0U);
}

command::Park park(std::uint64_t id, std::uint64_t for_us = 3'600'000'000) {
  return {.lease = id, .owner = "job 12", .for_us = for_us, .enter = {}, .leave = {}};
}

TEST_F(Wait, ALeaseBeginsAfterTheStep) {
  Watcher watcher;
  Runner runner(spec(), watcher);
  auto stepping = post(runner, command::Step{1});
  gate.waits_for_a_step();
  auto parked = post(runner, park(1));
  ask(runner, command::Describe{});
  EXPECT_EQ(parked.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  gate.open(1);
  EXPECT_EQ(get(parked).step, 1U);
  EXPECT_EQ(get(stepping).step, 1U);
}

TEST_F(Wait, TheServersOwnLeaseDoesNotWaitForTheStep) {
  Watcher watcher;
  Runner runner(spec(true), watcher);
  gate.waits_for_a_step();
  auto parked = park(1);
  parked.takes_over = true;
  EXPECT_EQ(ask(runner, parked).step, 0U);
  EXPECT_TRUE(runner.state().playing);
}

TEST_F(Wait, OfStepsInALeaseEndsWithIt) {
  Watcher watcher;
  Runner runner(spec(), watcher);
  ask(runner, park(1));
  gate.open(2);
  auto stepping = post(runner, command::StepParked{1, 9});
  EXPECT_EQ(gate.waits_for_a_step(), 3);
  EXPECT_FALSE(ask(runner, command::Unpark{1}).error);
  const auto stepped = get(stepping);
  EXPECT_THAT(stepped.error->what(), HasSubstr("the lease has ended"));
  EXPECT_EQ(stepped.step, 2U);
  EXPECT_EQ(value(runner), 2);
}

TEST_F(Wait, OfStepsInALeaseEndsWhenTheLeaseExpires) {
  Watcher watcher;
  Runner runner(spec(), watcher);
  ask(runner, park(1, 50'000));
  auto stepping = post(runner, command::StepParked{1, 9});
  const auto stepped = get(stepping);
  EXPECT_THAT(stepped.error->what(), HasSubstr("expired after 0.05 s"));
  EXPECT_EQ(value(runner), 0);
}

TEST_F(Wait, OfAStepThatFailsEndsAtTheOneBefore) {
  Watcher watcher;
  Runner runner(spec(), watcher);
  gate.open(2);
  auto stepping = post(runner, command::Step{9});
  EXPECT_EQ(gate.waits_for_a_step(), 3);
  gate.fail_once("says no");
  const auto stepped = get(stepping);
  EXPECT_THAT(stepped.error->what(), HasSubstr("says no at step 3; paused at step 2"));
  EXPECT_EQ(stepped.step, 2U);
  EXPECT_EQ(watcher.waits_for_failure(), stepped.error->what());
  EXPECT_EQ(value(runner), 2);
  gate.open(1);
  EXPECT_EQ(ask(runner, command::Step{1}).step, 3U);  // nothing was done twice: 3 + 1 came
  EXPECT_EQ(gate.came(), 4);
}

TEST_F(Wait, WhileAWrongNumberIsTracedIsAnsweredToo) {
  Watcher watcher;
  Runner runner(spec(), watcher);
  gate.open(2);
  auto stepping = post(runner, command::Step{3});
  EXPECT_EQ(gate.waits_for_a_step(), 3);
  gate.open_to_nan();
  // The steps up to it are done again, to find the last good one.
  EXPECT_EQ(gate.waits_for_a_step_after(3), 4);
  EXPECT_EQ(ask(runner, command::Describe{}).step, 0U);
  EXPECT_FALSE(ask(runner, command::Pause{}).error);
  EXPECT_THAT(get(stepping).error->what(),
              HasSubstr("NaN or infinite values by step 3; paused at step 0"));
  EXPECT_EQ(value(runner), 0);
}

}  // namespace
}  // namespace atheria
