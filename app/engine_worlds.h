#pragma once

#include <map>
#include <mutex>

#include "app/server/world_access.h"
#include "engine/run/frame.h"
#include "engine/run/worlds.h"

namespace atheria {

// The engine's worlds behind the server's interface. Finding one never waits for another that is
// being made.
class EngineWorlds : public server::WorldAccess {
 public:
  // The sink must outlive this. `memory_limit` in bytes, 0: none.
  EngineWorlds(FrameSink& sink, std::size_t limit, std::size_t memory_limit)
      : worlds_(sink, limit, memory_limit) {}

  const std::vector<const LawInfo*>& laws() const override;
  std::vector<ViewInfo> views(const std::string& law) const override;
  std::vector<Measure> series(const LawInfo& law) const override;
  std::vector<std::string> patterns() const override;
  Window window(const GridSpec& grid, const ViewSpec& spec) const override;

  WorldState create(const WorldSpec& spec) override;
  WorldState resume(const Checkpoint& from);  // as create() throws, and Error (io)
  void remove(const std::string& name) override;

  std::vector<WorldState> states() const override;
  WorldState state(const std::string& name) const override;
  void post(const std::string& name, Command command) override;
  void post_hook(const std::string& name, const std::function<Command(Post within)>& make) override;

  std::shared_ptr<Runner> find(const std::string& name) const;  // throws Error (not_found)

 private:
  WorldState know(const std::string& name, std::shared_ptr<Runner> runner);

  using Entry = std::pair<std::string, std::shared_ptr<Runner>>;

  Worlds worlds_;
  mutable std::mutex mutex_;
  std::vector<Entry> known_;  // Guarded by mutex_; in the order they were made.
};

}  // namespace atheria
