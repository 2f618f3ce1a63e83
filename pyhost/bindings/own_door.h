#pragma once

#include "pyhost/bindings/door.h"

namespace atheria::pyhost {

// The worlds of a process that is no server. Made once, never destroyed; close() ends them all.
EngineDoor& own_door();
void close_own_door();

}  // namespace atheria::pyhost
