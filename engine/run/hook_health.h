#pragma once

#include <mutex>
#include <string>

namespace atheria {

// Whether a hook for which its world stands still is attached. Whose visits are ended by their
// deadline three times is not. Any thread.
class HookHealth {
 public:
  // One visit was ended by its deadline; true when that was one too many.
  bool late(double budget_ms);
  bool detach(const std::string& why);  // the first reason stays; true: it was this one
  std::string detached() const;         // empty: it is attached

 private:
  static constexpr int kMostLate = 3;

  mutable std::mutex mutex_;
  int late_ = 0;  // Guarded by mutex_, like the rest.
  std::string detached_;
};

}  // namespace atheria
