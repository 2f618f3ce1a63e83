#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/law/info.h"
#include "engine/run/command.h"

namespace atheria {

// One step of a law that somebody else computes: bytes out, bytes back. The world's thread waits for
// the answer; any thread gives it, and the first answer counts.
class RemoteStep {
 public:
  RemoteStep(std::uint64_t at, ParamMap with, FieldCopy field)
      : t(at), params(std::move(with)), psi(std::move(field)) {}

  const std::uint64_t t;
  const ParamMap params;
  FieldCopy psi;  // [c,h,w] or [c,d,h,w]; whoever computes it may move it away

  void answer(std::vector<std::uint8_t> next);  // of the same shape and type
  void fail(const std::string& why);
  bool over() const;  // answered, failed, or not waited for any more

 private:
  friend class RemoteLaw;
  using Answer = std::optional<std::vector<std::uint8_t>>;
  // World's thread. Nothing: `goes_on` said no, or the budget is over. Throws Error with why it failed.
  Answer wait(std::chrono::milliseconds budget, const std::function<bool()>& goes_on);

  mutable std::mutex mutex_;
  std::condition_variable came_;
  bool over_ = false;  // Guarded by mutex_, like the rest.
  std::vector<std::uint8_t> next_;
  std::string failure_;
};

// Called on a world's thread, which then waits: must not block. Called until the process ends.
using AskStep = std::function<void(std::shared_ptr<RemoteStep>)>;

// Adds a law whose steps `ask` has computed. Worlds of it run on the CPU. Over its budget, or when
// the step fails, the world pauses at its last good step. Throws Error as add_law() does.
void add_remote_law(LawInfo info, std::chrono::milliseconds budget, AskStep ask);

}  // namespace atheria
