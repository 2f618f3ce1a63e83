#include "app/server/http_session.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "app/protocol/messages.h"
#include "engine/base/log.h"

namespace atheria::server {

using namespace asio::experimental::awaitable_operators;

namespace {

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kChunk = 256 * 1024;

int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::bad_args:
      return 400;
    case ErrorKind::not_found:
      return 404;
    case ErrorKind::conflict:
      return 409;
    case ErrorKind::too_large:
      return 413;
    case ErrorKind::unsupported:
      return 400;
    case ErrorKind::not_allowed:
      return 403;
    case ErrorKind::busy:
    case ErrorKind::cancelled:
      return 503;
    case ErrorKind::io:
    case ErrorKind::internal:
      break;
  }
  return 500;
}

Refusal refusal_of(const Error& error) {
  const wire::Fault fault = wire::fault_of(error);
  const int status = status_of(error.kind());
  if (status == 500) log::error(error.what());
  return {status, fault.code, fault.message, status == 503 ? 1 : 0};
}

}  // namespace

HttpSession::HttpSession(Site& site, Tcp::socket socket, Peer peer, std::shared_ptr<void> slot)
    : site_(site),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      slot_(std::move(slot)),
      timer_(socket_.get_executor()) {}

void HttpSession::start() {
  asio::co_spawn(
      socket_.get_executor(), [self = shared_from_this()] { return self->run(); }, asio::detached);
}

void HttpSession::close_if_idle() {
  ErrorCode ignored;
  if (idle_) socket_.close(ignored);
}

asio::awaitable<void> HttpSession::run() {
  const auto self = shared_from_this();
  bool first = true;
  Next next = Next::again;
  while (next == Next::again) {
    next = co_await serve_one(first);
    first = false;
  }
  if (next == Next::close) co_await linger();
}

asio::awaitable<HttpSession::Next> HttpSession::serve_one(bool first) {
  std::string header;
  auto refusal = co_await read_header(first, header);
  if (!refusal && header.empty()) co_return Next::gone;  // the peer left, or had nothing to say
  ++site_.hub.metrics().http_requests;
  Request request;
  if (!refusal) refusal = check_raw(header, site_.hub.limits());
  if (!refusal) refusal = parse_header(header, site_.hub.limits(), request);
  if (!refusal) refusal = co_await read_body(request);
  if (refusal) {
    co_await send(refused(*refusal), false, true);
    co_return Next::close;
  }
  co_return co_await answer(request);
}

asio::awaitable<bool> HttpSession::read_some(std::chrono::steady_clock::time_point deadline,
                                             bool& late) {
  std::array<char, 8192> chunk;
  timer_.expires_at(deadline);
  const auto result = co_await (socket_.async_read_some(asio::buffer(chunk), kResult) ||
                                timer_.async_wait(kResult));
  late = result.index() == 1;
  if (late) co_return false;
  const auto [error, size] = std::get<0>(result);
  buffer_.append(chunk.data(), size);
  co_return !error;
}

// The time counts from a request's first byte to its header's last, whatever comes in between.
asio::awaitable<std::optional<Refusal>> HttpSession::read_header(bool first, std::string& header) {
  const Limits& limits = site_.hub.limits();
  const auto start = std::chrono::steady_clock::now();
  auto deadline = start + (first ? limits.header_time : limits.keep_alive);
  bool late = false;
  if (buffer_.empty()) {
    idle_ = true;
    const bool more = co_await read_some(deadline, late);
    idle_ = false;
    if (!more) co_return std::nullopt;
    if (!first) deadline = std::chrono::steady_clock::now() + limits.header_time;
  }
  std::size_t searched = 0;
  while (true) {
    // A TLS greeting, or noise: its end would never come.
    if (!buffer_.empty() && (buffer_[0] < 'A' || buffer_[0] > 'Z'))
      co_return Refusal{400, "bad_args", "this port speaks HTTP", 0};
    const std::size_t end = buffer_.find("\r\n\r\n", searched);
    if (end != std::string::npos && end + 4 <= limits.header_bytes) {
      header = buffer_.substr(0, end + 4);
      buffer_.erase(0, end + 4);
      co_return std::nullopt;
    }
    if (buffer_.size() >= limits.header_bytes)
      co_return Refusal{431, "too_large",
                        fmt::format("a header has at most {} bytes", limits.header_bytes), 0};
    // Lines that end with LF alone would never end the header.
    if (buffer_.find("\n\n") != std::string::npos)
      co_return Refusal{400, "bad_args", "a line that ends with LF alone", 0};
    searched = buffer_.size() < 3 ? 0 : buffer_.size() - 3;
    if (!co_await read_some(deadline, late)) {
      if (late) co_return Refusal{408, "timeout", "the header took too long", 0};
      co_return std::nullopt;
    }
  }
}

asio::awaitable<std::optional<Refusal>> HttpSession::read_body(Request& request) {
  const std::size_t length = content_length(request);
  const auto deadline = std::chrono::steady_clock::now() + site_.hub.limits().header_time;
  bool late = false;
  while (buffer_.size() < length)
    if (!co_await read_some(deadline, late))
      co_return Refusal{late ? 408 : 400, late ? "timeout" : "bad_args", "the body did not arrive",
                        0};
  request.body() = buffer_.substr(0, length);
  buffer_.erase(0, length);
  co_return std::nullopt;
}

asio::awaitable<HttpSession::Next> HttpSession::answer(const Request& request) {
  auto admitted = admit(site_, request, peer_);
  if (auto* refusal = std::get_if<Refusal>(&admitted)) {
    Response response = refused(*refusal);
    if (refusal->status == 426) response.fields.emplace_back("Upgrade", "websocket");
    if (refusal->status == 426) response.fields.emplace_back("Sec-WebSocket-Version", "13");
    if (refusal->status == 405) response.fields.emplace_back("Allow", allowed_methods(request));
    co_await send(response, false, request.method() != http::verb::head);
    co_return Next::close;
  }
  const auto& admission = std::get<Admission>(admitted);
  if (admission.route->handler == nullptr) {
    bool gone = false;
    const Refusal refusal = upgrade(admission, request, gone);
    if (gone) co_return Next::gone;
    co_await send(refused(refusal), false, true);
    co_return Next::close;
  }
  const Response response = co_await run_handler(admission, request);
  const bool keep_alive = request.keep_alive() && site_.ready && response.status < 400;
  const bool sent = co_await send(response, keep_alive, request.method() != http::verb::head);
  co_return sent&& keep_alive ? Next::again : Next::close;
}

asio::awaitable<Response> HttpSession::run_handler(const Admission& admission,
                                                   const Request& request) {
  try {
    Visit visit{site_, request, peer_, admission.identity, admission.name};
    co_return co_await admission.route->handler(visit);
  } catch (const Error& error) {
    co_return refused(refusal_of(error));
  } catch (const std::exception& error) {
    co_return refused(refusal_of(Error(ErrorKind::internal, error.what())));
  }
}

Refusal HttpSession::upgrade(const Admission& admission, const Request& request, bool& gone) {
  if (!site_.ready) return {503, "busy", "the server stops", 5};
  auto client = site_.clients.take(peer_.address);
  if (!client)
    return {503, "busy", "too many connections, in all or from this address; close one, or wait",
            5};
  gone = true;
  // Both slots end with the session.
  auto slots = std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(
      std::move(client), std::move(slot_));
  std::make_shared<Session>(site_.hub, std::move(socket_), admission.identity, std::move(slots))
      ->start(request);
  return {};
}

asio::awaitable<bool> HttpSession::write_all(asio::const_buffer bytes) {
  while (bytes.size() > 0) {
    timer_.expires_after(site_.hub.limits().no_progress);
    const auto result = co_await (
        socket_.async_write_some(asio::buffer(bytes, std::min(bytes.size(), kChunk)), kResult) ||
        timer_.async_wait(kResult));
    if (result.index() == 1) co_return false;
    const auto [error, size] = std::get<0>(result);
    if (error) co_return false;
    bytes += size;
  }
  co_return true;
}

asio::awaitable<bool> HttpSession::send(const Response& response, bool keep_alive, bool with_body) {
  std::string head = header_text(response, keep_alive);
  with_body = with_body && response.status != 204 && response.status != 304;
  const bool small = response.bytes.data() == nullptr;
  if (with_body && small) head += response.text;
  if (!co_await write_all(asio::buffer(head))) co_return false;
  if (!with_body || small) co_return true;
  co_return co_await write_all(asio::buffer(response.bytes.data(), response.bytes.size()));
}

// Closing with bytes unread would send RST, which can overtake the answer just sent: read a little
// more first.
asio::awaitable<void> HttpSession::linger() {
  ErrorCode ignored;
  socket_.shutdown(Tcp::socket::shutdown_send, ignored);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  std::size_t read = 0;
  bool late = false;
  while (read < 64 * 1024) {
    buffer_.clear();
    if (!co_await read_some(deadline, late)) break;
    read += buffer_.size();
  }
  socket_.close(ignored);
}

}  // namespace atheria::server
