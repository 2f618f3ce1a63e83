#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "pyhost/jobs/executor.h"

namespace atheria::jobs {

// Writes down what it is told: "stop 1: why", "remind 1", "kill 1", "revoke 1".
class FakeExecutor : public Executor {
 public:
  void stop(const std::string& job, const std::string& reason) override {
    note("stop " + job + ": " + reason);
  }
  void remind(const std::string& job) override { note("remind " + job); }
  void kill(const std::string& job) override { note("kill " + job); }
  void revoke(const std::string& job) override { note("revoke " + job); }
  std::string stacks() override { return "line 3 in spin"; }
  double cpu_seconds() override { return 0; }

  std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    return std::exchange(told_, {});
  }

 private:
  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    told_.push_back(std::move(what));
  }

  std::mutex mutex_;
  std::vector<std::string> told_;  // Guarded by mutex_.
};

}  // namespace atheria::jobs
