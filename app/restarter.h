#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "app/engine_worlds.h"
#include "app/server/restart_access.h"
#include "app/server/server.h"
#include "app/world_saving.h"

namespace atheria {

// Brings the worlds of this server over to the process it becomes. They stand still from the moment
// they are written down, so that nothing a client was told is lost. No Python takes part.
class Restarter : public server::RestartAccess {
 public:
  struct Options {
    std::string program;                         // what will be started
    std::chrono::milliseconds patience{10'000};  // for a world in the middle of a step
  };
  // Server and worlds must outlive it.
  Restarter(Options options, server::Server& server, EngineWorlds& worlds);
  ~Restarter() override;

  void save(std::function<void(Kept kept, std::optional<Error> error)> done) override;
  void go() override;

  // Gives up what is under way; joins. The folder of what was saved when go() was called, else
  // empty.
  std::string end();

 private:
  Kept save_all();
  bool begin(const std::string& world, Kept& kept);
  void finish(std::size_t from, std::vector<Checkpoint>& made);
  void call_off();
  bool there(const std::string& world) const;

  const Options options_;
  server::Server& server_;
  EngineWorlds& worlds_;
  std::atomic<bool> busy_ = false;
  std::atomic<bool> going_ = false;
  std::atomic<bool> ending_ = false;
  std::string folder_;                                 // The thread's while it runs; so is
  std::vector<std::unique_ptr<WorldSaving>> savings_;  // this.
  std::thread thread_;
};

}  // namespace atheria
