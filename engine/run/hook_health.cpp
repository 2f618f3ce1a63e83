#include "engine/run/hook_health.h"

#include <fmt/format.h>

#include "engine/base/locks.h"

namespace atheria {

bool HookHealth::late(double budget_ms) {
  const Locked lock(mutex_);
  if (++late_ < kMostLate || !detached_.empty()) return false;
  detached_ = fmt::format("it took longer than its budget of {:g} ms {} times", budget_ms, late_);
  return true;
}

bool HookHealth::detach(const std::string& why) {
  const Locked lock(mutex_);
  if (!detached_.empty()) return false;
  detached_ = why;
  return true;
}

std::string HookHealth::detached() const {
  const Locked lock(mutex_);
  return detached_;
}

}  // namespace atheria
