#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/law/info.h"
#include "engine/run/command.h"
#include "engine/run/world.h"
#include "engine/view/window.h"

namespace atheria::server {

// The worlds as the server needs them: what it asks, it asks here. The real one is
// app/engine_worlds.h; tests have a small one of their own. I/O thread, unless said.
class WorldAccess {
 public:
  virtual ~WorldAccess() = default;

  virtual const std::vector<const LawInfo*>& laws() const = 0;
  virtual std::vector<ViewInfo> views(
      const std::string& law) const = 0;                              // throws Error (not_found)
  virtual std::vector<Measure> series(const LawInfo& law) const = 0;  // columns after step and time
  virtual std::vector<std::string> patterns() const = 0;
  // Throws Error on a spec that does not fit the grid.
  virtual Window window(const GridSpec& grid, const ViewSpec& spec) const = 0;

  // Slow: called on a thread of their own, one at a time. Throw Error.
  virtual WorldState create(const WorldSpec& spec) = 0;
  virtual void remove(const std::string& name) = 0;

  // In the order they were made.
  virtual std::vector<WorldState> states() const = 0;
  virtual WorldState state(const std::string& name) const = 0;  // throws Error (not_found)
  virtual void post(const std::string& name,
                    Command command) = 0;  // throws Error (not_found, busy)

  // Posts what `make` makes: a hook, which by `within` may post to its world while it is called, on
  // the world's own thread and nowhere else. Throws Error as post() does.
  using Post = std::function<void(Command)>;
  virtual void post_hook(const std::string& name, const std::function<Command(Post within)>& make) {
    (void)make;
    throw Error(ErrorKind::unsupported, "no hooks in world '" + name + "'");
  }
};

}  // namespace atheria::server
