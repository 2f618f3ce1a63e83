#pragma once

#include <boost/asio/signal_set.hpp>

#include <cstdint>
#include <optional>
#include <string>

#include "app/cli/input_reader.h"
#include "app/cli/wire_client.h"

namespace atheria::cli {

// Exit codes beside the job's own.
constexpr int kExitLost = 139;  // the server is gone, and the job with it

struct FollowOptions {
  bool json = false;       // a line of JSON for each chunk, and the status last
  bool stops = false;      // Ctrl-C and SIGTERM stop the job, and do not only leave it
  bool to_the_end = true;  // or only what there is by now
  std::uint64_t from = 0;  // chunk of output
};

// Follows one job: its output to stdout and stderr, its input() from stdin, its exit code for the
// shell. When the connection breaks and the server lives, it goes on where it was. On one thread
// with `client`.
class Follower {
 public:
  // From here on signals are its own: also while the job is being submitted.
  Follower(asio::io_context& io, WireClient& client, FollowOptions options);

  // The exit code. Throws Refused, when the server knows no such job.
  asio::awaitable<int> follow(std::string job);

 private:
  void await_signal();
  void on_stop();
  void leave(int code);
  asio::awaitable<void> stop(bool force);
  asio::awaitable<std::optional<json::object>> poll();
  asio::awaitable<bool> pause(int milliseconds);
  void show(const json::object& reply);
  void show_chunk(const json::object& chunk);
  void watch_input(const json::object& status, std::int64_t revision);
  void on_line(std::optional<std::string> line);
  asio::awaitable<void> send_line(std::optional<std::string> line);
  void tell_stuck(const json::object& status);
  int ended(const json::object& status);
  void write(std::FILE* file, std::string_view text);

  asio::io_context& io_;
  WireClient& client_;
  const FollowOptions options_;
  asio::signal_set signals_;
  InputReader reader_;
  std::string job_;
  std::uint64_t next_ = 0;      // chunk
  std::int64_t revision_ = 0;   // of the job, as last told; at first none, so it is told at once
  std::int64_t prompted_ = -1;  // the revision at which it asked for input
  std::int64_t told_lost_ = 0;  // bytes
  int stops_ = 0;               // how often Ctrl-C came
  std::optional<int> left_;     // the code to leave with
  bool stuck_told_ = false;
};

}  // namespace atheria::cli
