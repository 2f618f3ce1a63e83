#pragma once

#include <string>
#include <vector>

#include "app/protocol/script_types.h"

// What stays of a job on disk: RUNS/000012-train.py/{job.json, script.py, out.jsonl}.
namespace atheria::jobs {

// The folder of one server's jobs. Several servers may share it: a number is taken by making its
// folder. Not thread-safe.
class Records {
 public:
  explicit Records(std::string folder);

  const std::string& folder() const { return folder_; }

  struct Place {
    std::string job;     // its number
    std::string folder;  // where all of it stays
  };

  // A new number, at least `from`, and its folder; keeps the source there. Throws Error (io).
  Place add(const ScriptSpec& spec, std::uint64_t from);

  // Written anew whenever the job changes; a fault is logged, not thrown.
  static void write(const std::string& folder, const ScriptSpec& spec, const ScriptStatus& status);

  struct Earlier {
    ScriptStatus status;
    std::string folder;
  };
  // The newest `count` jobs of earlier runs of the server, oldest first. One that never ended,
  // though its server is gone, is written down as lost.
  std::vector<Earlier> earlier(std::size_t count);

 private:
  const std::string folder_;
};

}  // namespace atheria::jobs
