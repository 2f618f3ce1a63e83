#include "app/bench/memory.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace atheria::bench {
namespace {

// A line of /proc/self/status, "VmHWM:  1234 kB".
double status_bytes(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name + ":")) continue;
    double kibibytes = 0;
    std::istringstream(line.substr(name.size() + 1)) >> kibibytes;
    return kibibytes * 1024;
  }
  return 0;
}

}  // namespace

PeakMemory::PeakMemory() {
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
  before_ = resident_bytes();
}

double PeakMemory::growth() const { return std::max(0.0, status_bytes("VmHWM") - before_); }

double resident_bytes() { return status_bytes("VmRSS"); }

}  // namespace atheria::bench
