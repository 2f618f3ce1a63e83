#include "engine/base/locks.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>
#include <thread>

namespace atheria {
namespace {

std::atomic<bool (*)()> gil_held{nullptr};
thread_local int held_here = 0;

bool wanted() {
  const char* const said = std::getenv("ATHERIA_GIL_CHECKS");
  if (said != nullptr && *said != '\0') return std::string_view(said) != "0";
#ifdef NDEBUG
  return false;
#else
  return true;
#endif
}

// Milliseconds that a lock is held longer, to find threads that would wait for each other: a test's.
int longest_jitter() {
  const char* const said = std::getenv("ATHERIA_LOCK_JITTER_MS");
  return said == nullptr ? 0 : std::atoi(said);
}

void jitter() {
  static const int longest = longest_jitter();
  if (longest <= 0) return;
  thread_local std::minstd_rand random(std::random_device{}());
  // Most are short, or nothing would get done.
  if (random() % 16 != 0) return;
  std::this_thread::sleep_for(
      std::chrono::milliseconds(random() % (static_cast<unsigned>(longest) + 1)));
}

}  // namespace

bool lock_checks() {
  static const bool on = wanted();
  return on;
}

void set_gil_held(bool (*held)()) { gil_held = held; }

BlockingScope::BlockingScope(const char* what) {
  if (!lock_checks()) return;
  const auto held = gil_held.load();
  if (held != nullptr && held()) rule_broken("G2", what);
}

Locked::Locked(std::mutex& mutex)
    : BlockingScope("takes a lock while it holds Python's"), std::unique_lock<std::mutex>(mutex) {
  ++held_here;
  if (lock_checks()) jitter();
}

Locked::~Locked() {
  if (owns_lock()) --held_here;
}

void Locked::lock() {
  const BlockingScope waits("takes a lock again while it holds Python's");
  std::unique_lock<std::mutex>::lock();
  ++held_here;
}

void Locked::unlock() {
  std::unique_lock<std::mutex>::unlock();
  --held_here;
}

int locks_held() { return held_here; }

void rule_broken(const char* rule, const char* what) {
  fmt::print(stderr, "atheria: rule {} is broken: a thread {} (pyhost/README.md)\n", rule, what);
  std::abort();
}

}  // namespace atheria
