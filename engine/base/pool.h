#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace atheria {

// Threads that do one job together, then wait for the next: spin a few microseconds, then park, so
// that a step costs no wake-up while a world runs and an idle server costs nothing.
class Pool {
 public:
  // `threads` counts the caller: Pool(1) starts none.
  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int threads() const;

  // Splits [0, count) into at most threads() contiguous bands and runs body(begin, end) on each,
  // returning when all are done. From any thread; while another caller holds the pool, runs all of
  // it here: how the range is cut may differ from call to call, so body must treat its items
  // independently. It must not throw.
  void bands(std::int64_t count, const std::function<void(std::int64_t, std::int64_t)>& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The process's pool: as many threads as the machine has cores, unless told otherwise before or
// since.
Pool& shared_pool();

// Replaces the shared pool; 0 means one per core. Call it while nobody steps: at start, or in a
// test.
void set_shared_pool_threads(int threads);

}  // namespace atheria
