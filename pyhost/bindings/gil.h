#pragma once

#include <Python.h>
#include <pthread.h>

#include <cstddef>
#include <functional>
#include <string>

// Python's lock: the only place in pyhost where it is let go of and taken. The rules it keeps are
// G2, G3, G8 and G9 of pyhost/README.md; engine/base/locks.h has the engine's side.
namespace atheria::pyhost {

// Without Python's lock while it lives. pybind11's would end the process when Python itself has
// ended meanwhile (CPython unwinds the thread through its destructor): here such a thread just
// stays.
class Unlocked {
 public:
  Unlocked() : saved_(PyEval_SaveThread()) {}
  ~Unlocked();
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  PyThreadState* const saved_;
};

// Runs what may take a lock or some time, without Python's. What it throws passes.
template <class Call>
auto unlocked(Call call) {
  const Unlocked release;
  return call();
}

// With Python's lock, once: from now on the engine can ask who holds it.
void python_begins();

// Python ends: from now on only the calling thread gets the lock back (G8).
void python_ends();

// How many threads wanted it back since, and stay where they are.
std::size_t turned_away();

// While the checks are on: a thread that has waited 100 ms for the lock is told of in the log (G9),
// with the stacks of all Python threads. `ask` has that thread, which cannot go on meanwhile, write
// them (a signal to another would interrupt what it does); `read` collects them. Once.
void watch_waits(std::function<void(pthread_t)> ask, std::function<std::string()> read);

}  // namespace atheria::pyhost
