#include "pyhost/bindings/gil.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/locks.h"
#include "engine/base/log.h"

namespace atheria::pyhost {
namespace {

constexpr std::uint64_t kLongUs = 100'000;
constexpr std::uint64_t kQuietUs = 5'000'000;  // between two reports
constexpr std::chrono::milliseconds kLook{25};

std::atomic<bool> ended{false};
std::thread::id last_thread;  // set before `ended`
std::atomic<std::size_t> away{0};

bool held() { return PyGILState_Check() != 0; }

// The threads that wait for Python's lock now. Nothing is waited for under this mutex, so it may be
// held together with Python's.
struct Waits {
  struct One {
    pthread_t thread;
    std::uint64_t since_us;
  };
  std::mutex mutex;
  std::vector<One> all;  // Guarded by mutex.

  static Waits& now() {
    static auto* const waits = new Waits;  // never destroyed: threads may wait to the last
    return *waits;
  }
};

class Waiting {
 public:
  Waiting() {
    const std::lock_guard lock(Waits::now().mutex);
    Waits::now().all.push_back({pthread_self(), now_us()});
  }
  ~Waiting() {
    const std::lock_guard lock(Waits::now().mutex);
    std::erase_if(Waits::now().all,
                  [](const auto& one) { return pthread_equal(one.thread, pthread_self()) != 0; });
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
};

// How long the longest has waited; has its thread asked when that is too long.
std::uint64_t look(const std::function<void(pthread_t)>& ask) {
  const std::lock_guard lock(Waits::now().mutex);  // it cannot go on before this is let go of
  const auto& all = Waits::now().all;
  const auto first = std::ranges::min_element(all, {}, &Waits::One::since_us);
  if (first == all.end()) return 0;
  const auto waited = now_us() - first->since_us;
  if (waited >= kLongUs) ask(first->thread);
  return waited;
}

[[noreturn]] void watch(const std::function<void(pthread_t)>& ask,
                        const std::function<std::string()>& read) {
  for (;;) {
    std::this_thread::sleep_for(kLook);
    const auto waited = look(ask);
    if (waited < kLongUs) continue;
    log::warning(fmt::format("a thread has waited {} ms for Python's lock (G9):\n{}", waited / 1000,
                             read()));
    std::this_thread::sleep_for(std::chrono::microseconds(kQuietUs));
  }
}

// The one way to take it.
void take_gil(PyThreadState* thread) {
  if (lock_checks() && locks_held() > 0)
    rule_broken("G3", "takes Python's lock while it holds one of ours");
  if (ended && std::this_thread::get_id() != last_thread) {
    ++away;
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }
  if (!lock_checks()) return PyEval_RestoreThread(thread);
  const Waiting noted;
  PyEval_RestoreThread(thread);
}

}  // namespace

Unlocked::~Unlocked() { take_gil(saved_); }

void python_begins() { set_gil_held(held); }

void python_ends() {
  set_gil_held(nullptr);
  last_thread = std::this_thread::get_id();
  ended = true;
}

std::size_t turned_away() { return away; }

void watch_waits(std::function<void(pthread_t)> ask, std::function<std::string()> read) {
  if (!lock_checks()) return;
  std::thread([ask = std::move(ask), read = std::move(read)] { watch(ask, read); }).detach();
}

}  // namespace atheria::pyhost
