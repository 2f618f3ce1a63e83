#include "pyhost/bindings/inline_hook.h"

#include <fmt/format.h>

#include "engine/base/locks.h"
#include "engine/base/log.h"

namespace atheria::pyhost {
namespace {

// Dies with the hook: on the world's thread, or with the world.
struct VisitsEnd {
  explicit VisitsEnd(std::shared_ptr<StepVisits> of) : visits(std::move(of)) {}
  ~VisitsEnd() { visits->detach("the world was deleted"); }
  VisitsEnd(const VisitsEnd&) = delete;
  VisitsEnd& operator=(const VisitsEnd&) = delete;
  std::shared_ptr<StepVisits> visits;
};

}  // namespace

command::Hook StepVisits::hook(std::uint64_t id, Runner& runner) {
  // The runner outlives its own thread, on which alone this is called.
  return {id, every_,
          [end = std::make_shared<VisitsEnd>(shared_from_this()), &runner](Simulation& world) {
            return end->visits->stop_at_step(runner, world.spec().name);
          }};
}

// The world takes what it is posted here before its next step: so it parks at this one.
bool StepVisits::stop_at_step(Runner& runner, const std::string& world) {
  if (!detached().empty()) return false;
  const auto self = shared_from_this();
  const auto visit = std::make_shared<ParkedWorld>(fresh_id());
  auto park = visit->park(fmt::format("a hook at every {} steps", every_),
                          static_cast<std::uint64_t>(1e3 * budget_ms_),
                          [self, world](const std::string& why) { self->left(why, world); });
  // When somebody else's lease begins at this very step, this one is not waited for.
  runner.post({std::move(park), [self, visit](const Outcome& outcome) {
                 if (!outcome.error) self->parked(visit);
               }});
  return true;
}

void StepVisits::parked(std::shared_ptr<ParkedWorld> world) {
  const Locked lock(mutex);
  parked_ = std::move(world);
  changed.notify_all();
}

void StepVisits::left(const std::string& why, const std::string& world) {
  const Locked lock(mutex);
  parked_ = nullptr;
  if (!why.starts_with("expired") || !health_.late(budget_ms_)) return;
  log::warning(fmt::format("world {}: a hook at every {} steps was detached: {}", world, every_,
                           health_.detached()));
  changed.notify_all();
}

void StepVisits::detach(const std::string& why) {
  const Locked lock(mutex);
  health_.detach(why);
  changed.notify_all();
}

}  // namespace atheria::pyhost
