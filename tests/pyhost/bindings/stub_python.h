#pragma once

#include <mutex>

// Stands in for CPython in tests that a sanitizer watches: its one lock, and nothing else. The
// sanitizer knows it as a mutex and tells when two threads could wait for each other.
namespace atheria::pyhost::stub {

// Holds Python's lock as a thread of Python's does.
class Gil {
 public:
  Gil();
  ~Gil();
  Gil(const Gil&) = delete;
  Gil& operator=(const Gil&) = delete;
};

}  // namespace atheria::pyhost::stub
