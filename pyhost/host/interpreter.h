#pragma once

#include <string>

namespace atheria::pyhost {

struct HostConfig;

// What was found once Python runs.
struct Started {
  std::string python;  // "3.11.2"
  std::string torch;
};

// Initialises CPython on the calling thread, which becomes its main thread, and keeps the GIL.
// Isolated: no environment variable and no user's site folder changes what runs; the executable's own
// site-packages are used. The host's signal handlers stay as they are. Throws Error that says which
// step failed and why.
Started start_interpreter(const HostConfig& config);

}  // namespace atheria::pyhost
