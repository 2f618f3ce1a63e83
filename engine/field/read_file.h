#pragma once

#include <string>

namespace atheria {

// All of a file named by a starting state. Throws Error: not_found, io (a folder, unreadable),
// too_large (over 256 MiB).
std::string read_file(const std::string& path);

}  // namespace atheria
