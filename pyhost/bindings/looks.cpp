#include "pyhost/bindings/looks.h"

#include "engine/run/simulation.h"
#include "pyhost/bindings/fields.h"

namespace atheria::pyhost {
namespace {

Look look_at(const Simulation& world, const std::vector<std::string>& wanted) {
  Look look{world.step(), world.time(), {}};
  for (const auto& name : wanted.empty() ? channel_names(world.law()) : wanted)
    look.channels.emplace_back(name, copy_of(world, name).numbers);
  return look;
}

}  // namespace

std::shared_ptr<Looks> Looks::of(Runner& runner, LookRules rules,
                                 std::vector<std::string> channels) {
  const auto looks = std::make_shared<Looks>();
  looks->queue_ = std::make_shared<LookQueue<Look>>(
      rules,
      [names = std::move(channels)](const Simulation& world) { return look_at(world, names); },
      // The runner outlives its own thread, on which alone this is called.
      [&runner](Command command) { runner.post(std::move(command)); },
      [weak = std::weak_ptr<Looks>(looks)] {
        if (const auto self = weak.lock()) self->ring();
      });
  return looks;
}

// Who is about to wait has looked under the mutex, and waits when this has it.
void Looks::ring() {
  {
    const Locked lock(mutex);
  }
  changed.notify_all();
}

}  // namespace atheria::pyhost
