#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "engine/run/checkpoint.h"
#include "engine/run/runner.h"

namespace atheria {

// One world that writes itself down, on its own thread, and then stands still: whoever held it is
// told "revoked", and what clients ask of its field waits. One thread uses this.
class WorldSaving {
 public:
  // Asks at once and does not wait. Throws Error when the world takes no commands.
  WorldSaving(std::shared_ptr<Runner> world, std::string file);

  const std::string& name() const { return name_; }

  // Throws Error: busy when the world has not begun by `until`, cancelled when `ended` says so, io
  // when its file cannot be written.
  Checkpoint wait(std::chrono::steady_clock::time_point until, const std::function<bool()>& ended);

  // The world goes on, at once or when it comes to it. Does not wait.
  void call_off();

 private:
  struct Shared;

  const std::shared_ptr<Runner> world_;
  const std::string name_;
  const std::uint64_t lease_;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace atheria
