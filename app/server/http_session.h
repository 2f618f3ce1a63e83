#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>

#include "app/server/http.h"
#include "app/server/routes.h"
#include "app/server/session.h"
#include "app/server/site.h"
#include "app/server/wire.h"

namespace atheria::server {

// One TCP connection while it speaks HTTP: requests one after the other, until it closes or becomes
// a WebSocket session. I/O thread only.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  // `slot` counts TCP connections; a session it turns into takes it along.
  HttpSession(Site& site, Tcp::socket socket, Peer peer, std::shared_ptr<void> slot);

  void start();
  // The server stops: a connection that only waits for a request ends now.
  void close_if_idle();

 private:
  enum class Next { again, close, gone };

  asio::awaitable<void> run();
  asio::awaitable<Next> serve_one(bool first);
  asio::awaitable<std::optional<Refusal>> read_header(bool first, std::string& header);
  asio::awaitable<std::optional<Refusal>> read_body(Request& request);
  asio::awaitable<Next> answer(const Request& request);
  asio::awaitable<Response> run_handler(const Admission& admission, const Request& request);
  asio::awaitable<bool> send(const Response& response, bool keep_alive, bool with_body);
  asio::awaitable<bool> write_all(asio::const_buffer bytes);
  asio::awaitable<void> linger();
  Refusal upgrade(const Admission& admission, const Request& request, bool& gone);

  // Reads some more, or until the time is over; false then and at the end.
  asio::awaitable<bool> read_some(std::chrono::steady_clock::time_point deadline, bool& late);

  Site& site_;
  Tcp::socket socket_;
  const Peer peer_;
  std::shared_ptr<void> slot_;
  asio::steady_timer timer_;
  std::string buffer_;  // read and not used yet
  bool idle_ = false;
};

}  // namespace atheria::server
