#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/run/world.h"
#include "engine/view/view.h"

namespace atheria {

// A picture with its place in time.
struct Frame {
  std::string world;
  std::uint64_t watch = 0;  // the Watch that asked for it
  std::uint64_t step = 0;
  double time = 0;
  std::uint64_t made_us = 0;  // now_us() when the field was read
  bool still = false;         // the world is paused
  Picture picture;
};

// The law's measures at one step; values in the order of LawInfo::measures, then "activity".
struct Sample {
  std::uint64_t step = 0;
  double time = 0;
  std::uint64_t made_us = 0;
  std::vector<double> values;
};

// Where worlds report. Called on each world's own thread, from several at once; must return
// quickly.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  virtual void on_frame(std::shared_ptr<const Frame> frame) = 0;
  virtual void on_sample(const std::string& world, const Sample& sample) = 0;
  virtual void on_state(const WorldState& state) = 0;  // it changed
  virtual void on_failure(const std::string& world,
                          const std::string& reason) = 0;  // it paused itself
};

}  // namespace atheria
