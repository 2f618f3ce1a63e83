#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/protocol/encode.h"
#include "app/server/options.h"

namespace atheria::server {

// A frame on its way to one subscriber.
struct OutgoingFrame {
  std::uint32_t sub = 0;
  std::uint32_t seq = 0;
  std::uint32_t base_seq = 0;
  bool gap = false;
  std::shared_ptr<const wire::EncodedFrame> encoded;
};

// Bytes that follow a reply, on their way to one client.
struct OutgoingBlob {
  std::uint32_t request = 0;  // the reply's id
  std::uint64_t step = 0;
  double time = 0;
  std::uint64_t clock_us = 0;
  std::shared_ptr<const std::vector<std::uint8_t>> bytes;
};

// One WebSocket message. Payloads are shared; only the 80 bytes of a part's header are this
// subscriber's own.
struct Outgoing {
  std::shared_ptr<const std::string> text;                   // a reply or an event
  wire::HeaderBytes header{};                                // a part
  std::shared_ptr<const std::vector<std::uint8_t>> payload;  // a part's
  std::uint32_t sub = 0;
  std::uint32_t seq = 0;
  bool last_part = false;
};

// What one client has yet to receive, and in which order: replies, then events, then frames and blobs
// part by part and in turn, so that a reply never waits longer than one part takes. Policy only: no sockets, no clock.
// I/O thread only.
class Outbox {
 public:
  explicit Outbox(const Limits& limits) : limits_(limits) {}

  using Text = std::shared_ptr<const std::string>;

  void push_reply(Text text);

  // An event with a key replaces a waiting one of the same key and goes to the end.
  void push_event(Text text, const std::string& key = {});

  // At most one a subscription: the caller waits for the last part before the next.
  void push_frame(OutgoingFrame frame);
  // Parts not yet taken are forgotten.
  void drop_frame(std::uint32_t sub);
  void drop_frames() {
    frames_.clear();
    blobs_.clear();
  }
  // After its reply was pushed.
  void push_blob(OutgoingBlob blob) { blobs_.push_back({std::move(blob), 0}); }
  std::size_t blob_bytes() const;  // waiting
  // Only a frame of which no part was taken; true when there was one.
  bool take_back(std::uint32_t sub);

  std::optional<Outgoing> take();

  bool empty() const {
    return replies_.empty() && events_.empty() && frames_.empty() && blobs_.empty();
  }
  bool wants_requests() const {
    return replies_.size() < limits_.replies && reply_bytes_ < limits_.reply_bytes;
  }
  // More waits than a client may leave waiting: it is closed with 4409.
  bool overflowed() const;

  std::size_t replies() const { return replies_.size(); }
  std::size_t events() const { return events_.size(); }
  std::size_t bytes() const;  // waiting, of all kinds

 private:
  struct Event {
    Text text;
    std::string key;
  };
  struct Frame {
    OutgoingFrame frame;
    std::size_t next_part = 0;
  };
  struct Blob {
    OutgoingBlob blob;
    std::size_t sent = 0;  // bytes
    std::uint16_t part = 0;
  };
  Outgoing take_part();
  Outgoing take_blob_part();

  const Limits& limits_;
  std::deque<Text> replies_;
  std::deque<Event> events_;
  std::deque<Frame> frames_;
  std::deque<Blob> blobs_;
  bool blobs_turn_ = false;
  std::size_t reply_bytes_ = 0;
  std::size_t event_bytes_ = 0;
};

}  // namespace atheria::server
