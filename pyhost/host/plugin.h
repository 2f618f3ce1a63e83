#pragma once

#include <functional>
#include <string>

#include "pyhost/jobs/board.h"

// What the server and the plug-in say to each other. No Python and no torch here: the server, which
// loads the plug-in by name, is built without either.
namespace atheria::pyhost {

class EngineDoor;

struct HostConfig {
  std::string executable;  // the Python whose packages are used: .venv/bin/python
  std::string package;     // the folder that holds the package `atheria`
  std::string socket;      // where notebooks attach; empty: nowhere
  std::string kernel;      // Jupyter's connection file that is served from the start; empty: none
  std::function<void()> kernel_ended = {};  // that notebook has gone; any thread
  std::string url, token;  // of this server, for child processes that connect to it
};

// CPython in this process, on a thread of its own. Never finalised: the process ends with _Exit
// after stop().
class Host {
 public:
  virtual ~Host() = default;

  // Waits until Python's own thread has ended its loop, at most `limit`; the board must have been
  // closed before. False: it did not, native code keeps it.
  virtual bool stop(std::chrono::milliseconds limit) = 0;
};

}  // namespace atheria::pyhost

extern "C" {
// "0.1.0 cp311 torch 2.13.0": what the plug-in was built for; the server refuses another.
const char* atheria_pyhost_built_for();

// Starts Python and returns at once; how it went is told by board.set_health(). The door, the board
// and the host live until the process ends.
atheria::pyhost::Host* atheria_pyhost_start(const atheria::pyhost::HostConfig* config,
                                            atheria::jobs::Board* board,
                                            atheria::pyhost::EngineDoor* door);
}
