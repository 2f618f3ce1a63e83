#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <random>
#include <thread>

#include "engine/base/clock.h"
#include "engine/base/locks.h"
#include "engine/law/laws.h"
#include "pyhost/bindings/blocking.h"
#include "pyhost/bindings/inline_hook.h"
#include "pyhost/bindings/janitor.h"
#include "pyhost/bindings/law_calls.h"
#include "pyhost/bindings/looks.h"
#include "pyhost/bindings/parked_world.h"
#include "pyhost/bindings/python_law.h"
#include "tests/pyhost/bindings/stub_python.h"
#include "tests/support/watcher.h"

// Two threads that wait for each other: everything at once between worlds and Python's threads, with
// a stand-in for Python, while locks are held longer than they need be.
namespace atheria::pyhost {
namespace {

double seconds() {
  const char* const said = std::getenv("ATHERIA_TEST_HUNT_SECONDS");
  return said == nullptr ? 3 : std::atof(said);
}

// Nobody draws anything here.
class Quiet final : public FrameSink {
 public:
  void on_frame(std::shared_ptr<const Frame>) override {}
  void on_sample(const std::string&, const Sample&) override {}
  void on_state(const WorldState&) override {}
  void on_failure(const std::string&, const std::string& reason) override {
    ADD_FAILURE() << reason;
  }
};

class Hunt : public ::testing::Test {
 protected:
  Hunt() {
    python_begins();
    LawInfo info;
    info.name = "halve";
    info.channels = {{.name = "u"}};
    info.dtypes = {Dtype::f32};
    info.view = "u";
    add_law(std::make_unique<PythonLaw>(info, nullptr, std::chrono::milliseconds(60'000)));
  }

  static WorldSpec spec(const std::string& law) {
    WorldSpec spec;
    spec.name = law;
    spec.law = law;
    spec.grid = {16, 16, 1};
    return spec;
  }

  // Runs `once` again and again on a thread until the time is over, or one round took too long.
  void thread(std::function<void(std::minstd_rand&)> once) {
    threads_.emplace_back([this, once = std::move(once), seed = threads_.size() + 1] {
      std::minstd_rand random(static_cast<unsigned>(seed));
      while (now_us() < end_us_) {
        const auto since = now_us();
        once(random);
        const auto took = now_us() - since;
        for (auto longest = longest_us_.load(); took > longest;)
          if (longest_us_.compare_exchange_weak(longest, took)) break;
        ++rounds_;
      }
    });
  }

  void join() {
    for (auto& one : threads_) one.join();
    threads_.clear();
  }

  std::vector<std::thread> threads_;
  const std::uint64_t end_us_ = now_us() + static_cast<std::uint64_t>(1e6 * seconds());
  std::atomic<std::uint64_t> longest_us_ = 0;
  std::atomic<std::uint64_t> rounds_ = 0;
};

// As ask() of the bindings: with Python's lock, which it lets go of while it waits.
bool asked(Runner& runner, CommandBody body, double limit = 20) {
  struct Answer {
    std::mutex mutex;
    std::condition_variable came;
    std::optional<Outcome> outcome;
  };
  const auto answer = std::make_shared<Answer>();
  unlocked([&] {
    runner.post({std::move(body), [answer](Outcome outcome) {
                   const Locked lock(answer->mutex);
                   answer->outcome = std::move(outcome);
                   answer->came.notify_all();
                 }});
  });
  const bool came = wait_for(answer->mutex, answer->came, Deadline(limit),
                             [&] { return answer->outcome.has_value(); });
  EXPECT_TRUE(came) << "a world does not answer";
  return unlocked([&] {
    const Locked lock(answer->mutex);
    return came && !answer->outcome->error;
  });
}

void lease(Runner& runner) {
  const auto parked = std::make_shared<ParkedWorld>(fresh_id());
  if (!asked(runner, parked->park("a hunter", 5'000'000))) return;  // another holds it
  auto field = unlocked([&] { return parked->field(""); });
  field.mul_(0.5);
  asked(runner, command::StepParked{parked->id(), 3});
  asked(runner, command::Unpark{parked->id()});
}

CommandBody any_command(std::minstd_rand& random) {
  switch (random() % 6) {
    case 0:
      return command::Pause{};
    case 1:
      return command::Describe{};
    case 2:
      return command::ReadField{};
    case 3:
      return command::Seed{.seed = random(), .init = ""};
    case 4:
      return command::Watch{.id = 1 + random() % 3, .view = {.name = "u"}};
    default:
      return command::Play{};
  }
}

// What serve_laws() does, with the step itself left to C++.
void answer_a_law() {
  const stub::Gil python;
  const auto call = LawCalls::all().take();
  if (!call) return;
  auto next = call->psi.mul(0.5);
  unlocked([&] { call->answer(std::move(next), {}); });
}

TEST_F(Hunt, NobodyWaitsForEver) {
  Quiet quiet;
  std::vector<std::unique_ptr<Runner>> worlds;
  for (const auto* law : {"halve", "gray-scott"})
    worlds.push_back(std::make_unique<Runner>(spec(law), quiet));
  auto any_world = [&](std::minstd_rand& random) -> Runner& {
    return *worlds[random() % worlds.size()];
  };
  // A law in Python lives as long as Python's thread that answers it.
  std::atomic<bool> over = false;
  std::thread laws([&] {
    while (!over) answer_a_law();
  });

  const auto visits = std::make_shared<StepVisits>(7, 5000.0);
  const auto looks = Looks::of(*worlds[1], {.every = 5, .most = 4}, {});
  worlds[1]->post({visits->hook(fresh_id(), *worlds[1])});
  worlds[1]->post({looks->queue().hook(fresh_id())});

  for (int i = 0; i < 2; ++i) {  // scripts and cells
    thread([&](auto& random) {
      const stub::Gil python;
      asked(any_world(random), any_command(random));
    });
    thread([&](auto& random) {
      const stub::Gil python;
      lease(any_world(random));
    });
  }
  thread([&](auto&) {  // a hook
    const stub::Gil python;
    if (!wait_for(visits->mutex, visits->changed, Deadline(0.02), [&] { return visits->ready(); }))
      return;
    const auto parked = unlocked([&] {
      const Locked lock(visits->mutex);
      return visits->take();
    });
    if (parked) asked(*worlds[1], command::Unpark{parked->id()});
  });
  thread([&](auto&) {  // an observer
    const stub::Gil python;
    if (!wait_for(looks->mutex, looks->changed, Deadline(0.02), [&] { return looks->ready(); }))
      return;
    unlocked([&] { looks->queue().next(); });
  });
  thread([&](auto& random) {  // the server's own threads
    any_world(random).post({any_command(random)});
    std::this_thread::yield();
    any_world(random).state();
  });
  thread([&](auto&) {  // destructors
    const stub::Gil python;
    std::atomic<bool> done = false;
    later([&done] { done = true; });
    unlocked([&] {
      while (!done) std::this_thread::yield();
    });
  });
  join();
  visits->detach("the hunt is over");
  worlds.clear();
  over = true;
  laws.join();
  EXPECT_GT(rounds_, 100U);
  EXPECT_LT(longest_us_, 10'000'000U);
  RecordProperty("longest_wait_ms", static_cast<int>(longest_us_ / 1000));
}

}  // namespace
}  // namespace atheria::pyhost
