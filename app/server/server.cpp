#include "app/server/server.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <csignal>

#include "app/server/call.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"

namespace atheria::server {
namespace {

constexpr std::chrono::milliseconds kEndCheck{20};

std::string url_host(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  if (host == "::") return "[::1]";
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

Server::Server(ServerOptions options)
    : options_(std::move(options)),
      listener_(io_, options_.host, options_.port),
      auth_(options_.grants, [] { return now_us(); }),
      hub_(io_, options_.limits),
      site_(hub_, auth_, Gate(options_, listener_.port(), auth_),
            fmt::format("http://{}:{}", url_host(listener_.host()), listener_.port())),
      signals_(io_),
      end_(io_) {}

// Coroutines that did not end are destroyed with the io_context, after all else here: nothing they
// hold may reach back.
Server::~Server() {
  hub_.stop();
  for (const auto& connection : hub_.connection_list()) connection->finish();
}

std::string Server::websocket_url() const { return "ws" + url().substr(4) + "/ws"; }

std::string Server::login_link() {
  return fmt::format("{}/login?t={}", url(), auth_.make_link(Role::admin));
}

void Server::run() {
  listener_.start(
      [this](Tcp::socket socket, Peer peer) { accept(std::move(socket), std::move(peer)); });
  site_.ready = stop_us_ == 0;
  io_.run();
  hub_.stop();
}

void Server::stop() {
  boost::asio::post(io_, [this] { begin_stop(); });
}

void Server::stop_on_signals() {
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  signals_.async_wait([this](ErrorCode error, int signal) {
    if (error) return;
    log::info(fmt::format("stopping: signal {}", signal));
    begin_stop();
  });
}

void Server::accept(Tcp::socket socket, Peer peer) {
  ++hub_.metrics().connections_total;
  auto slot = site_.sockets.take(peer.address);
  if (!slot) return refuse(std::move(socket));
  told_full_ = false;
  auto session = std::shared_ptr<HttpSession>(
      new HttpSession(site_, std::move(socket), std::move(peer), std::move(slot)),
      [all = http_](HttpSession* gone) {
        all->erase(gone);
        delete gone;
      });
  http_->insert(session.get());
  session->start();
}

// One try at a short answer, without waiting: a flood must cost less than it costs its sender.
void Server::refuse(Tcp::socket socket) {
  ++hub_.metrics().refused_connections;
  if (!std::exchange(told_full_, true)) log::warning("too many connections: refusing more");
  const Response response = refused({503, "busy", "too many connections; close one, or wait", 5});
  const std::string text = header_text(response, false) + response.text;
  ErrorCode ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(text), ignored);
  socket.shutdown(Tcp::socket::shutdown_send, ignored);
  socket.close(ignored);
}

void Server::begin_stop() {
  if (stop_us_ != 0) return;
  stop_us_ = now_us();
  site_.ready = false;
  listener_.stop();
  signals_.cancel();
  for (const auto& connection : hub_.connection_list()) connection->shut_down();
  for (HttpSession* session : std::set<HttpSession*>(*http_)) session->close_if_idle();
  await_end();
}

void Server::await_end() {
  const auto limit = static_cast<std::uint64_t>(options_.limits.stop_time.count()) * 1000;
  const bool late = now_us() - stop_us_ >= limit;
  if (site_.sockets.taken() == 0 || late) {
    if (late) log::warning("some connections did not end in time");
    return io_.stop();
  }
  end_.expires_after(kEndCheck);
  end_.async_wait([this](ErrorCode error) {
    if (!error) await_end();
  });
}

}  // namespace atheria::server
