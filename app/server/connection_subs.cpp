#include <fmt/format.h>

#include <algorithm>

#include "app/server/call.h"
#include "app/server/connection.h"
#include "app/server/sight.h"

// Subscriptions of a connection: made, changed, ended.
namespace atheria::server {

namespace json = wire::json;

namespace {

json::array columns_of(const std::vector<Measure>& series) {
  json::array columns{"step", "time"};
  for (const Measure& measure : series) columns.emplace_back(measure.name);
  return columns;
}

}  // namespace

void Connection::subscribe(const std::shared_ptr<Call>& call) {
  const wire::Subscribe wish = wire::subscribe_of(call->args());
  if (known_sub(wish.sub))
    throw Error(ErrorKind::conflict, fmt::format("sub {} is in use", wish.sub), "args.sub");
  if (subscriptions() >= hub_.limits().subscriptions)
    throw Error(ErrorKind::too_large, fmt::format("a connection has at most {} subscriptions",
                                                  hub_.limits().subscriptions));
  if (wish.on_full == wire::OnFull::pause && identity_.role < Role::operate)
    return call->fail({.code = "not_allowed",
                       .message = "onFull \"pause\" needs the role operator",
                       .path = "args.onFull"});
  if (wish.series) return subscribe_series(call, wish);
  auto& sub = subs_[wish.sub] = std::make_unique<Subscription>(wish, *this, hub_.metrics());
  try {
    join(*sub, call);
  } catch (...) {
    forget(wish.sub);
    throw;
  }
}

// Joins the topic of the subscription's wish and leaves the one it had. Throws Error and leaves all
// as it was.
void Connection::join(Subscription& sub, const std::shared_ptr<Call>& call) {
  const wire::Subscribe& wish = sub.wish();
  const Sight sight = sight_of(hub_, wish);
  auto result = description(sight);
  const auto before = sub.topic();
  std::shared_ptr<Topic> topic;
  if (wish.max_fps > 0) {
    const auto joined = [result](Call& done, Outcome& outcome) mutable {
      result["step"] = wire::integer_json(outcome.step);
      done.reply(std::move(result));
    };
    const auto failed = [id = wish.sub](Call& refused, Outcome&) {
      if (const auto self = refused.connection()) self->forget(id);
    };
    topic = hub_.feeds().join(sight.wanted, sub, call->receiver(joined, failed));
  } else {
    result["step"] = wire::integer_json(sight.step);
    call->reply(std::move(result));
  }
  if (before && before != topic) hub_.feeds().leave(before, sub);
  if (outbox_.take_back(sub.id())) sub.taken_back();
  sub.attach(topic);
}

void Connection::leave(Subscription& sub) {
  if (const auto topic = sub.topic()) {
    sub.detach();
    hub_.feeds().leave(topic, sub);
  }
}

void Connection::update_subscription(const std::shared_ptr<Call>& call) {
  const std::uint32_t id = wire::sub_of(call->args());
  if (const auto series = series_.find(id); series != series_.end()) {
    const auto wish = wire::updated(series->second.feed.wish(), call->args());
    hub_.series().change(series->second.member, wish.max_fps);
    series->second.feed.update(wish);
    return call->reply(json::object{{"sub", id}, {"topic", wish.topic()}});
  }
  const auto found = subs_.find(id);
  if (found == subs_.end())
    throw Error(ErrorKind::not_found, fmt::format("no subscription {}", id), "args.sub");
  Subscription& sub = *found->second;
  const wire::Subscribe before = sub.wish();
  const wire::Subscribe wish = wire::updated(before, call->args());
  if (wish.on_full == wire::OnFull::pause && identity_.role < Role::operate)
    return call->fail({.code = "not_allowed",
                       .message = "onFull \"pause\" needs the role operator",
                       .path = "args.onFull"});
  sub.update(wish);
  try {
    join(sub, call);
  } catch (...) {
    sub.update(before);
    throw;
  }
}

void Connection::unsubscribe(std::uint32_t id) {
  if (!known_sub(id))
    throw Error(ErrorKind::not_found, fmt::format("no subscription {}", id), "args.sub");
  forget(id);
}

void Connection::forget(std::uint32_t id) {
  constexpr std::size_t most_retired = 1024;
  outbox_.drop_frame(id);
  if (retired_.size() >= most_retired) retired_.erase(retired_.begin());
  if (const auto found = subs_.find(id); found != subs_.end()) {
    leave(*found->second);
    auto& retired = retired_[id];
    retired = std::max(retired, found->second->flow().last_sent());
    ended_.push_back(std::move(found->second));
    subs_.erase(found);
  }
  if (const auto found = series_.find(id); found != series_.end()) {
    hub_.series().leave(found->second.member);
    auto& retired = retired_[id];
    retired = std::max(retired, found->second.feed.last_sent());
    series_.erase(found);
  }
}

void Connection::end(std::uint32_t id, const std::string& reason) {
  forget(id);
  push_event(hub_.event("sub_ended", {{"sub", id}, {"reason", reason}}));
}

void Connection::subscribe_series(const std::shared_ptr<Call>& call, const wire::Subscribe& wish) {
  const WorldState state = hub_.worlds().state(wish.world);
  const json::array columns = columns_of(hub_.worlds().series(hub_.law(state.spec.law)));
  auto& series = series_.emplace(wish.sub, Series{SeriesSubscription(wish)}).first->second;
  const auto follower = [this, id = wish.sub](const Sample& sample) {
    if (const auto found = series_.find(id); found != series_.end()) {
      found->second.feed.add(sample);
      pump_series(found->second);
    }
  };
  try {
    series.member = hub_.series().join(
        wish.world, wish.max_fps, follower,
        call->receiver(
            [wish, columns](Call& done, Outcome& outcome) {
              done.reply(json::object{{"sub", wish.sub},
                                      {"topic", wish.topic()},
                                      {"columns", columns},
                                      {"step", wire::integer_json(outcome.step)}});
            },
            [id = wish.sub](Call& failed, Outcome&) {
              if (const auto self = failed.connection()) self->forget(id);
            }));
  } catch (...) {
    series_.erase(wish.sub);
    throw;
  }
}

void Connection::pump_series(Series& series) {
  std::uint64_t at = 0;
  if (auto frame = series.feed.take(now(), at)) send_frame(std::move(*frame));
  if (at != 0) transport_.wake_at(at);
}

void Connection::end_series(const std::string& world, const std::string& reason) {
  std::vector<std::uint32_t> ending;
  for (const auto& [id, series] : series_)
    if (series.feed.wish().world == world) ending.push_back(id);
  for (const std::uint32_t id : ending) end(id, reason);
}

std::size_t Connection::lossless_room() const {
  std::size_t used = 0;
  for (const auto& [id, sub] : subs_) used += sub->waiting_bytes();
  const std::size_t limit = hub_.limits().lossless_bytes;
  return limit - std::min(limit, used);
}

void Connection::on_gap(Subscription& sub, std::uint32_t from, std::uint32_t to) {
  push_event(hub_.event("sub_gap", {{"sub", sub.id()}, {"from", from}, {"to", to}}));
}

void Connection::on_full(Subscription& sub) {
  if (sub.wish().on_full == wire::OnFull::close)
    return close(close_code::slow, fmt::format("subscription {} is too slow", sub.id()));
  try {
    hub_.worlds().post(sub.wish().world, {.body = command::Pause{}});
  } catch (const Error&) {
    // The world is gone, or its inbox is full: the next frame asks again.
  }
}

void Connection::on_ended(Subscription& sub, const std::string& reason) { end(sub.id(), reason); }

void Connection::on_once_sent(Subscription& sub) { forget(sub.id()); }

}  // namespace atheria::server
