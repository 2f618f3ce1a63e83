#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/run/frame.h"

namespace atheria::server {

// Frames of one watch between the world's thread, which puts, and the encoder, which takes. Newest
// wins, unless lossless: then frames queue up to a limit. At most one wake-up is under way, however
// slow the taker.
class Mailbox {
 public:
  // `limit`: bytes of pictures that may wait when lossless.
  Mailbox(bool lossless, std::size_t limit) : lossless_(lossless), limit_(limit) {}

  // World's thread. True when the taker must be woken.
  bool put(std::shared_ptr<const Frame> frame) {
    const std::lock_guard lock(mutex_);
    bytes_ += size(*frame);
    waiting_.push_back(std::move(frame));
    while (waiting_.size() > 1 && (!lossless_ || bytes_ > limit_)) {
      bytes_ -= size(*waiting_.front());
      waiting_.pop_front();
      ++lost_;
    }
    return !std::exchange(awake_, true);
  }

  struct Batch {
    std::deque<std::shared_ptr<const Frame>> frames;  // oldest first
    std::uint64_t lost = 0;                           // before them
  };
  Batch take() {
    const std::lock_guard lock(mutex_);
    bytes_ = 0;
    return {std::exchange(waiting_, {}), std::exchange(lost_, 0)};
  }

  // The batch has arrived where it was going. True when more has come: wake the taker again.
  bool done() {
    const std::lock_guard lock(mutex_);
    awake_ = !waiting_.empty();
    return awake_;
  }

 private:
  static std::size_t size(const Frame& frame) {
    return frame.picture.values.size() * sizeof(float) + sizeof(Frame);
  }

  const bool lossless_;
  const std::size_t limit_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<const Frame>> waiting_;  // Guarded by mutex_, like all below.
  std::size_t bytes_ = 0;
  std::uint64_t lost_ = 0;
  bool awake_ = false;
};

}  // namespace atheria::server
