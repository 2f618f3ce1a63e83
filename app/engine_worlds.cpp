#include "app/engine_worlds.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/error.h"
#include "engine/field/patterns.h"
#include "engine/field/seed_patterns.h"
#include "engine/run/catalog.h"

namespace atheria {

const std::vector<const LawInfo*>& EngineWorlds::laws() const { return law_catalog(); }

std::vector<ViewInfo> EngineWorlds::views(const std::string& law) const { return law_views(law); }

std::vector<Measure> EngineWorlds::series(const LawInfo& law) const { return series_of(law); }

std::vector<std::string> EngineWorlds::patterns() const {
  std::vector<std::string> names;
  for (const NamedPattern& pattern : life_patterns()) names.push_back(pattern.name);
  const auto seeds = seed_pattern_names();
  names.insert(names.end(), seeds.begin(), seeds.end());
  return names;
}

Window EngineWorlds::window(const GridSpec& grid, const ViewSpec& spec) const {
  return window_of(grid, spec);
}

WorldState EngineWorlds::create(const WorldSpec& spec) {
  return know(spec.name, worlds_.create(spec));
}

WorldState EngineWorlds::resume(const Checkpoint& from) {
  return know(from.spec.name, worlds_.resume(from));
}

WorldState EngineWorlds::know(const std::string& name, std::shared_ptr<Runner> runner) {
  WorldState state = runner->state();
  const std::lock_guard lock(mutex_);
  known_.emplace_back(name, std::move(runner));
  return state;
}

void EngineWorlds::remove(const std::string& name) {
  std::shared_ptr<Runner>
      last;  // its thread is joined at the end of this function, not under the lock
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(known_.begin(), known_.end(),
                                    [&](const Entry& entry) { return entry.first == name; });
    if (found != known_.end()) {
      last = std::move(found->second);
      known_.erase(found);
    }
  }
  worlds_.remove(name);
}

std::shared_ptr<Runner> EngineWorlds::find(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [known, runner] : known_) {
    if (known == name) return runner;
    names.push_back(known);
  }
  throw Error(ErrorKind::not_found,
              fmt::format("no world '{}'; there are: {}", name,
                          names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))),
              "args.world");
}

std::vector<WorldState> EngineWorlds::states() const {
  const std::lock_guard lock(mutex_);
  std::vector<WorldState> all;
  for (const auto& [name, runner] : known_) all.push_back(runner->state());
  return all;
}

WorldState EngineWorlds::state(const std::string& name) const { return find(name)->state(); }

void EngineWorlds::post(const std::string& name, Command command) {
  find(name)->post(std::move(command));
}

// The runner outlives its own thread, so a plain pointer does there; a shared one might make that
// thread the last to let go of it.
void EngineWorlds::post_hook(const std::string& name,
                             const std::function<Command(Post within)>& make) {
  const auto runner = find(name);
  runner->post(make([self = runner.get()](Command command) { self->post(std::move(command)); }));
}

}  // namespace atheria
