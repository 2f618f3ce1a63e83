#include "app/bench/script_talk.h"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace atheria::bench {
namespace {

constexpr int kWaitMs = 20000;
constexpr int kMostBytes = 256 * 1024;
constexpr double kPythonSeconds = 120;

std::string_view text_in(const json::object& object, std::string_view name) {
  return std::string_view(object.at(name).as_string());
}

}  // namespace

asio::awaitable<void> ScriptTalk::pause(double seconds) {
  asio::steady_timer timer(io_,
                           std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6)));
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<json::object> ScriptTalk::ask(std::string op, json::object args) {
  while (true) {
    double wait = 0;
    try {
      co_return co_await client_.ask(op, args);
    } catch (const cli::Refused& refused) {
      if (refused.code != "rate_limited") throw;
      wait = refused.retry_after_ms * 1e-3;
    }
    co_await pause(wait);
  }
}

asio::awaitable<json::object> ScriptTalk::connect() {
  const auto begin = std::chrono::steady_clock::now();
  while (true) {
    co_await client_.connect();
    json::object python = client_.hello().at("python").as_object();
    const std::string_view plane = text_in(python, "plane");
    if (plane == "idle") co_return python;
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - begin;
    if (plane != "starting" || waited.count() > kPythonSeconds)
      throw Error(ErrorKind::unsupported,
                  fmt::format("the server's Python is {}: {}", plane, text_in(python, "reason")));
    co_await pause(0.1);
  }
}

asio::awaitable<json::object> ScriptTalk::read(const std::string& job) {
  json::object args{{"job", job},
                    {"from", next_},
                    {"revision", revision_},
                    {"max", kMostBytes},
                    {"waitMs", kWaitMs}};
  const json::object reply = co_await ask("script.output", std::move(args));
  for (const json::value& chunk : reply.at("chunks").as_array())
    printed += text_in(chunk.as_object(), "text");
  next_ = reply.at("next").to_number<std::int64_t>();
  revision_ = reply.at("revision").to_number<std::int64_t>();
  co_return reply.at("status").as_object();
}

asio::awaitable<std::string> ScriptTalk::submit(std::string source, std::string mode) {
  next_ = revision_ = 0;
  printed.clear();
  json::object args{{"source", std::move(source)}, {"name", "bench"}, {"mode", std::move(mode)}};
  const json::object accepted = co_await ask("script.run", std::move(args));
  co_return std::string(text_in(accepted, "job"));
}

asio::awaitable<std::string> ScriptTalk::start(std::string source) {
  std::string job = co_await submit(std::move(source));
  while (printed.empty()) {
    const json::object status = co_await read(job);
    if (text_in(status, "state") == "done" && printed.empty())
      throw Error(ErrorKind::internal, "a script of this measurement ended too soon");
  }
  co_return job;
}

asio::awaitable<json::object> ScriptTalk::finish(std::string job) {
  while (true) {
    json::object status = co_await read(job);
    if (text_in(status, "state") == "done" && next_ >= status.at("outTo").to_number<std::int64_t>())
      co_return status;
  }
}

asio::awaitable<json::value> ScriptTalk::answer_of(std::string source) {
  const std::string job = co_await submit(std::move(source));
  const json::object status = co_await finish(job);
  if (status.at("outcome") != "ok")
    throw Error(ErrorKind::internal,
                fmt::format("a script of this measurement failed:\n{}", printed));
  co_return wire::parse_json(printed);
}

}  // namespace atheria::bench
