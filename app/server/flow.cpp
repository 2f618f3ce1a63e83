#include "app/server/flow.h"

#include <algorithm>
#include <cmath>

namespace atheria::server {
namespace {

constexpr std::uint64_t kSlowAfter = 5_s;
constexpr std::uint64_t kStalledAfter = 30_s;
constexpr std::uint64_t kSlowPeriod = 1_s;
constexpr int kMaxWindow = 16;
constexpr std::size_t kRemembered = 64;  // outstanding frames whose ACK is matched exactly

}  // namespace

void Flow::update(double max_fps, int window) {
  fps_ = max_fps;
  window_ = window;
  state_ = State::flowing;
  outstanding_.clear();
  next_us_ = waiting_since_ = best_trip_ = counted_since_ = 0;
  counted_ = 0;
}

bool Flow::open(std::uint64_t now) const {
  switch (state_) {
    case State::flowing:
      return outstanding_.size() < static_cast<std::size_t>(window_);
    case State::slow:
      return now >= last_sent_us_ + kSlowPeriod;
    case State::stalled:
      break;
  }
  return false;
}

std::uint64_t Flow::next_us(std::uint64_t now) const {
  if (fps_ <= 0 || state_ == State::stalled) return 0;
  std::uint64_t at = next_us_;
  if (state_ == State::slow) at = std::max(at, last_sent_us_ + kSlowPeriod);
  return at > now ? at : 0;
}

void Flow::sent(std::uint32_t seq, std::uint64_t now) {
  if (outstanding_.empty()) waiting_since_ = now;
  outstanding_.push_back({seq, now});
  if (outstanding_.size() > kRemembered) outstanding_.pop_front();
  last_sent_ = seq;
  last_sent_us_ = now;
  const auto period = static_cast<std::uint64_t>(1e6 / fps_);
  // Keeps the beat while it is on time; the source's own jitter of a few ms must not cost a frame.
  next_us_ = next_us_ + 2 * period > now ? next_us_ + period : now + period - period / 8;
}

bool Flow::acked(std::uint32_t seq, std::uint64_t now) {
  if (seq == 0 || seq > last_sent_) return false;
  if (outstanding_.empty() || seq < outstanding_.front().seq) return true;  // late, or twice
  const auto found = std::find_if(outstanding_.begin(), outstanding_.end(),
                                  [&](const Sent& sent) { return sent.seq == seq; });
  if (found == outstanding_.end()) return false;  // that one was dropped here
  const std::uint64_t trip = std::max<std::uint64_t>(now - found->at, 1);
  best_trip_ = best_trip_ == 0 ? trip : std::min(best_trip_, trip);
  outstanding_.erase(outstanding_.begin(), found + 1);
  last_acked_ = seq;
  waiting_since_ = now;
  state_ = state_ == State::stalled ? State::stalled : State::flowing;
  ++counted_;
  adapt(now);
  return true;
}

// The rate that arrives, not the one wished for: a slow client's own delay must not look like a
// long line and earn it more stale frames. The shortest trip, for the same reason.
void Flow::adapt(std::uint64_t now) {
  if (counted_since_ == 0) counted_since_ = now;
  const std::uint64_t span = now - counted_since_;
  if (span < 500_ms) return;
  const double rate = std::min(fps_, counted_ * 1e6 / static_cast<double>(span));
  const double in_flight = rate * static_cast<double>(best_trip_) * 1e-6;
  window_ = std::clamp(static_cast<int>(std::ceil(in_flight)) + 2, 1, kMaxWindow);
  counted_since_ = now;
  counted_ = 0;
}

bool Flow::tick(std::uint64_t now) {
  if (outstanding_.empty() || state_ == State::stalled) return false;
  const std::uint64_t waited = now - waiting_since_;
  if (waited >= kStalledAfter) {
    state_ = State::stalled;
    return true;
  }
  if (waited >= kSlowAfter) state_ = State::slow;
  return false;
}

}  // namespace atheria::server
