#pragma once

#include <cstdint>
#include <memory>

#include "engine/run/command.h"

namespace atheria {

struct Timing {
  std::uint64_t steps = 0;
  double wall_seconds = 0;
  double cpu_seconds = 0;  // of all threads of the process
};

// A world without a thread, stepped by hand to measure it. Not thread-safe.
class StepBench {
 public:
  explicit StepBench(const WorldSpec& spec);  // throws Error like Runner
  ~StepBench();

  // Steps until at least this much wall time has passed; the first call warms up nothing by itself.
  Timing run(double seconds);

  // Exactly this many steps more.
  Timing steps(std::uint32_t count);

  std::uint64_t step() const;
  FieldCopy field() const;  // all channels

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atheria
