#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/protocol/stream_types.h"
#include "engine/run/runner.h"

namespace atheria::pyhost {

// The worlds as Python reaches them. Any thread; never called with the GIL held, as it may wait.
class EngineDoor {
 public:
  virtual ~EngineDoor() = default;
  virtual std::vector<WorldState> states() = 0;
  // Throws Error (not_found). Whoever gets a runner lets go of it at once: a world ends when the
  // last one has.
  virtual std::shared_ptr<Runner> find(const std::string& name) = 0;
  virtual WorldState create(const WorldSpec& spec) = 0;  // may take seconds; throws Error
  virtual void remove(const std::string& name) = 0;      // throws Error

  // Pictures of a script's own, where somebody can watch them. Throw Error: unsupported here, else
  // as ScriptStreams does.
  virtual std::uint64_t put_stream(StreamPicture picture) = 0;  // its number
  virtual void drop_stream(const std::string& name) = 0;
  virtual std::vector<StreamInfo> streams() = 0;
};

// Once, before the module is used. It must live as long as the process.
void set_door(EngineDoor* door);
EngineDoor& door();  // throws Error (unsupported) when there is none

}  // namespace atheria::pyhost
