#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "engine/run/hook_health.h"
#include "engine/run/runner.h"
#include "pyhost/bindings/parked_world.h"

namespace atheria::pyhost {

// Steps at which the world stands and waits for Python, as the world's thread and Python's share
// it. The world never waits longer than the budget.
class StepVisits : public std::enable_shared_from_this<StepVisits> {
 public:
  StepVisits(std::uint32_t every, double budget_ms) : every_(every), budget_ms_(budget_ms) {}

  // What the world is asked. `runner` is the world's own.
  command::Hook hook(std::uint64_t id, Runner& runner);

  // Under `mutex`.
  bool ready() const { return parked_ != nullptr || !detached().empty(); }
  std::shared_ptr<ParkedWorld> take() { return std::exchange(parked_, nullptr); }

  void detach(const std::string& why);  // the first reason stays
  std::string detached() const { return health_.detached(); }

  mutable std::mutex mutex;
  std::condition_variable changed;

 private:
  bool stop_at_step(Runner& runner, const std::string& world);
  void parked(std::shared_ptr<ParkedWorld> world);
  void left(const std::string& why, const std::string& world);

  const std::uint32_t every_;
  const double budget_ms_;
  HookHealth health_;
  std::shared_ptr<ParkedWorld> parked_;  // Guarded by mutex: nobody took it yet.
};

}  // namespace atheria::pyhost
