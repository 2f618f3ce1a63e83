#include "pyhost/bindings/gil.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "engine/base/locks.h"
#include "pyhost/bindings/blocking.h"
#include "tests/pyhost/bindings/stub_python.h"
#include "tests/support/watcher.h"

// Who breaks a rule about Python's lock does not get far.
namespace atheria::pyhost {
namespace {

class GilDeathTest : public ::testing::Test {
 protected:
  GilDeathTest() {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    python_begins();
  }
  std::mutex mutex;
};

TEST_F(GilDeathTest, AWaitWithPythonsLockHeldEndsTheProcess) {
  const stub::Gil python;
  EXPECT_DEATH(const BlockingScope waits("waits for a test"), "rule G2 is broken.*for a test");
}

TEST_F(GilDeathTest, ALockOfOursTakenWithPythonsLockHeldEndsTheProcess) {
  const stub::Gil python;
  EXPECT_DEATH(const Locked lock(mutex), "rule G2 is broken");
}

TEST_F(GilDeathTest, ACommandPostedWithPythonsLockHeldEndsTheProcess) {
  testing::Watcher watcher;
  WorldSpec spec;
  spec.name = "w";
  spec.law = "life";
  spec.grid = {16, 16, 1};
  spec.playing = false;
  Runner runner(spec, watcher);
  EXPECT_DEATH(
      {
        const stub::Gil python;
        runner.post({command::Describe{}});
      },
      "rule G2 is broken");
}

TEST_F(GilDeathTest, PythonsLockTakenWithALockOfOursHeldEndsTheProcess) {
  const auto take_both = [this] {
    const stub::Gil python;
    auto release = std::make_unique<Unlocked>();
    const Locked lock(mutex);
    release.reset();
  };
  EXPECT_DEATH(take_both(), "rule G3 is broken");
}

TEST_F(GilDeathTest, NothingEndsAThreadThatKeepsTheRules) {
  const stub::Gil python;
  unlocked([&] {
    const Locked lock(mutex);
    EXPECT_EQ(locks_held(), 1);
  });
  EXPECT_EQ(locks_held(), 0);
  std::condition_variable never;
  EXPECT_FALSE(wait_for(mutex, never, Deadline(0.03), [] { return false; }));
}

// G8. In a process of its own, as Python ends once.
TEST_F(GilDeathTest, AfterItsEndNobodyButTheLastThreadGetsPythonsLock) {
  const auto end = [] {
    std::atomic<bool> away = false, ended = false, back = false;
    std::thread([&] {
      const stub::Gil python;
      unlocked([&] {
        away = true;
        while (!ended) std::this_thread::yield();
      });
      back = true;
    }).detach();
    while (!away) std::this_thread::yield();
    const stub::Gil python;
    python_ends();
    ended = true;
    // The lock is free now: the other thread could have it.
    unlocked([] {
      while (turned_away() == 0) std::this_thread::yield();
    });
    unlocked([] {});
    std::fputs(back ? "it came back\n" : "it stays away\n", stderr);
    _exit(0);
  };
  EXPECT_EXIT(end(), ::testing::ExitedWithCode(0), "it stays away");
}

}  // namespace
}  // namespace atheria::pyhost
