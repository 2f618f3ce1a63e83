#pragma once

#include <cstdint>
#include <deque>

#include "app/server/clock.h"

namespace atheria::server {

// When a subscription may send its next frame: its own rate, the window of frames sent and not
// acknowledged, and what happens when acknowledgements stay away (PROTOCOL.md section 7). Policy
// only; times are microseconds of a steady clock, given by the caller.
class Flow {
 public:
  enum class State {
    flowing,
    slow,     // 5 s without an ACK: one frame a second, whatever the window
    stalled,  // 30 s: nothing until the client updates the subscription
  };

  Flow(double max_fps, int window) : fps_(max_fps), window_(window) {}

  // New wishes; a stalled subscription lives again. What is outstanding stays so: its ACKs may
  // still come.
  void update(double max_fps, int window);

  // Its rate allows a frame now. Frames that come earlier are not offered: nobody asked for them.
  bool due(std::uint64_t now) const { return fps_ > 0 && now >= next_us_; }
  // The window allows one.
  bool open(std::uint64_t now) const;
  // When due() or open() may change by time alone; 0: only by an ACK or an update.
  std::uint64_t next_us(std::uint64_t now) const;

  // A frame starts on its way.
  void sent(std::uint32_t seq, std::uint64_t now);

  // False when no such frame was ever sent: the client broke the protocol.
  bool acked(std::uint32_t seq, std::uint64_t now);

  // Call it about once a second; true when it stalled just now.
  bool tick(std::uint64_t now);

  State state() const { return state_; }
  double fps() const { return fps_; }
  int window() const { return window_; }
  std::uint32_t last_acked() const { return last_acked_; }
  std::uint32_t last_sent() const { return last_sent_; }

 private:
  struct Sent {
    std::uint32_t seq;
    std::uint64_t at;
  };
  void adapt(std::uint64_t now);

  double fps_;
  int window_;
  State state_ = State::flowing;
  std::deque<Sent> outstanding_;
  std::uint64_t next_us_ = 0;
  std::uint64_t last_sent_us_ = 0;
  std::uint64_t waiting_since_ = 0;  // the last ACK, or the first frame sent after it
  std::uint64_t best_trip_ = 0;      // shortest time from send to ACK, 0: none yet
  std::uint64_t counted_since_ = 0;  // ACKs since then, to know the rate that arrives
  int counted_ = 0;
  std::uint32_t last_sent_ = 0;
  std::uint32_t last_acked_ = 0;
};

}  // namespace atheria::server
