#pragma once

#include <boost/asio/compose.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <cstdint>
#include <utility>

#include "engine/base/clock.h"

namespace atheria::server {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

// A TCP socket that remembers when the peer last sent or took a byte, and how many: Beast's
// WebSocket stream runs on top and tells neither. I/O thread only.
class Wire {
 public:
  using executor_type = Tcp::socket::executor_type;

  explicit Wire(Tcp::socket socket) : socket_(std::move(socket)) {
    last_in_us_ = last_out_us_ = now_us();
  }

  executor_type get_executor() { return socket_.get_executor(); }
  Tcp::socket& socket() { return socket_; }

  std::uint64_t last_in_us() const { return last_in_us_; }
  std::uint64_t last_out_us() const { return last_out_us_; }
  std::uint64_t bytes_in() const { return bytes_in_; }
  std::uint64_t bytes_out() const { return bytes_out_; }
  // A write is waiting for the peer.
  bool writing() const { return writing_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_compose<Token, void(ErrorCode, std::size_t)>(
        [this, buffers, begun = false](auto& self, ErrorCode error = {},
                                       std::size_t size = 0) mutable {
          if (!std::exchange(begun, true)) return socket_.async_read_some(buffers, std::move(self));
          if (size > 0) last_in_us_ = now_us();
          bytes_in_ += size;
          self.complete(error, size);
        },
        token, socket_);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_compose<Token, void(ErrorCode, std::size_t)>(
        [this, buffers, begun = false](auto& self, ErrorCode error = {},
                                       std::size_t size = 0) mutable {
          if (!std::exchange(begun, true)) {
            // Waiting starts when a write does, not when the last one ended.
            if (!std::exchange(writing_, true)) last_out_us_ = now_us();
            return socket_.async_write_some(buffers, std::move(self));
          }
          writing_ = false;
          if (size > 0) last_out_us_ = now_us();
          bytes_out_ += size;
          self.complete(error, size);
        },
        token, socket_);
  }

 private:
  Tcp::socket socket_;
  std::uint64_t last_in_us_ = 0;
  std::uint64_t last_out_us_ = 0;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  bool writing_ = false;
};

// What Beast asks of a socket it does not know.
template <class Handler>
void async_teardown(boost::beast::role_type role, Wire& wire, Handler&& handler) {
  boost::beast::websocket::async_teardown(role, wire.socket(), std::forward<Handler>(handler));
}

inline void beast_close_socket(Wire& wire) {
  ErrorCode ignored;
  wire.socket().close(ignored);
}

}  // namespace atheria::server
