#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "app/protocol/json_text.h"
#include "engine/base/error.h"

// One peer: a process that answers JSON lines (bench/README.md).
namespace atheria::bench {

// Why there will be no more answers: it ended, it was too late, it said nonsense.
struct PeerFailed : Error {
  explicit PeerFailed(const std::string& why) : Error(ErrorKind::io, why) {}
};

// The user pressed Ctrl-C, or this process was asked to end.
struct Interrupted : Error {
  Interrupted() : Error(ErrorKind::cancelled, "interrupted") {}
};

class PeerProcess {
 public:
  // In a process group of its own; what it says on stderr goes to a file in `folder`. Throws Error
  // (io) when it cannot be started.
  PeerProcess(const std::string& name, const std::vector<std::string>& command,
              const std::string& folder);
  ~PeerProcess();  // asks it to quit, then ends the whole group
  PeerProcess(const PeerProcess&) = delete;
  PeerProcess& operator=(const PeerProcess&) = delete;

  // Waits at most so long for the answer; after that the group is killed. Throws PeerFailed with
  // the end of what it said, Interrupted.
  wire::json::object ask(const wire::json::object& request, double limit_seconds);

 private:
  std::string line(double limit_seconds);
  [[noreturn]] void fail(const std::string& why);
  std::string last_words() const;
  bool has_ended() const;

  struct Pipes;
  std::unique_ptr<Pipes> pipes_;
  std::string name_, errors_;
  std::string read_;  // of stdout, not yet taken
  pid_t pid_ = 0;
};

// From here on the first Ctrl-C or SIGTERM only sets a flag, which check_interrupt() turns into
// Interrupted, so that destructors end the peers; the second ends this process at once.
void take_interrupts();
void check_interrupt();

}  // namespace atheria::bench
