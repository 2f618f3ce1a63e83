#include "app/cli/follow.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "app/protocol/scripts.h"

namespace atheria::cli {
namespace {

constexpr int kWaitMs = 20000;
constexpr int kMostBytes = 256 * 1024;

std::string_view text_in(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                : std::string_view();
}

// Whole numbers come as texts above 2^53.
std::int64_t number_in(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value == nullptr ? 0 : wire::as_integer(*value).value_or(0);
}

bool flag_in(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

// Not fmt::print, which throws when nobody reads.
void tell(std::string_view text) {
  std::fputs(fmt::format("ath: {}\n", text).c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

Follower::Follower(asio::io_context& io, WireClient& client, FollowOptions options)
    : io_(io),
      client_(client),
      options_(options),
      signals_(io),
      reader_(io, [this](std::optional<std::string> line) { on_line(std::move(line)); }),
      next_(options.from) {
  std::signal(SIGPIPE, SIG_IGN);
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT}) signals_.add(signal);
  await_signal();
}

void Follower::await_signal() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (error) return;
    if (signal == SIGQUIT)
      leave(0);
    else if (options_.stops)
      on_stop();
    else
      leave(kExitCancelled);
    await_signal();
  });
}

void Follower::on_stop() {
  ++stops_;
  if (stops_ == 1)
    tell("stopping (Ctrl-C again forces)");
  else if (stops_ == 2)
    tell("forcing (Ctrl-C again leaves)");
  else
    return leave(kExitCancelled);
  if (!job_.empty()) asio::co_spawn(io_, stop(stops_ > 1), asio::detached);
}

// follow() finds the connection ended, and why.
void Follower::leave(int code) {
  left_ = code;
  if (job_.empty())
    tell("left before the server had the script");
  else
    tell(
        fmt::format("left {0}; it goes on: 'ath output {0} --follow' comes back, 'ath stop {0}' "
                    "ends it, 'ath jobs' lists all",
                    job_));
  client_.close();
  if (job_.empty()) io_.stop();
}

asio::awaitable<void> Follower::stop(bool force) {
  json::object args{{"job", job_}, {"reason", "asked for in ath run"}, {"force", force}};
  try {
    co_await client_.ask("script.cancel", std::move(args));
  } catch (const Lost&) {  // asked again on the next connection
  } catch (const Error& error) {
    tell(error.what());
  }
}

asio::awaitable<bool> Follower::pause(int milliseconds) {
  asio::steady_timer timer(io_, std::chrono::milliseconds(milliseconds));
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return true;
}

// The next news of the job; nothing when the server is gone, or we leave.
asio::awaitable<std::optional<json::object>> Follower::poll() {
  while (true) {
    json::object args{{"job", job_},
                      {"from", next_},
                      {"max", kMostBytes},
                      {"waitMs", options_.to_the_end ? kWaitMs : 0},
                      {"revision", revision_}};
    int wait = 0;
    try {
      co_return co_await client_.ask("script.output", std::move(args));
    } catch (const Lost&) {
    } catch (const Refused& refused) {
      const bool later = refused.code == "rate_limited" || refused.code == "busy";
      if (!later && refused.code != "cancelled") throw;
      if (later) wait = std::max(refused.retry_after_ms, 20);
    }
    if (left_) co_return std::nullopt;
    if (wait > 0) {
      co_await pause(wait);
      continue;
    }
    if (!co_await client_.connect_again() || left_) co_return std::nullopt;
    if (stops_ > 0) asio::co_spawn(io_, stop(stops_ > 1), asio::detached);
  }
}

asio::awaitable<int> Follower::follow(std::string job) {
  job_ = std::move(job);
  if (stops_ > 0) asio::co_spawn(io_, stop(stops_ > 1), asio::detached);
  while (true) {
    const std::optional<json::object> reply = co_await poll();
    if (left_) co_return *left_;
    if (!reply) {
      tell(fmt::format("lost: the server at {} is gone, and job {} with it", client_.door().url,
                       job_));
      co_return kExitLost;
    }
    show(*reply);
    if (left_) {  // what cannot be written need not be computed
      if (options_.stops) co_await stop(false);
      co_return *left_;
    }
    const json::object& status = reply->at("status").as_object();
    const auto end = static_cast<std::uint64_t>(number_in(status, "outTo"));
    const bool done = text_in(status, "state") == "done";
    if (next_ >= end && done) co_return ended(status);
    if (next_ >= end && !options_.to_the_end) co_return 0;
    if (next_ >= end) watch_input(status, revision_);
    tell_stuck(status);
  }
}

void Follower::show(const json::object& reply) {
  const json::object& status = reply.at("status").as_object();
  const std::int64_t gap = number_in(status, "gap");
  if (gap > told_lost_) {
    tell(fmt::format("{} bytes of output were not kept: the script printed more than was read",
                     gap - told_lost_));
    told_lost_ = gap;
  }
  for (const json::value& chunk : reply.at("chunks").as_array()) show_chunk(chunk.as_object());
  const auto next = static_cast<std::uint64_t>(number_in(reply, "next"));
  // Nothing came though something should be there: it was lost from the beginning on.
  next_ = std::max(next, std::min(static_cast<std::uint64_t>(number_in(status, "outFrom")),
                                  static_cast<std::uint64_t>(number_in(status, "outTo"))));
  revision_ = number_in(reply, "revision");
}

void Follower::show_chunk(const json::object& chunk) {
  if (options_.json) return write(stdout, json::serialize(chunk) + "\n");
  const bool out = text_in(chunk, "stream") == "stdout";
  write(out ? stdout : stderr, text_in(chunk, "text"));
}

void Follower::write(std::FILE* file, std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0)
    return;
  if (file != stdout || left_) return;
  left_ = 1;
  std::clearerr(stdout);
  tell("the output could not be written");
}

void Follower::watch_input(const json::object& status, std::int64_t revision) {
  if (!flag_in(status, "wantsInput") || prompted_ == revision) return;
  prompted_ = revision;
  const json::object input{{"prompt", text_in(status, "prompt")}};
  write(stdout, options_.json ? json::serialize(json::object{{"input", input}}) + "\n"
                              : std::string(text_in(status, "prompt")));
  reader_.ask(flag_in(status, "password"));
}

void Follower::on_line(std::optional<std::string> line) {
  if (line) line = wire::clean_text(*line);
  asio::co_spawn(io_, send_line(std::move(line)), asio::detached);
}

asio::awaitable<void> Follower::send_line(std::optional<std::string> line) {
  while (true) {
    json::object args{{"job", job_}};
    if (line)
      args["line"] = *line;
    else
      args["eof"] = true;
    try {
      co_await client_.ask("script.input", std::move(args));
      co_return;
    } catch (const Refused& refused) {
      if (refused.code == "conflict") co_return;  // it has ended meanwhile
      if (refused.code != "busy" && refused.code != "rate_limited") {
        tell(refused.what());
        co_return;
      }
    } catch (const Lost&) {
      if (left_) co_return;
    }
    co_await pause(100);
  }
}

void Follower::tell_stuck(const json::object& status) {
  if (number_in(status, "stage") < 3 || std::exchange(stuck_told_, true)) return;
  tell(
      "it is in native code that does not return and cannot be stopped; the worlds run on. The "
      "server's log has its stacks; Ctrl-C leaves");
}

namespace {

// A process of its own that crashed, or the whole server.
std::string why_lost(const json::object& status) {
  const json::value* const failure = status.if_contains("failure");
  if (failure == nullptr || !failure->is_object()) return "the server ended while it ran";
  return std::string(text_in(failure->as_object(), "message"));
}

}  // namespace

int Follower::ended(const json::object& status) {
  if (options_.json) write(stdout, json::serialize(json::object{{"status", status}}) + "\n");
  const std::string_view outcome = text_in(status, "outcome");
  if (outcome == "timed_out") tell("stopped: its deadline was over");
  if (outcome == "cancelled") tell("stopped");
  if (outcome == "killed") tell("stopped by force");
  if (outcome == "lost") tell(fmt::format("lost: {}", why_lost(status)));
  for (const json::value& what : status.at("leftBehind").as_array())
    tell(fmt::format("left behind: {}", std::string_view(what.as_string())));
  return outcome == "lost" ? kExitLost : static_cast<int>(number_in(status, "exitCode"));
}

}  // namespace atheria::cli
