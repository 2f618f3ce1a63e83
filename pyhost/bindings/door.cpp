#include "pyhost/bindings/door.h"

#include <atomic>

namespace atheria::pyhost {
namespace {

std::atomic<EngineDoor*> the_door{nullptr};

}  // namespace

void set_door(EngineDoor* door) { the_door = door; }

EngineDoor& door() {
  auto* const found = the_door.load();
  if (found == nullptr)
    throw Error(ErrorKind::unsupported, "this process has no worlds: its engine was not started");
  return *found;
}

}  // namespace atheria::pyhost
