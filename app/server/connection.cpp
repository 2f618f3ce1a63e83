#include "app/server/connection.h"

#include <fmt/format.h>

#include "app/protocol/header.h"
#include "app/protocol/ops.h"
#include "app/protocol/upload.h"
#include "app/server/call.h"
#include "app/server/commands.h"
#include "app/server/guest.h"
#include "engine/base/clock.h"

namespace atheria::server {

namespace json = wire::json;

Connection::Connection(Hub& hub, Identity identity, Transport& transport)
    : hub_(hub),
      identity_(identity),
      transport_(transport),
      name_(hub.next_connection_name()),
      outbox_(hub.limits()),
      rate_(hub.limits().commands_per_second, hub.limits().command_burst) {}

Connection::~Connection() { finish(); }

void Connection::start() {
  started_ = true;
  guest_ = std::make_unique<Guest>(hub_, *this);
  push_reply(hub_.hello(*this));
  hub_.add(*this);
}

void Connection::finish() {
  if (!std::exchange(started_, false)) return;
  closing_ = true;
  hub_.remove(*this);
  hub_.scripts().drop(*this);
  hub_.guest_laws().drop(*this);
  guest_.reset();
  for (auto& [id, sub] : subs_) leave(*sub);
  for (auto& [id, series] : series_) hub_.series().leave(series.member);
  subs_.clear();
  series_.clear();
  outbox_.drop_frames();
}

std::size_t Connection::text_limit() const {
  return may_run_code() ? hub_.limits().script_text_bytes : hub_.limits().text_bytes;
}

std::size_t Connection::binary_limit(std::uint8_t kind) const {
  const bool upload = may_run_code() && kind == wire::kUploadKind;
  return upload ? hub_.limits().upload_part_bytes : hub_.limits().binary_bytes;
}

std::uint64_t Connection::now() const { return now_us(); }

void Connection::close(std::uint16_t code, const std::string& reason) {
  if (std::exchange(closing_, true)) return;
  if (code == close_code::slow) ++hub_.metrics().slow_disconnects;
  transport_.close(code, reason, false);
}

void Connection::push_reply(std::string text) {
  if (!started_) return;
  outbox_.push_reply(std::make_shared<const std::string>(std::move(text)));
  if (outbox_.overflowed()) return close(close_code::slow, "too many messages wait to be read");
  transport_.wake();
}

void Connection::push_blob(OutgoingBlob blob) {
  if (!started_ || closing_) return;
  outbox_.push_blob(std::move(blob));
  transport_.wake();
}

void Connection::push_event(std::shared_ptr<const std::string> text, const std::string& key) {
  if (!started_) return;
  outbox_.push_event(std::move(text), key);
  if (outbox_.overflowed()) return close(close_code::slow, "too many messages wait to be read");
  transport_.wake();
}

void Connection::on_text(std::string_view text) {
  if (closing_) return;
  ended_.clear();
  auto parsed = wire::parse_request(text);
  if (const auto* bad = std::get_if<wire::Unreadable>(&parsed)) return unreadable(*bad);
  bad_in_row_ = 0;
  auto& request = std::get<wire::Request>(parsed);
  // Larger messages are for scripts: what others ask for and are told is kept for a while.
  if (text.size() > hub_.limits().text_bytes && request.op != "script.run")
    return refuse(request.id, {.code = "too_large",
                               .message = fmt::format("a message for '{}' has at most {} bytes",
                                                      request.op, hub_.limits().text_bytes)});
  this->request(std::move(request));
}

void Connection::unreadable(const wire::Unreadable& message) {
  refuse(message.id, message.fault);
  if (message.id != 0) return;
  if (++bad_in_row_ >= hub_.limits().bad_messages)
    close(close_code::policy, "too many messages that are no requests");
}

void Connection::refuse(std::uint32_t id, const wire::Fault& fault) {
  ++hub_.metrics().failed_requests;
  push_reply(wire::fault_text(id, fault));
}

void Connection::request(wire::Request request) {
  ++hub_.metrics().requests;
  const std::uint32_t id = request.id;
  const OpHandler* const handler = find_handler(request.op);
  if (!within_rate(handler))
    return refuse(id, {.code = "rate_limited",
                       .message = fmt::format("more than {} requests a second",
                                              hub_.limits().commands_per_second),
                       .retry_after_ms = static_cast<std::uint32_t>(rate_.retry_after_ms(now()))});
  if (running_.contains(id))
    return refuse(id, {.code = "id_reuse", .message = fmt::format("request {} still runs", id)});
  const wire::Op* op = wire::find_op(request.op);
  if (op == nullptr)
    return refuse(id, {.code = "unknown_op", .message = fmt::format("no op '{}'", request.op)});
  if (op->reserved)
    return refuse(id, {.code = "unsupported",
                       .message = fmt::format("'{}' is not in this server yet", request.op)});
  if (identity_.role < parse_role(op->role).value_or(Role::admin))
    return refuse(id, {.code = "not_allowed",
                       .message = fmt::format("'{}' needs the role {}; this connection is {}",
                                              request.op, op->role, to_string(identity_.role))});
  if (handler != nullptr && handler->guest && !may_run_code())
    return refuse(id, {.code = "not_allowed",
                       .message = fmt::format("'{}' needs a token; this connection came with a "
                                              "cookie",
                                              request.op)});
  // A key is one's own role's: an answer must not reach those who may not ask.
  std::string key =
      request.key.empty() ? "" : fmt::format("{} {}", to_string(identity_.role), request.key);
  const bool takes_long = handler != nullptr && handler->own_time;
  const auto call = std::make_shared<Call>(shared_from_this(), std::move(request), key);
  const auto limit = static_cast<std::uint64_t>(hub_.limits().request_time.count()) * 1000;
  running_[id] = {takes_long ? 0 : now() + limit, call};
  if (!key.empty() &&
      !hub_.idempotency().first(key, now(), [weak = weak_from_this(), id](const auto& answer) {
        const auto self = weak.lock();
        if (self && self->settle(id)) self->push_reply(answer(id));
      }))
    return;
  run(call);
}

// Who may run code may do anything: how often it takes part in worlds is bounded by their answers.
bool Connection::within_rate(const OpHandler* handler) {
  return (handler != nullptr && handler->guest && may_run_code()) || rate_.take(now());
}

void Connection::run(const std::shared_ptr<Call>& call) {
  const OpHandler* handler = find_handler(call->request().op);
  call->attempt([&] {
    if (handler == nullptr) throw Error(ErrorKind::unsupported, "this server has no such op yet");
    handler->run(*call);
  });
}

bool Connection::settle(std::uint32_t id) { return running_.erase(id) > 0; }

void Connection::on_binary(std::span<const std::uint8_t> bytes) {
  if (closing_) return;
  try {
    if (may_run_code() && !bytes.empty() && bytes.front() == wire::kUploadKind)
      guest_->uploads().add(bytes);
    else
      acknowledge(wire::decode_ack(bytes));
  } catch (const Error& error) {
    close(close_code::policy, error.what());
  }
}

void Connection::acknowledge(const wire::Ack& ack) {
  const auto retired = retired_.find(ack.sub);
  if (retired != retired_.end() && ack.seq <= retired->second) return;
  bool good = true;
  if (const auto sub = subs_.find(ack.sub); sub != subs_.end()) {
    good = sub->second->flow().acked(ack.seq, now());
    if (good) sub->second->pump();
  } else if (const auto series = series_.find(ack.sub); series != series_.end()) {
    good = series->second.feed.acked(ack.seq);
  }
  if (!good)
    close(close_code::policy, fmt::format("ACK of frame {}, which was never sent", ack.seq));
}

void Connection::send_frame(OutgoingFrame frame) {
  if (closing_) return;
  outbox_.push_frame(std::move(frame));
  transport_.wake();
}

void Connection::sent(const Outgoing& message) {
  Metrics& metrics = hub_.metrics();
  ++metrics.messages_out;
  if (message.text) return;
  if (const auto sub = subs_.find(message.sub); sub != subs_.end()) {
    sub->second->part_sent(message.seq, message.last_part,
                           wire::kHeaderSize + message.payload->size());
  } else if (const auto series = series_.find(message.sub); series != series_.end()) {
    if (!message.last_part) return;
    series->second.feed.sent();
    pump_series(series->second);
  }
}

void Connection::wake_at(std::uint64_t at_us) { transport_.wake_at(at_us); }

void Connection::woken() {
  if (closing_) return;
  ended_.clear();
  for (auto& [id, sub] : subs_) sub->pump();
  for (auto& [id, series] : series_) pump_series(series);
}

void Connection::tick() {
  const std::uint64_t at = now();
  ended_.clear();
  expire_calls(at);
  if (at < next_second_ || closing_) return;
  next_second_ = at + 1_s;
  for (auto& [id, sub] : subs_) {
    if (sub->flow().tick(at)) {
      ++hub_.metrics().stalled_subscriptions;
      leave(*sub);
      push_event(hub_.event("sub_stalled", {{"sub", id}}));
    }
  }
  woken();
  tell_stats();
}

void Connection::expire_calls(std::uint64_t at) {
  std::vector<CallPtr> late;
  for (const auto& [id, running] : running_)
    if (running.deadline != 0 && at >= running.deadline)
      if (auto call = running.call.lock()) late.push_back(std::move(call));
  for (const CallPtr& call : late)
    call->fail({.code = "timeout", .message = "the world did not answer in time"});
}

void Connection::tell_stats() {
  if (subs_.empty() || closing_) return;
  json::array list;
  for (const auto& [id, sub] : subs_) {
    const auto& counts = sub->counts();
    list.push_back({{"sub", id},
                    {"offered", counts.offered},
                    {"sent", counts.sent},
                    {"dropped", counts.dropped},
                    {"acked", sub->flow().last_acked()},
                    {"window", sub->flow().window()},
                    {"bytes", counts.bytes}});
  }
  push_event(hub_.event("stats", {{"subs", std::move(list)}, {"queued", outbox_.bytes()}}),
             "stats");
}

void Connection::shut_down() {
  if (closing_) return;
  std::vector<CallPtr> open;
  for (const auto& [id, running] : running_)
    if (auto call = running.call.lock()) open.push_back(std::move(call));
  for (const CallPtr& call : open) call->fail({.code = "cancelled", .message = "the server stops"});
  hub_.scripts().drop(*this);
  hub_.guest_laws().drop(*this);
  push_event(hub_.event("shutdown", json::object{}));
  closing_ = true;
  outbox_.drop_frames();
  transport_.close(close_code::shutdown, "the server stops", true);
}

}  // namespace atheria::server
