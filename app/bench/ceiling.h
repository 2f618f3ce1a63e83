#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/bench/result.h"

namespace atheria::bench {

// What this machine can do at most, by loops of one kind of work (bench_loops.h) for the
// instruction set the laws run with, on one thread and on all of the stepping pool. Not
// thread-safe.
class CeilingMeter {
 public:
  // A sample takes about so long.
  explicit CeilingMeter(double seconds);
  ~CeilingMeter();

  // "copy-l2", "copy-dram" in bytes read and written, "fma-f32" and (where there is one) "dot-bf16"
  // in FLOP, "logic" in bits of operations on three inputs.
  std::vector<std::string> names() const;

  // Units a second, now.
  double sample(const std::string& name, bool one_thread);

  // So many samples of each, with one thread and with all.
  std::vector<Ceiling> measure(int samples);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atheria::bench
