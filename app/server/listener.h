#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <string>

#include "app/server/gate.h"
#include "app/server/wire.h"

namespace atheria::server {

// Whether an address to listen on can only be reached from this machine. Throws Error when it is no
// address.
bool is_loopback(const std::string& host);

// Accepts TCP connections and sets their options. I/O thread only.
class Listener {
 public:
  // Binds at once; throws Error (io) saying what would do: another port, another address.
  Listener(asio::io_context& io, const std::string& host, std::uint16_t port);

  std::uint16_t port() const { return port_; }
  const std::string& host() const { return host_; }

  using Accepted = std::function<void(Tcp::socket socket, Peer peer)>;
  void start(Accepted accepted);
  void stop();

 private:
  asio::awaitable<void> accept_loop();

  Tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::string host_;
  std::uint16_t port_ = 0;
  Accepted accepted_;
};

}  // namespace atheria::server
