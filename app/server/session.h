#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <memory>
#include <optional>
#include <string>

#include "app/server/connection.h"
#include "app/server/http.h"
#include "app/server/wire.h"

namespace atheria::server {

// A connection on a WebSocket: one coroutine reads, one writes, a timer keeps house. Whichever ends
// first ends the others, by closing the socket: a state that lasts, where a cancellation could fall
// between two operations. I/O thread only.
class Session : public Transport, public std::enable_shared_from_this<Session> {
 public:
  // `slot` is held as long as the session lives: it counts connections.
  Session(Hub& hub, Tcp::socket socket, Identity identity, std::shared_ptr<void> slot);
  ~Session() override;

  // Answers the upgrade and runs until the end. The request has passed the gate.
  void start(Request request);

  const std::shared_ptr<Connection>& connection() const { return connection_; }

  void wake() override;
  void wake_at(std::uint64_t at_us) override;
  void close(std::uint16_t code, const std::string& reason, bool drain) override;

 private:
  using Stream = boost::beast::websocket::stream<Wire>;

  asio::awaitable<void> run(Request request);
  asio::awaitable<void> read_loop();
  asio::awaitable<bool> read_message();
  asio::awaitable<void> write_loop();
  asio::awaitable<void> write(const Outgoing& message);
  asio::awaitable<void> say_goodbye();
  asio::awaitable<void> keep_house();
  std::size_t binary_limit() const;
  void take_message();
  void on_control();
  void check_times(std::uint64_t now);
  void abort();  // at once, with RST
  void shut();   // closes the socket; all loops end
  void count_bytes();

  Hub& hub_;
  Stream ws_;
  std::shared_ptr<void> slot_;
  std::shared_ptr<Connection> connection_;
  boost::beast::flat_buffer buffer_;
  asio::steady_timer writer_;  // cancelled when there is something to write
  asio::steady_timer reader_;  // cancelled when replies have drained
  asio::steady_timer pace_;    // for wake_at
  asio::steady_timer house_;
  RateLimit control_;
  std::uint64_t pace_us_ = 0;  // when pace_ fires; 0: not set
  bool open_ = true;
  bool draining_ = false;
  bool writing_ = false;
  std::optional<boost::beast::websocket::close_reason> goodbye_;
  std::uint64_t goodbye_us_ = 0;  // when it was decided
  std::uint64_t message_us_ = 0;  // when the message being read began; 0: none
  std::size_t pieces_ = 0;        // of that message
  std::uint64_t next_ping_us_ = 0;
  bool ping_due_ = false;
  std::uint64_t counted_in_ = 0, counted_out_ = 0;
};

}  // namespace atheria::server
