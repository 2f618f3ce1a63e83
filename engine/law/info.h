#pragma once

#include <string>
#include <vector>

#include "engine/field/grid.h"
#include "engine/law/params.h"

// What a law says of itself, as data: the page, the CLI and the tests ask this instead of probing.
namespace atheria {

struct Preset {
  std::string name;       // "coral"
  std::string title;      // "Coral growth"
  ParamMap params = {};   // what differs from the defaults
  std::string init = {};  // starting state (see field/init.h); empty: the law's
};

// A number that stays what it was, within a band the law publishes.
struct Invariant {
  std::string measure;   // a name of LawInfo::measures: "mass", "norm", "energy"
  double tolerance = 0;  // relative change allowed over `steps` steps in float32
  int steps = 100;
  double tolerance_f64 = 0;
  std::string about = {};  // when it holds: "for every preset", "without damping"
};

// A number computed from a whole field.
struct Measure {
  std::string name;  // "mass"
  std::string unit = {};
  std::string about = {};
};

constexpr int kGlobalRadius = -1;

struct LawInfo {
  std::string name;       // "gray-scott": on the command line and on the wire
  std::string title;      // "Gray-Scott reaction-diffusion"
  std::string about;      // a sentence or two
  std::string equation;   // plain text, as one reads it
  std::string reference;  // where it comes from
  std::vector<Channel> channels;
  int radius = 1;                     // cells a step looks away; kGlobalRadius: everywhere
  bool complex = false;               // channels are (re, im) pairs
  bool stochastic = false;            // draws Philox numbers; still a pure function of the seed
  bool absorbing_zero = false;        // a cell with an all-background neighbourhood stays so
  std::vector<int> dimensions = {2};  // 2, 3
  std::vector<Dtype> dtypes = {Dtype::f32, Dtype::f64};  // first: default
  std::vector<Measure> measures = {};
  std::vector<Invariant> invariants = {};
  ParamSchema params = {};
  std::vector<Preset> presets = {};
  std::string init = "noise";        // default starting state
  double time_step = 1;              // simulated time of one step when no parameter "dt" says
  std::string view = {};             // default view: "u", "density", "phase", "rgb"
  std::string colormap = "viridis";  // what the page starts with
};

}  // namespace atheria
