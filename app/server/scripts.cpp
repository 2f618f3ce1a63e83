#include "app/server/scripts.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include "app/server/call.h"
#include "app/server/hub.h"
#include "engine/base/clock.h"

namespace atheria::server {

namespace json = wire::json;

namespace {

constexpr std::uint64_t kReadEvery = 25'000;  // microseconds: under the limit of requests a second
constexpr std::size_t kMostKnown = 256;       // jobs whose last event is remembered

std::string last_words(const std::string& reason) {
  return reason.empty() ? "this server has no Python" : reason;
}

// An event without what changes all the time: when it differs, there is news.
std::string news_of(ScriptStatus status) {
  status.cpu_s = status.wall_s = 0;
  return json::serialize(wire::job_json(status, wire::Detail::brief));
}

// What somebody who follows a job must know at once.
std::string turn_of(const ScriptStatus& status) {
  return fmt::format("{} {} {} {}", status.state, status.stage, status.wants_input, status.prompt);
}

}  // namespace

ScriptDesk::ScriptDesk(Hub& hub)
    : hub_(hub), reason_("this server was built without Python"), timer_(hub.io()) {
  bell_->io = &hub.io();
}

ScriptDesk::~ScriptDesk() {
  const std::lock_guard lock(bell_->mutex);
  bell_->io = nullptr;
}

void ScriptDesk::attach(ScriptAccess* access, const std::string& reason) {
  if (access_ != nullptr) access_->listen({});
  access_ = access;
  reason_ = last_words(reason);
  told_health_.clear();
  known_.clear();
  if (access_ == nullptr) return;
  access_->listen(
      [bell = bell_, this](const std::string& job) { ring(bell, job, [this] { wake(); }); });
}

ScriptAccess& ScriptDesk::access() const {
  if (access_ == nullptr)
    throw Error(ErrorKind::unsupported, fmt::format("no scripts here: {}", reason_));
  return *access_;
}

PythonHealth ScriptDesk::health() const {
  if (access_ != nullptr) return access_->health();
  PythonHealth health;
  health.plane = "off";
  health.reason = reason_;
  return health;
}

std::vector<ScriptStatus> ScriptDesk::jobs() const {
  return access_ == nullptr ? std::vector<ScriptStatus>{} : access_->list();
}

// Any thread. `wake` runs on the I/O thread, if it still runs: the desk is gone only after that.
void ScriptDesk::ring(const std::shared_ptr<Bell>& bell, const std::string& job,
                      const std::function<void()>& wake) {
  const std::lock_guard lock(bell->mutex);
  if (bell->io == nullptr) return;
  bell->jobs.insert(job);
  if (!std::exchange(bell->rung, true)) boost::asio::post(*bell->io, wake);
}

void ScriptDesk::wake() {
  read_due_ = true;
  if (now_us() >= next_read_us_)
    read_bell();
  else
    arm();
}

void ScriptDesk::read_bell() {
  std::set<std::string> jobs;
  {
    const std::lock_guard lock(bell_->mutex);
    std::swap(jobs, bell_->jobs);
    bell_->rung = false;
  }
  read_due_ = false;
  next_read_us_ = now_us() + kReadEvery;
  if (access_ == nullptr) return;
  look_at_health();
  jobs.erase("");
  for (const std::string& job : jobs) answer(job);
  forget_old();
  arm();
}

void ScriptDesk::look_at_health() {
  json::object data = wire::python_json(access_->health(), wire::Detail::brief);
  std::string text = json::serialize(data);
  if (text == std::exchange(told_health_, text)) return;
  hub_.broadcast("python", std::move(data), "python", Role::script);
}

// Tells of news on the way.
ScriptDesk::Look ScriptDesk::look(const std::string& job) {
  ScriptStatus status = access().status(job);
  Known& known = known_[job];
  hub_.metrics().script_output_lost += status.gap - std::min(status.gap, known.gap);
  known.gap = std::max(known.gap, status.gap);
  std::string news = news_of(status);
  std::string turn = turn_of(status);
  if (turn != std::exchange(known.turn, turn)) ++known.revision;
  if (news != std::exchange(known.told, news))
    hub_.broadcast("job", wire::job_json(status, wire::Detail::brief), "job/" + job, Role::script);
  return {std::move(status), known.revision};
}

// What Python does not remember need not be remembered here.
void ScriptDesk::forget_old() {
  if (known_.size() <= kMostKnown) return;
  std::set<std::string> there;
  for (const ScriptStatus& status : access_->list()) there.insert(status.job);
  std::erase_if(known_, [&](const auto& known) { return !there.contains(known.first); });
}

void ScriptDesk::wait(const std::shared_ptr<Call>& call, const wire::OutputWish& wish) {
  const Look seen = look(wish.job);
  const std::uint64_t now = now_us();
  Poll poll{.call = call,
            .connection = call->connection().get(),
            .wish = wish,
            .revision = wish.revision.value_or(seen.revision),
            .until_us = now + wish.wait_ms * 1000};
  if (ready(poll, seen, now)) return reply(poll, seen);
  const auto mine = std::ranges::count(polls_, poll.connection, &Poll::connection);
  if (static_cast<std::size_t>(mine) >= hub_.limits().polls)
    throw Error(ErrorKind::busy,
                fmt::format("{} requests for output wait on this connection already", mine));
  polls_.push_back(std::move(poll));
  arm();
}

bool ScriptDesk::ready(const Poll& poll, const Look& seen, std::uint64_t now) {
  return seen.status.out_to > poll.wish.from || seen.status.state == "done" ||
         seen.revision != poll.revision || now >= poll.until_us;
}

void ScriptDesk::reply(const Poll& poll, const Look& seen) {
  poll.call->attempt([&] {
    const wire::OutputWish& wish = poll.wish;
    const auto chunks = access().output(wish.job, wish.from, wish.max);
    for (const ScriptChunk& chunk : chunks) hub_.metrics().script_output_bytes += chunk.text.size();
    poll.call->reply(wire::output_json(chunks, wish.from, seen.status, seen.revision));
  });
}

std::list<ScriptDesk::Poll> ScriptDesk::take(const std::function<bool(const Poll&)>& which) {
  std::list<Poll> taken;
  for (auto at = polls_.begin(); at != polls_.end();)
    if (const auto poll = at++; which(*poll)) taken.splice(taken.end(), polls_, poll);
  return taken;
}

// Those who wait for a job's output, when there is some.
void ScriptDesk::answer(const std::string& job) {
  const auto for_job = [&](const Poll& poll) { return poll.wish.job == job; };
  try {
    const Look seen = look(job);
    const std::uint64_t now = now_us();
    const auto due =
        take([&](const Poll& poll) { return for_job(poll) && ready(poll, seen, now); });
    for (const Poll& poll : due) reply(poll, seen);
  } catch (const Error& error) {  // it is not remembered any more, or Python failed
    known_.erase(job);
    for (const Poll& poll : take(for_job)) poll.call->fail(error);
  }
}

void ScriptDesk::answered_input(const std::string& job) {
  ++known_[job].revision;
  answer(job);
}

void ScriptDesk::expire() {
  std::set<std::string> late;
  const std::uint64_t now = now_us();
  for (const Poll& poll : polls_)
    if (poll.until_us <= now) late.insert(poll.wish.job);
  for (const std::string& job : late) answer(job);
}

void ScriptDesk::drop(const Connection& connection) {
  const auto gone = take([&](const Poll& poll) { return poll.connection == &connection; });
  // By a key another connection may wait for the same answer.
  for (const Poll& poll : gone)
    poll.call->fail({.code = "cancelled", .message = "the connection that asked has ended"});
}

// One timer for whatever comes first.
void ScriptDesk::arm() {
  std::uint64_t first = read_due_ ? next_read_us_ : UINT64_MAX;
  for (const Poll& poll : polls_) first = std::min(first, poll.until_us);
  if (first == UINT64_MAX) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(boost::asio::steady_timer::time_point(std::chrono::microseconds(first)));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    expire();
    if (read_due_ && now_us() >= next_read_us_) return read_bell();
    arm();
  });
}

}  // namespace atheria::server
