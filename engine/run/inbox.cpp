#include "engine/run/inbox.h"

#include <chrono>

#include "engine/base/clock.h"
#include "engine/base/locks.h"

namespace atheria {

void Inbox::post(Command command) {
  {
    const Locked lock(mutex_);
    if (closed_) throw Error(ErrorKind::cancelled, "the world is stopping");
    if (waiting_.size() >= kMost)
      throw Error(ErrorKind::busy, "the world has 4096 commands waiting; try again later");
    waiting_.push_back(std::move(command));
  }
  arrived_.notify_one();
}

std::deque<Command> Inbox::take() {
  const Locked lock(mutex_);
  return std::exchange(waiting_, {});
}

void Inbox::wait(std::uint64_t until_us) {
  Locked lock(mutex_);
  const auto ready = [this] { return closed_ || !waiting_.empty(); };
  if (until_us == 0) return arrived_.wait(lock, ready);
  const auto now = now_us();
  if (until_us > now) arrived_.wait_for(lock, std::chrono::microseconds(until_us - now), ready);
}

void Inbox::close() {
  {
    const Locked lock(mutex_);
    closed_ = true;
  }
  arrived_.notify_one();
}

bool Inbox::closed() const {
  const Locked lock(mutex_);
  return closed_;
}

}  // namespace atheria
