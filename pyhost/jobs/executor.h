#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/protocol/script_types.h"

namespace atheria::jobs {

// How a job ended, as whoever ran it saw it.
struct JobReport {
  std::string outcome = "ok";  // ok error exit cancelled killed
  int exit_code = 0;
  std::optional<ScriptFailure> failure;
  std::vector<std::string> left_behind;
  std::optional<double> cpu_s = {};  // where only who ran it knows
};

// What runs the foreground job and can be told to stop it. Any thread; nothing here waits. All name
// the job they mean: one that has ended in the meantime is not there any more, and another is not
// touched.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual void stop(const std::string& job, const std::string& reason) = 0;  // stage 1
  virtual void remind(const std::string& job) = 0;  // stage 1 again, if it did not arrive
  virtual void kill(const std::string& job) = 0;    // stage 2; again and again
  virtual void revoke(const std::string& job) = 0;  // ends the leases it holds
  virtual std::string stacks() = 0;                 // of all Python threads; waits at most 0.3 s
  virtual double cpu_seconds() = 0;                 // of the thread that runs jobs
};

// Runs each job in a process of its own, any number at a time.
class Launcher : public Executor {
 public:
  virtual void launch(const std::string& job, const ScriptSpec& spec) = 0;  // returns at once
};

}  // namespace atheria::jobs
