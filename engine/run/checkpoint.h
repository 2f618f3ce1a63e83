#pragma once

#include <cstdint>
#include <string>

#include "engine/run/world.h"

// A world in a file and a few words: enough to go on from it later, in another process, as if
// nothing had been. Only undo is not kept. No torch here.
namespace atheria {

class Simulation;

struct Checkpoint {
  WorldSpec spec;    // as it stands; playing: whether it steps by itself
  WorldSpec origin;  // what a reset goes back to
  std::uint64_t step = 0;
  double time = 0;                // simulated
  std::uint64_t anchor_step = 0;  // where dt last changed, and the simulated time there: later
  double anchor_time = 0;         // times are counted from here, to the last bit
  std::string failure = {};       // why it paused by itself
  std::string file = {};          // its planes: safetensors
};

// Writes the planes to `file`; returns the rest, but for what only the world's thread knows
// (playing, failure). On the world's thread. Throws Error (io).
Checkpoint save(const Simulation& simulation, const std::string& file);

}  // namespace atheria
