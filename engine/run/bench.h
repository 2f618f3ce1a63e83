#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

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

  // The same, one step a call: what it costs when somebody looks after each.
  Timing singles(double seconds);

  // Exactly this many steps more.
  Timing steps(std::uint32_t count);

  std::uint64_t step() const;
  FieldCopy field() const;  // all channels
  std::string how() const;  // the stepper's own words

  // The numbers as they lie in memory: planes of float32, or rows of 64-bit words of bits. load()
  // takes as many bytes as raw() gives, is no part of what is timed, and counts steps on.
  std::vector<std::uint8_t> raw() const;
  void load(const std::vector<std::uint8_t>& raw);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A world with its thread, as a server has it, that nobody watches. It plays at full pace during
// run() and stands still otherwise.
class PlayBench {
 public:
  explicit PlayBench(WorldSpec spec);  // throws Error like Runner
  ~PlayBench();

  Timing run(double seconds);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A safetensors file of a neural automaton nobody trained, 128 hidden: all cells stay alive, and
// nothing grows, however long it runs. Always the same. Throws Error (io).
void write_bench_weights(const std::string& path, int dimensions);

}  // namespace atheria
