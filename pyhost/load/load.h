#pragma once

#include <string>

#include "pyhost/host/plugin.h"

namespace atheria::pyhost {

// Where the plug-in for a Python is: ".../libatheria_pyhost-cp311.so".
std::string plugin_path(const std::string& folder, const std::string& tag);

// Looks at the Python that config names (in a child), loads libpython and the plug-in, and starts
// it. Takes seconds. Throws Error that says what is wrong and what would do; the server goes on
// without Python. `plugin_folder`: where libatheria_pyhost-cpXYZ.so is.
Host* load_host(const HostConfig& config, const std::string& plugin_folder, jobs::Board& board,
                EngineDoor& door);

}  // namespace atheria::pyhost
