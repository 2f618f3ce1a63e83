#include "engine/base/pool.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace atheria {
namespace {

// About 20 us on current machines: longer than the gap between two steps of a small world, far
// shorter than what a person would see as load.
constexpr int kSpins = 2000;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

int core_count() {
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  return cores > 0 ? cores : 1;
}

}  // namespace

struct Pool::State {
  explicit State(int threads) {
    for (int index = 1; index < threads; ++index)
      workers.emplace_back([this, index] { work(index); });
  }

  ~State() {
    {
      const std::lock_guard lock(parking);
      stopping = true;
      round.fetch_add(1, std::memory_order_release);
    }
    wake.notify_all();
    for (auto& worker : workers) worker.join();
  }

  void run(std::int64_t total, const std::function<void(std::int64_t, std::int64_t)>& function) {
    count = total;
    body = &function;
    left.store(static_cast<int>(workers.size()), std::memory_order_relaxed);
    {
      // Under the lock, so that a worker about to park sees the new round first.
      const std::lock_guard lock(parking);
      round.fetch_add(1, std::memory_order_release);
    }
    wake.notify_all();
    band(0);
    for (int spin = 0; left.load(std::memory_order_acquire) != 0; ++spin) {
      if (spin < kSpins)
        relax();
      else
        std::this_thread::yield();  // a worker lost its core: let it have ours
    }
  }

  void band(int index) {
    const auto bands = static_cast<std::int64_t>(workers.size()) + 1;
    const auto begin = count * index / bands;
    const auto end = count * (index + 1) / bands;
    if (begin < end) (*body)(begin, end);
  }

  void work(int index) {
    std::uint64_t seen = 0;
    while (true) {
      seen = next_round(seen);
      if (stopping) return;
      band(index);
      left.fetch_sub(1, std::memory_order_release);
    }
  }

  std::uint64_t next_round(std::uint64_t seen) {
    for (int spin = 0; spin < kSpins; ++spin) {
      const auto now = round.load(std::memory_order_acquire);
      if (now != seen) return now;
      relax();
    }
    std::unique_lock lock(parking);
    wake.wait(lock, [&] { return round.load(std::memory_order_acquire) != seen; });
    return round.load(std::memory_order_acquire);
  }

  std::mutex caller;  // held while a job runs
  std::mutex parking;
  std::condition_variable wake;
  std::atomic<std::uint64_t> round{0};
  std::atomic<int> left{0};
  std::int64_t count = 0;  // Set before a round begins.
  const std::function<void(std::int64_t, std::int64_t)>* body = nullptr;  // Likewise.
  bool stopping = false;                                                  // Likewise.
  std::vector<std::thread> workers;
};

Pool::Pool(int threads) : state_(std::make_unique<State>(threads > 0 ? threads : core_count())) {}
Pool::~Pool() = default;

int Pool::threads() const { return static_cast<int>(state_->workers.size()) + 1; }

void Pool::bands(std::int64_t count, const std::function<void(std::int64_t, std::int64_t)>& body) {
  if (count <= 0) return;
  std::unique_lock alone(state_->caller, std::try_to_lock);
  if (!alone.owns_lock() || state_->workers.empty() || count == 1) return body(0, count);
  state_->run(count, body);
}

namespace {

std::unique_ptr<Pool>& shared() {
  static auto pool = std::make_unique<Pool>(0);
  return pool;
}

}  // namespace

Pool& shared_pool() { return *shared(); }

void set_shared_pool_threads(int threads) { shared() = std::make_unique<Pool>(threads); }

}  // namespace atheria
