#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/server/call.h"
#include "app/server/connection.h"

// Subscriptions of a connection: made, changed, ended.
namespace atheria::server {

namespace json = wire::json;

namespace {

const ViewInfo& find_view(const std::vector<ViewInfo>& views, const std::string& name,
                          const std::string& law) {
  const auto found = std::find_if(views.begin(), views.end(),
                                  [&](const ViewInfo& view) { return view.name == name; });
  if (found != views.end()) return *found;
  std::vector<std::string> names;
  for (const ViewInfo& view : views) names.push_back(view.name);
  throw Error(
      ErrorKind::not_found,
      fmt::format("law '{}' has no view '{}'; there are: {}", law, name, fmt::join(names, ", ")),
      "args.topic");
}

json::object description(const wire::Subscribe& wish, const Window& window, int channels) {
  return {{"sub", wish.sub},
          {"topic", wish.topic()},
          {"dtype", wire::to_string(wish.dtype)},
          {"codec", wire::to_string(wish.codec)},
          {"lod", window.lod},
          {"roi", {window.roi.x, window.roi.y, window.roi.w, window.roi.h}},
          {"size", {window.width, window.height}},
          {"channels", channels}};
}

// The same picture however it was asked for: clients whose wishes come to the same share one watch.
wire::Subscribe settled(wire::Subscribe wish, const Window& window, const ViewInfo& view) {
  wish.view.roi = window.roi;
  wish.view.fit_width = window.width;
  wish.view.fit_height = window.height;
  if (view.cyclic && wish.view.reduce == Reduce::mean) wish.view.reduce = Reduce::sample;
  return wish;
}

wire::RangeWish range_of(const wire::Subscribe& wish, const ViewInfo& view) {
  if (!view.cyclic) {
    auto range = wish.range;
    range.floor = view.lo, range.ceiling = view.hi;
    return range;
  }
  return {.kind = wire::RangeWish::Kind::fixed, .lo = view.lo, .hi = view.hi};
}

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
  const WorldState state = hub_.worlds().state(wish.world);
  const auto views = hub_.worlds().views(state.spec.law);
  const ViewInfo& view = find_view(views, wish.view.name, state.spec.law);
  const Window window = hub_.worlds().window(state.spec.grid, wish.view);
  auto result = description(wish, window, view.channels);
  const auto before = sub.topic();
  std::shared_ptr<Topic> topic;
  if (wish.max_fps > 0) {
    topic = hub_.feeds().join(settled(wish, window, view), range_of(wish, view), sub, wish.max_fps,
                              call->receiver(
                                  [result](Call& done, Outcome& outcome) mutable {
                                    result["step"] = wire::integer_json(outcome.step);
                                    done.reply(std::move(result));
                                  },
                                  [id = wish.sub](Call& failed, Outcome&) {
                                    if (const auto self = failed.connection()) self->forget(id);
                                  }));
  } else {
    result["step"] = wire::integer_json(state.step);
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
