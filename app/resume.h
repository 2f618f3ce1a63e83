#pragma once

#include <optional>
#include <string>

#include "app/engine_worlds.h"
#include "app/restart_file.h"
#include "app/server/options.h"

namespace atheria {

// What the server before this one in the same process left.
class Resumed {
 public:
  // Nothing: this is a first start. The variable is gone afterwards. Before there is a second
  // thread. What cannot be used is logged, and it is a first start too.
  static std::optional<Resumed> take();

  // The port and the token that clients know.
  void put_into(server::ServerOptions& options) const;

  // The worlds as they stood; one that cannot be is logged, and its planes stay where they are.
  void put_into(EngineWorlds& worlds) const;

 private:
  Resumed(std::string folder, Restart left) : folder_(std::move(folder)), left_(std::move(left)) {}

  std::string folder_;
  Restart left_;
};

}  // namespace atheria
