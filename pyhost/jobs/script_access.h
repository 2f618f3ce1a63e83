#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/protocol/script_types.h"

namespace atheria {

// Python as the server needs it: what it asks, it asks here. The real one lives with the plug-in;
// tests have one of their own. Any thread; never blocks long. All but health(), list() and
// listen() throw Error: unsupported with the reason when Python is off or failed, not_found for a
// job nobody knows.
class ScriptAccess {
 public:
  virtual ~ScriptAccess() = default;

  // Throws Error (busy) when 16 wait.
  virtual ScriptStatus run(ScriptSpec spec) = 0;

  // The stage it is in now; each repeat moves on. `force` goes to stage 2 at once.
  virtual int cancel(const std::string& job, const std::string& reason, bool force) = 0;

  // In the order they came; finished ones too, as long as they are remembered. While Python is off
  // or failed: empty.
  virtual std::vector<ScriptStatus> list() const = 0;
  virtual ScriptStatus status(const std::string& job) const = 0;

  // Chunks from `from` on, or from out_from when that is later: as many as fit into `max_bytes` of
  // text, but one at least when there is one.
  virtual std::vector<ScriptChunk> output(const std::string& job, std::uint64_t from,
                                          std::size_t max_bytes) const = 0;

  // A line without its newline, or nothing: the end of what there is to read. When it returns,
  // wants_input is false until the job asks again. Throws Error (conflict) when the job does not
  // take input.
  virtual void input(const std::string& job, const std::optional<std::string>& line) = 0;

  // What a job says of itself: how far it is, 0..1, in a few words; that it needs more time to end,
  // and how many seconds it has left.
  virtual void progress(const std::string& job, double fraction, const std::string& text) = 0;
  virtual double extend_grace(const std::string& job, double seconds) = 0;

  virtual PythonHealth health() const = 0;

  // `changed` is called from any thread when a job's state or output changed, or the health (job
  // empty); it returns at once. One listener; an empty function ends it, and a call under way may
  // still come.
  virtual void listen(std::function<void(const std::string& job)> changed) = 0;
};

}  // namespace atheria
