#pragma once

#include <string>

namespace atheria::pyhost {

// What a Python says of itself, asked in a child process: a wrong one fails there and not in the
// server.
struct PythonFound {
  std::string executable;  // as it was given
  std::string version;     // "3.11.2"
  std::string tag;         // "cp311"
  std::string library;     // path of libpython
  std::string torch;       // "2.13.0+cpu"
  std::string torch_folder;
  bool new_abi = false;
  bool free_threaded = false;
};

// Throws Error that says what is wrong and what would do.
PythonFound probe_python(const std::string& executable);

// What this server was built with. Throws Error when `found` is not that.
void check_python(const PythonFound& found);

// Throws Error unless the torch this Python imports is the one the server has loaded: two in one
// process crash.
void check_one_torch(const PythonFound& found);

}  // namespace atheria::pyhost
