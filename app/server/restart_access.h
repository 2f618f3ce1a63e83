#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/error.h"

namespace atheria::server {

// The program around the server, which can begin anew and bring the worlds along. The real one is
// app/restarter.h. Any thread.
class RestartAccess {
 public:
  virtual ~RestartAccess() = default;

  // What comes along, and what does not with the reason.
  struct Kept {
    std::vector<std::string> worlds;
    std::vector<std::pair<std::string, std::string>> left;
  };

  // Returns at once; `done` is called once, on another thread. The worlds then stand still until
  // go(), or nothing has changed and the error says why. Throws Error (conflict) while another
  // restart is under way.
  virtual void save(std::function<void(Kept kept, std::optional<Error> error)> done) = 0;

  // After a save: the server ends and begins anew.
  virtual void go() = 0;
};

}  // namespace atheria::server
