#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace atheria::pyhost {

struct ChildResult {
  int code = -1;      // its exit status, or 128 + the signal that ended it; -1: it could not start
  bool late = false;  // it was killed because its time was over
  std::string out;    // at most 64 KiB each
  std::string err;
};

// Runs a program to its end, or kills it after `limit`. `command[0]` is looked up in PATH unless it
// has a slash.
ChildResult run_child(const std::vector<std::string>& command, std::chrono::milliseconds limit);

}  // namespace atheria::pyhost
