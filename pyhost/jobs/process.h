#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "pyhost/jobs/board.h"

namespace atheria::jobs {

// Jobs in processes of their own, for code that may crash, for runs in parallel, for native
// extensions nobody has tried: `python -m atheria.worker`, which reaches the worlds through the
// server like any other client. SIGINT asks one to stop, SIGKILL to its whole process group ends it.
class Processes : public Launcher {
 public:
  struct Options {
    std::string executable;  // the Python
    std::string package;     // the folder that holds `atheria`
    std::string url, token;  // of the server
  };
  Processes(Options options, Board& board);
  ~Processes() override;  // kills what runs, joins

  void launch(const std::string& job, const ScriptSpec& spec) override;
  void stop(const std::string& job, const std::string& reason) override;
  void remind(const std::string&) override {}  // SIGINT arrives
  void kill(const std::string& job) override;
  void revoke(const std::string&) override {}  // a client holds no leases
  std::string stacks() override { return {}; }
  double cpu_seconds() override { return 0; }

 private:
  void run(const std::string& job, const ScriptSpec& spec);
  void signal(const std::string& job, int number, bool whole_group);
  std::vector<std::string> environment(const std::string& job, const ScriptSpec& spec) const;

  const Options options_;
  Board& board_;
  std::mutex mutex_;
  std::map<std::string, int> pids_;  // Guarded by mutex_.
  int threads_ = 0;                  // Guarded by mutex_.
  std::condition_variable ended_;
};

}  // namespace atheria::jobs
