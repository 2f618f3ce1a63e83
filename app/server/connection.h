#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "app/protocol/messages.h"
#include "app/server/auth.h"
#include "app/server/hub.h"
#include "app/server/outbox.h"
#include "app/server/rate.h"
#include "app/server/series.h"
#include "app/server/subscription.h"

namespace atheria::server {

class Call;
class Guest;
struct OpHandler;

// How a connection ends, as PROTOCOL.md lists it.
namespace close_code {
constexpr std::uint16_t normal = 1000;
constexpr std::uint16_t shutdown = 1001;
constexpr std::uint16_t unsupported = 1003;
constexpr std::uint16_t bad_text = 1007;
constexpr std::uint16_t policy = 1008;
constexpr std::uint16_t too_large = 1009;
constexpr std::uint16_t internal = 1011;
constexpr std::uint16_t credential = 4401;
constexpr std::uint16_t timeout = 4408;
constexpr std::uint16_t slow = 4409;
}  // namespace close_code

// What carries a connection's messages: a WebSocket, or a test.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual void wake() = 0;                        // there is something to take()
  virtual void wake_at(std::uint64_t at_us) = 0;  // call woken() then
  // Ends it; with `drain` what waits in texts goes out first.
  virtual void close(std::uint16_t code, const std::string& reason, bool drain) = 0;
};

// One client, without its socket: requests in, replies, events and frames out. I/O thread only.
class Connection : public SubscriptionOwner, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Hub& hub, Identity identity, Transport& transport);
  ~Connection() override;

  // Puts hello into the outbox and joins the hub. Once, after the constructor.
  void start();
  // Leaves the hub and all topics; the transport is not used any more.
  void finish();

  void on_text(std::string_view text);
  void on_binary(std::span<const std::uint8_t> bytes);
  bool wants_requests() const { return outbox_.wants_requests(); }

  // The next message; tell sent() when it has gone.
  std::optional<Outgoing> take() { return outbox_.take(); }
  void sent(const Outgoing& message);

  void tick();   // a few times a second
  void woken();  // what wake_at() asked for

  // The server stops: what runs is cancelled, `shutdown` is said, then 1001.
  void shut_down();

  const std::string& name() const { return name_; }
  const Identity& identity() const { return identity_; }
  // May send code: its role may, and a token says so, not a cookie that a browser adds by itself.
  bool may_run_code() const { return identity_.role >= Role::script && identity_.session == 0; }
  std::size_t text_limit() const;                     // bytes of a message
  std::size_t binary_limit(std::uint8_t kind) const;  // of a binary one that begins so
  Guest* guest() { return guest_.get(); }             // null before the start and after the end
  Hub& hub() { return hub_; }
  std::size_t pending_bytes() const { return outbox_.bytes(); }
  std::size_t subscriptions() const { return subs_.size() + series_.size(); }

  void push_event(std::shared_ptr<const std::string> text, const std::string& key = {});
  void push_reply(std::string text);
  void push_blob(OutgoingBlob blob);  // after the reply it belongs to
  std::size_t blob_bytes() const { return outbox_.blob_bytes(); }
  void close(std::uint16_t code, const std::string& reason);

  // What the ops for subscriptions do. All throw Error.
  void subscribe(const std::shared_ptr<Call>& call);
  void update_subscription(const std::shared_ptr<Call>& call);
  void unsubscribe(std::uint32_t sub);
  void end_series(const std::string& world, const std::string& reason);

  // A call got its answer; false when it is not waited for any more.
  bool settle(std::uint32_t id);
  bool waits_for(std::uint32_t id) const { return running_.contains(id); }

  std::uint64_t now() const override;
  void send_frame(OutgoingFrame frame) override;
  void wake_at(std::uint64_t at_us) override;
  std::size_t lossless_room() const override;
  void on_gap(Subscription& sub, std::uint32_t from, std::uint32_t to) override;
  void on_full(Subscription& sub) override;
  void on_ended(Subscription& sub, const std::string& reason) override;
  void on_once_sent(Subscription& sub) override;

 private:
  struct Series {
    SeriesSubscription feed;
    std::uint64_t member = 0;
  };
  void unreadable(const wire::Unreadable& message);
  void request(wire::Request request);
  void refuse(std::uint32_t id, const wire::Fault& fault);
  void run(const std::shared_ptr<Call>& call);
  bool known_sub(std::uint32_t sub) const { return subs_.contains(sub) || series_.contains(sub); }
  void subscribe_series(const std::shared_ptr<Call>& call, const wire::Subscribe& wish);
  void join(Subscription& sub, const std::shared_ptr<Call>& call);
  void leave(Subscription& sub);
  void forget(std::uint32_t sub);
  void end(std::uint32_t sub, const std::string& reason);
  void pump_series(Series& series);
  void acknowledge(const wire::Ack& ack);
  bool within_rate(const OpHandler* handler);
  void expire_calls(std::uint64_t now);
  void tell_stats();

  Hub& hub_;
  const Identity identity_;
  Transport& transport_;
  const std::string name_;
  Outbox outbox_;
  RateLimit rate_;
  bool started_ = false;
  bool closing_ = false;
  std::size_t bad_in_row_ = 0;
  struct Running {
    std::uint64_t deadline = 0;  // 0: none
    std::weak_ptr<Call> call;
  };
  std::map<std::uint32_t, Running> running_;
  std::map<std::uint32_t, std::unique_ptr<Subscription>> subs_;
  std::map<std::uint32_t, Series> series_;
  std::map<std::uint32_t, std::uint32_t>
      retired_;  // a freed sub's last seq: its ACKs may still be on the way
  std::vector<std::unique_ptr<Subscription>> ended_;  // deleted when nobody is inside them
  std::unique_ptr<Guest> guest_;
  std::uint64_t next_second_ = 0;
};

}  // namespace atheria::server
