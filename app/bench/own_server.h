#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/cli/find_server.h"

namespace atheria::bench {

// Of one thread, in seconds since it began.
struct ThreadTime {
  double worked = 0;  // on a core
  double queued = 0;  // could have run, but no core was free
};

// A server for one measurement: the one beside this program, on a free port, in a folder of its own
// that goes with it. Other commands do not find it.
class OwnServer {
 public:
  // Waits until it listens. Throws Error (io).
  explicit OwnServer(std::vector<std::string> flags);
  ~OwnServer();  // stops it
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;

  const cli::Door& door() const { return door_; }

  // Its threads by number; empty where the kernel does not tell.
  std::map<int, ThreadTime> threads() const;

 private:
  void start(const std::vector<std::string>& command);
  std::string first_line();
  void stop();

  std::string folder_;
  int pid_ = 0;
  int out_ = -1;  // its standard output
  cli::Door door_;
};

}  // namespace atheria::bench
