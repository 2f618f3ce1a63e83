#pragma once

#include <mutex>

// Who waits for what. Python has one lock of its own (the GIL), and whoever runs Python holds it.
// Two rules keep it from ever meeting ours: nobody waits for anything while holding it (G2), and
// nobody takes it while holding a lock of ours (G3). The engine knows no Python; a host of Python's
// says here how to ask.
namespace atheria {

// Whether breaking a rule ends the process, with a message that names it. On in builds with
// asserts; ATHERIA_GIL_CHECKS=1 or 0 in the environment says otherwise.
bool lock_checks();

// How to ask whether the calling thread holds Python's lock; null: there is no Python, or it has
// ended. Any thread.
void set_gil_held(bool (*held)());

// Around what may wait: for a condition, a lock, the end of a thread, another device. `what` is for
// people.
class BlockingScope {
 public:
  explicit BlockingScope(const char* what);
  BlockingScope(const BlockingScope&) = delete;
  BlockingScope& operator=(const BlockingScope&) = delete;
};

// A mutex of ours, held. Waiting for a condition with it is covered, too.
class Locked : private BlockingScope, public std::unique_lock<std::mutex> {
 public:
  explicit Locked(std::mutex& mutex);
  ~Locked();
  void lock();
  void unlock();
};

// How many the calling thread holds.
int locks_held();

// Ends the process because of a rule: "G2".
[[noreturn]] void rule_broken(const char* rule, const char* what);

}  // namespace atheria
