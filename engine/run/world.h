#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/field/grid.h"
#include "engine/law/info.h"
#include "engine/view/view.h"

// What a world is made from, and what it tells of itself. No torch here.
namespace atheria {

// When the world's thread offers frames and how fast it steps. "Manual" offers one only on step,
// edit or ask.
struct Pace {
  enum class Mode { every, manual, full };
  Mode mode = Mode::every;
  std::uint32_t every = 1;      // every: a frame can be taken each so many steps, and only there
  double max_fps = 60;          // no more frames than this, whatever the mode
  double steps_per_second = 0;  // the world's speed limit; 0: none
};

enum class Guard { pause, off };  // what happens when a field gets NaN or infinite

struct WorldSpec {
  std::string name;
  std::string law;
  std::string preset = {};
  ParamMap params = {};  // over the preset's
  GridSpec grid = {};
  std::string dtype = {};      // empty: the law's first
  std::string device = "cpu";  // "cpu", "cuda", "cuda:1"
  std::string path = "fast";   // "fast", "reference"
  std::string init = {};       // empty: the preset's, else the law's
  std::uint64_t seed = 0;
  Pace pace = {};
  Guard guard = Guard::pause;
  bool playing = true;
};

// "NAME=LAW,WxH[xD][,seed=N][,init=...][,preset=..][,dtype=..][,device=..][,path=..][,fps=..][,sps=..]
// [,paused][,P=value...]" where init takes the rest up to the next known key. Throws Error.
WorldSpec parse_world(const std::string& text);

// Everything a client needs to show a world; a copy, made by the world's thread.
struct WorldState {
  WorldSpec spec;  // as it stands: law, params, init and seed of now
  std::uint64_t step = 0;
  double time = 0;  // step x dt
  bool playing = false;
  double steps_per_second = 0;  // measured over the last second; 0 when paused
  double cells_per_second = 0;
  std::string failure = {};  // why it paused by itself; empty if it did not
  std::uint32_t undo = 0;    // how many undo / redo are possible
  std::uint32_t redo = 0;
  std::uint64_t revision = 0;  // grows whenever anything but step and speed changed
  std::string leased_by = {};  // who holds it still for a while; empty: nobody
};

}  // namespace atheria
