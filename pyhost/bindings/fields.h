#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/run/simulation.h"

// Fields as Python has them: [h,w] or [d,h,w] a channel, [c,h,w] or [c,d,h,w] all of them.
namespace atheria::pyhost {

struct Copied {
  at::Tensor numbers;
  std::uint64_t step = 0;
  double time = 0;
};

// World's thread. A copy that shares nothing with the world; bits as uint8. Throws Error
// (not_found). Empty channel: all.
Copied copy_of(const Simulation& world, const std::string& channel);

std::vector<std::string> channel_names(const LawInfo& law);

// Without the depth of a field that has none. A view.
at::Tensor flat(const at::Tensor& planes, const GridSpec& grid);

}  // namespace atheria::pyhost
