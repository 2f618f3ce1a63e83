#pragma once

#include <chrono>
#include <string>

#include "app/cli/wire_client.h"

namespace atheria::bench {

namespace asio = cli::asio;
namespace json = cli::json;

// Scripts in a server, for a program that waits for what they print. On one thread with `io`.
class ScriptTalk {
 public:
  ScriptTalk(asio::io_context& io, cli::Door door) : io_(io), client_(io, std::move(door)) {}

  // Until Python is there. Throws Error (unsupported) when it will not be.
  asio::awaitable<json::object> connect();

  // A new connection, which may ask a hundred things at once: before something is timed.
  asio::awaitable<void> refresh() { return client_.connect(); }

  // Again when it was only too fast.
  asio::awaitable<json::object> ask(std::string op, json::object args);

  // The job. `mode` is "server" or "process".
  asio::awaitable<std::string> submit(std::string source, std::string mode = "server");

  // The job, once it has printed something.
  asio::awaitable<std::string> start(std::string source);

  // Waits for its end and returns how it is then; what it printed is in `printed`.
  asio::awaitable<json::object> finish(std::string job);
  std::string printed;

  // Runs it to its end and returns the JSON it printed. Throws Error when it failed.
  asio::awaitable<json::value> answer_of(std::string source);

  asio::awaitable<void> pause(double seconds);

 private:
  asio::awaitable<json::object> read(const std::string& job);

  asio::io_context& io_;
  cli::WireClient client_;
  std::int64_t next_ = 0;      // chunk of the job that was started last
  std::int64_t revision_ = 0;  // of it, as last told
};

}  // namespace atheria::bench
