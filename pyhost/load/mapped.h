#pragma once

#include <set>
#include <string>

namespace atheria::pyhost {

// The files of that name mapped into this process.
std::set<std::string> mapped_files(const std::string& name);

}  // namespace atheria::pyhost
