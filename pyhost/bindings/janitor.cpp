#include "pyhost/bindings/janitor.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace atheria::pyhost {
namespace {

class Janitor {
 public:
  Janitor() {
    std::thread([this] { run(); }).detach();
  }

  void add(std::function<void()> work) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(work));
    }
    came_.notify_one();
  }

 private:
  [[noreturn]] void run() {
    for (;;) {
      std::function<void()> work;
      {
        std::unique_lock lock(mutex_);
        came_.wait(lock, [this] { return !waiting_.empty(); });
        work = std::move(waiting_.front());
        waiting_.pop_front();
      }
      try {
        work();
      } catch (const std::exception&) {
        // The world is gone or stopping: then there is nothing to clean up.
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::function<void()>> waiting_;  // Guarded by mutex_.
};

}  // namespace

void later(std::function<void()> work) {
  static auto* const janitor = new Janitor;  // never destroyed: it may be needed to the last
  janitor->add(std::move(work));
}

}  // namespace atheria::pyhost
