#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "engine/base/locks.h"
#include "pyhost/bindings/gil.h"

// The only ways to wait that a bound function has: without the GIL, and never longer than kSlice
// before Python may deliver an interrupt.
namespace atheria::pyhost {

constexpr std::chrono::milliseconds kSlice{20};

// With the GIL: Python's pending interrupt, if there is one, thrown.
void check_signals();

// When to stop waiting; seconds below 0: never.
class Deadline {
 public:
  explicit Deadline(double seconds)
      : endless_(seconds < 0),
        at_(Clock::now() + std::chrono::microseconds(
                               static_cast<std::int64_t>(1e6 * std::clamp(seconds, 0.0, 1e9)))) {}

  bool over() const { return !endless_ && Clock::now() >= at_; }
  auto slice() const {
    const auto end = Clock::now() + kSlice;
    return endless_ ? end : std::min<Clock::time_point>(end, at_);
  }

 private:
  using Clock = std::chrono::steady_clock;
  bool endless_;
  Clock::time_point at_;
};

// Waits until ready() (called under the mutex, without the GIL) or the deadline; false: the
// deadline. Throws what an interrupt raises.
template <class Ready>
bool wait_for(std::mutex& mutex, std::condition_variable& changed, const Deadline& deadline,
              Ready ready) {
  for (;;) {
    {
      const Unlocked release;
      Locked lock(mutex);
      if (changed.wait_until(lock, deadline.slice(), ready)) return true;
    }
    check_signals();
    if (deadline.over()) return false;
  }
}

}  // namespace atheria::pyhost
