#pragma once

#include <torch/types.h>

#include <string>

#include "engine/law/law.h"
#include "engine/run/command.h"

// From what a person wrote to a complete specification: presets filled in, defaults named, values
// checked.
namespace atheria {

// Throws Error about the first thing that is wrong.
WorldSpec resolve(WorldSpec spec);

// The spec after sim.set with a law, a preset or a starting state.
WorldSpec changed_law(const WorldSpec& now, const command::SetLaw& change);

// The spec with another starting state; an RLE's rule becomes the law's.
WorldSpec with_init(WorldSpec spec, const std::string& init);

// Throws Error about what is out of range.
void check_pace(const Pace& pace);

// "cpu", "cuda", "cuda:1"; throws Error when there is no such device here.
at::Device device_of(const std::string& name);

// "fast" or "reference".
Path path_of(const std::string& name);

}  // namespace atheria
