#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "app/protocol/subscribe.h"
#include "app/server/flow.h"
#include "app/server/outbox.h"
#include "app/server/topic.h"

namespace atheria::server {

class Subscription;

// What a subscription asks of its connection. I/O thread.
class SubscriptionOwner {
 public:
  virtual ~SubscriptionOwner() = default;
  virtual std::uint64_t now() const = 0;
  virtual void send_frame(OutgoingFrame frame) = 0;
  virtual void wake_at(std::uint64_t at_us) = 0;  // calls pump() then, or somewhat earlier
  virtual std::size_t lossless_room() const = 0;  // bytes that may still wait
  virtual void on_gap(Subscription& sub, std::uint32_t from, std::uint32_t to) = 0;
  virtual void on_full(Subscription& sub) = 0;  // onFull is close or pause
  virtual void on_ended(Subscription& sub, const std::string& reason) = 0;
  virtual void on_once_sent(Subscription& sub) = 0;
};

// One client's wish to see one topic: which frames it is offered, which it gets, and as a
// difference to what. At most one frame is on its way; of a latest subscription at most one waits.
// Owned by a session; I/O thread.
class Subscription : public PictureSink {
 public:
  Subscription(wire::Subscribe wish, SubscriptionOwner& owner, Metrics& metrics);

  const wire::Subscribe& wish() const { return wish_; }
  std::uint32_t id() const { return wish_.sub; }
  Flow& flow() { return flow_; }
  const Flow& flow() const { return flow_; }
  const std::shared_ptr<Topic>& topic() const { return topic_; }

  // The caller joins and leaves topics. After a change the next frame is KEY and nothing old waits.
  void attach(std::shared_ptr<Topic> topic);
  void update(wire::Subscribe wish);
  void detach() { attach(nullptr); }

  // Sends the next frame if there is one and it may go.
  void pump();
  void part_sent(std::uint32_t seq, bool last, std::size_t bytes);
  // The frame on its way was taken back from the outbox before any of it was sent.
  void taken_back() { sending_ = false; }

  void on_picture(const Picked& picked) override;
  void on_lost(std::uint64_t count) override;
  void on_end(const std::string& reason) override;

  struct Counts {
    std::uint32_t offered = 0;
    std::uint64_t sent = 0;
    std::uint64_t dropped = 0;
    std::uint64_t bytes = 0;
  };
  const Counts& counts() const { return counts_; }
  std::size_t waiting_bytes() const { return waiting_bytes_; }

 private:
  struct Waiting {
    Picked picked;
    std::uint32_t seq = 0;  // 0: came before it was due, not offered yet
  };
  struct Base {
    Picked picked;
    std::uint32_t seq = 0;
    std::uint64_t sent_us = 0;
  };
  bool lossless() const { return wish_.mode == wire::SubMode::lossless; }
  void keep_newest(const Picked& picked);
  void queue(const Picked& picked);
  void make_room(std::size_t bytes);
  void count_dropped(std::uint64_t& reason, std::uint64_t count = 1);
  const Picked* usable_base(const Picked& next) const;
  void start(Waiting next);
  void encoded(std::shared_ptr<const wire::EncodedFrame> encoded);
  static std::size_t size(const Picked& picked);

  wire::Subscribe wish_;
  SubscriptionOwner& owner_;
  Metrics& metrics_;
  Flow flow_;
  std::shared_ptr<Topic> topic_;
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint32_t gap_from_ = 0, gap_to_ = 0;  // dropped to make room, not told yet; 0: none
  std::optional<Base> base_;
  Waiting current_;  // being encoded or sent
  bool encoding_ = false;
  bool sending_ = false;
  bool base_lost_ = false;      // the current frame belongs to what was before an update
  std::uint32_t last_seq_ = 0;  // of the frame last started
  Counts counts_;
  // Encodings come back later; this tells whether we are still there and still want them.
  std::shared_ptr<std::uint64_t> generation_ = std::make_shared<std::uint64_t>(0);
};

}  // namespace atheria::server
