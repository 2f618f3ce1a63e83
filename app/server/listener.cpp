#include "app/server/listener.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "engine/base/error.h"
#include "engine/base/log.h"

namespace atheria::server {
namespace {

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
// More unsent bytes than this and the socket is not writable: newer frames wait here, where they
// can still be replaced, and not in the kernel.
constexpr int kUnsentBytes = 128 * 1024;
constexpr int kUserTimeoutMs = 15'000;
constexpr std::chrono::milliseconds kPauseWithoutDescriptors{200};

asio::ip::address parse_address(const std::string& host) {
  if (host == "localhost") return asio::ip::address_v4::loopback();
  ErrorCode error;
  const auto address = asio::ip::make_address(host, error);
  if (error)
    throw Error(
        fmt::format("host '{}' is not an address; 127.0.0.1, ::1 or 0.0.0.0 would do", host));
  return address;
}

// No child gets it: one that lives on would keep the port.
template <class Socket>
void keep_from_children(Socket& socket) {
  fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

void tune(Tcp::socket& socket) {
  keep_from_children(socket);
  ErrorCode ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const int fd = socket.native_handle();
  setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytes, sizeof kUnsentBytes);
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMs, sizeof kUserTimeoutMs);
}

bool out_of_descriptors(const ErrorCode& error) {
  return error == asio::error::no_descriptors || error.value() == ENFILE ||
         error == asio::error::no_buffer_space || error == asio::error::no_memory;
}

}  // namespace

bool is_loopback(const std::string& host) { return parse_address(host).is_loopback(); }

Listener::Listener(asio::io_context& io, const std::string& host, std::uint16_t port)
    : acceptor_(io), pause_(io), host_(host == "localhost" ? "127.0.0.1" : host) {
  const Tcp::endpoint endpoint(parse_address(host), port);
  ErrorCode error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) keep_from_children(acceptor_);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use)
    throw Error(ErrorKind::io,
                fmt::format("port {} on {} is in use: stop what uses it, or give --port "
                            "another (0 takes a free one)",
                            port, host));
  if (error)
    throw Error(ErrorKind::io,
                fmt::format("cannot listen on {} port {}: {}", host, port, error.message()));
  port_ = acceptor_.local_endpoint().port();
}

void Listener::start(Accepted accepted) {
  accepted_ = std::move(accepted);
  asio::co_spawn(acceptor_.get_executor(), accept_loop(), asio::detached);
}

void Listener::stop() {
  ErrorCode ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

asio::awaitable<void> Listener::accept_loop() {
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(kResult);
    if (!acceptor_.is_open()) co_return;
    if (out_of_descriptors(error)) {
      log::warning("no file descriptors left: new connections wait");
      pause_.expires_after(kPauseWithoutDescriptors);
      co_await pause_.async_wait(kResult);
      continue;
    }
    if (error) continue;  // it was gone before it was taken
    tune(socket);
    ErrorCode gone;
    const auto remote = socket.remote_endpoint(gone);
    if (gone) continue;
    auto address = remote.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped())
      address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    accepted_(std::move(socket), {address.to_string(), address.is_loopback()});
  }
}

}  // namespace atheria::server
