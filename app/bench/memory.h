#pragma once

namespace atheria::bench {

// How much more memory this process has at most since this was made, in bytes. 0 where the system
// does not tell.
class PeakMemory {
 public:
  PeakMemory();
  double growth() const;

 private:
  double before_ = 0;
};

// What this process has in memory now.
double resident_bytes();

}  // namespace atheria::bench
