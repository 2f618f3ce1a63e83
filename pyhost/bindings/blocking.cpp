#include "pyhost/bindings/blocking.h"

#include <atomic>
#include <thread>

namespace atheria::pyhost {
namespace {

std::atomic<bool> ending{false};
std::thread::id last_thread;  // set before `ending`

}  // namespace

void python_ends() {
  last_thread = std::this_thread::get_id();
  ending = true;
}

Unlocked::~Unlocked() {
  while (ending && std::this_thread::get_id() != last_thread)
    std::this_thread::sleep_for(std::chrono::hours(1));
  PyEval_RestoreThread(saved_);
}

}  // namespace atheria::pyhost
