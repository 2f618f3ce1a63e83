#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "app/protocol/script_types.h"
#include "pyhost/jobs/executor.h"
#include "pyhost/jobs/output.h"

namespace atheria::jobs {

// One script, from the wish to the record. Guarded by the board's mutex. Times are the board's
// clock in microseconds; 0: not yet.
struct Job {
  ScriptSpec spec;
  ScriptStatus status;
  std::string folder;
  Executor* executor = nullptr;    // that runs it; null: none does
  std::unique_ptr<Output> output;  // null: of an earlier run of the server, or long ago; on disk

  std::uint64_t submitted_us = 0;
  std::uint64_t started_us = 0;
  double cpu_before_s = 0;  // of the thread, when it started

  std::string stop_reason;            // why a stop was asked for; empty: none was
  std::string stop_outcome;           // what it will be called: cancelled, timed_out
  std::uint64_t grace_until_us = 0;   // then comes stage 2
  std::uint64_t latest_grace_us = 0;  // as far as extend_grace() goes
  std::uint64_t kill_us = 0;          // when stage 2 began
  std::uint64_t next_poke_us = 0;

  std::deque<std::string> lines;  // for input()
  bool input_ended = false;
};

}  // namespace atheria::jobs
