#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "app/engine_worlds.h"
#include "app/server/server.h"
#include "pyhost/bindings/door.h"
#include "pyhost/host/plugin.h"
#include "pyhost/jobs/board.h"
#include "pyhost/jobs/process.h"

namespace atheria {

// Python in this server: the table of its scripts, and the plug-in, which a thread of its own looks
// for and loads while the server serves already. Without Python the table says why.
class PythonPlane {
 public:
  struct Options {
    pyhost::HostConfig host;    // executable empty: no Python
    std::string plugin_folder;  // where the plug-in is
    std::string runs;           // folder of the scripts' records
  };
  // Server and worlds must outlive it.
  PythonPlane(Options options, server::Server& server, EngineWorlds& worlds);
  ~PythonPlane();

  // Ends scripts and notebooks: what runs has its grace to end, then it is forced. `hurry` is asked
  // now and then; true forces at once.
  void stop(const std::function<bool()>& hurry);

  // Leaves what runs in this process as it is, as the process becomes another; children end.
  void abandon();

 private:
  class Door;
  void load();

  const Options options_;
  jobs::Board board_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<jobs::Processes> processes_;  // null without Python
  std::atomic<pyhost::Host*> host_ = nullptr;   // set by the loader; lives until the process ends
  std::thread loader_;
};

}  // namespace atheria
