#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

#include "engine/run/command.h"

namespace atheria {

// Commands on their way to a world's thread. Any thread posts; one takes.
class Inbox {
 public:
  static constexpr std::size_t kMost = 4096;

  // Throws Error: busy when full, cancelled when closed.
  void post(Command command);

  // Everything that waits, in order.
  std::deque<Command> take();

  // Sleeps until something is posted or until_us (now_us(); 0: no limit) has come.
  void wait(std::uint64_t until_us);

  // Refuses what comes later; what waits can still be taken.
  void close();
  bool closed() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Command> waiting_;  // Guarded by mutex_.
  bool closed_ = false;          // Guarded by mutex_.
};

}  // namespace atheria
