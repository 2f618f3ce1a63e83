#include "engine/run/hooks.h"

#include <fmt/format.h>

#include <algorithm>

namespace atheria {

void Hooks::put(const command::Hook& hook) {
  if (hook.every < 1 || !hook.call)
    throw Error(ErrorKind::bad_args, fmt::format("every is 1 or more, got {}", hook.every),
                "every");
  remove(hook.id);
  all_.push_back(hook);
}

void Hooks::remove(std::uint64_t id) {
  std::erase_if(all_, [id](const command::Hook& hook) { return hook.id == id; });
}

std::uint64_t Hooks::until_boundary(std::uint64_t step) const {
  std::uint64_t nearest = 0;
  for (const auto& hook : all_) {
    const auto steps = hook.every - step % hook.every;
    nearest = nearest == 0 ? steps : std::min(nearest, steps);
  }
  return nearest;
}

bool Hooks::due(std::uint64_t step) const {
  return std::ranges::any_of(all_, [&](const auto& hook) { return step % hook.every == 0; });
}

std::vector<std::string> Hooks::call(Simulation& simulation, std::uint64_t step) {
  std::vector<std::string> faults;
  std::erase_if(all_, [&](const command::Hook& hook) {
    if (step % hook.every != 0) return false;
    try {
      return !hook.call(simulation);
    } catch (const std::exception& error) {
      faults.emplace_back(error.what());
      return true;
    }
  });
  return faults;
}

}  // namespace atheria
