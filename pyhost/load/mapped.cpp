#include "pyhost/load/mapped.h"

#include <fstream>

namespace atheria::pyhost {

std::set<std::string> mapped_files(const std::string& name) {
  std::set<std::string> paths;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const std::size_t slash = line.find('/');
    if (slash == std::string::npos) continue;
    const std::string path = line.substr(slash);
    if (path.substr(path.rfind('/') + 1) == name) paths.insert(path);
  }
  return paths;
}

}  // namespace atheria::pyhost
