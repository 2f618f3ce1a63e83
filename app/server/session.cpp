#include "app/server/session.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/websocket/error.hpp>

#include <array>

#include "engine/base/clock.h"
#include "engine/base/log.h"

namespace atheria::server {

namespace websocket = boost::beast::websocket;

namespace {

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadAtLeast = 4096;
constexpr std::size_t kSmallPiece = 256;  // on average, of a message in very many pieces

std::uint64_t micros(std::chrono::milliseconds time) {
  return static_cast<std::uint64_t>(time.count()) * 1000;
}

asio::steady_timer::time_point at(std::uint64_t us) {
  return asio::steady_timer::time_point(std::chrono::microseconds(us));
}

}  // namespace

Session::Session(Hub& hub, Tcp::socket socket, Identity identity, std::shared_ptr<void> slot)
    : hub_(hub),
      ws_(std::move(socket)),
      slot_(std::move(slot)),
      connection_(std::make_shared<Connection>(hub, identity, *this)),
      writer_(hub.io()),
      reader_(hub.io()),
      pace_(hub.io()),
      house_(hub.io()),
      control_(hub.limits().control_per_second, 2 * hub.limits().control_per_second) {
  ws_.auto_fragment(false);
  ws_.write_buffer_bytes(wire::kPartLimit + 4096);
  ws_.read_message_max(connection_->text_limit());
  // Our own clocks: Beast's do not know which bytes the peer took.
  ws_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                 websocket::stream_base::none(), false});
  ws_.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
    response.set(http::field::server, "atheria");
    response.set(http::field::sec_websocket_protocol, "atheria.v1");
  }));
  next_ping_us_ = now_us() + micros(hub.limits().ping_every);
}

Session::~Session() { connection_->finish(); }

void Session::start(Request request) {
  asio::co_spawn(
      ws_.get_executor(),
      [self = shared_from_this(), request = std::move(request)]() mutable {
        return self->run(std::move(request));
      },
      asio::detached);
}

asio::awaitable<void> Session::run(Request request) {
  const auto self = shared_from_this();
  const auto [error] = co_await ws_.async_accept(request, kResult);
  if (error || !open_) co_return shut();
  ws_.control_callback([this](websocket::frame_type, boost::beast::string_view) { on_control(); });
  connection_->start();
  asio::co_spawn(ws_.get_executor(), [self] { return self->write_loop(); }, asio::detached);
  asio::co_spawn(ws_.get_executor(), [self] { return self->keep_house(); }, asio::detached);
  co_await read_loop();
  shut();
}

asio::awaitable<void> Session::read_loop() {
  const auto self = shared_from_this();
  while (open_) {
    // A client that does not read its replies is not read either.
    if (!connection_->wants_requests()) {
      reader_.expires_at(asio::steady_timer::time_point::max());
      co_await reader_.async_wait(kResult);
      continue;
    }
    if (!co_await read_message()) break;
  }
}

// False at the end of the connection.
asio::awaitable<bool> Session::read_message() {
  buffer_.clear();
  pieces_ = 0;
  do {
    const auto [error, size] = co_await ws_.async_read_some(buffer_, kReadAtLeast, kResult);
    if (error || !open_) {
      if (error == websocket::error::message_too_big)
        log::debug("a client's message was too large");
      co_return false;
    }
    if (message_us_ == 0) message_us_ = now_us();
    ++pieces_;
    if (ws_.got_binary() && buffer_.size() > binary_limit())
      close(close_code::too_large,
            fmt::format("such a binary message has at most {} bytes", binary_limit()), false);
    else if (pieces_ > hub_.limits().fragments && buffer_.size() < pieces_ * kSmallPiece)
      close(close_code::policy, "a message in too many pieces", false);
  } while (!ws_.is_message_done());
  message_us_ = 0;
  ++hub_.metrics().messages_in;
  take_message();
  co_return true;
}

// Of the message that is being read.
std::size_t Session::binary_limit() const {
  if (buffer_.size() == 0) return hub_.limits().binary_bytes;
  return connection_->binary_limit(*static_cast<const std::uint8_t*>(buffer_.cdata().data()));
}

void Session::take_message() {
  if (goodbye_) return;  // waits for the peer's close frame only
  const auto bytes = buffer_.cdata();
  try {
    if (ws_.got_binary())
      connection_->on_binary({static_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    else
      connection_->on_text({static_cast<const char*>(bytes.data()), bytes.size()});
  } catch (const std::exception& error) {
    log::error(fmt::format("{}: {}", connection_->name(), error.what()));
    close(close_code::internal, "the server's own fault; its log has more", false);
  }
}

void Session::on_control() {
  if (!control_.take(now_us())) close(close_code::policy, "too many control frames", false);
}

void Session::wake() { writer_.cancel(); }

asio::awaitable<void> Session::write_loop() {
  const auto self = shared_from_this();
  while (open_) {
    if (goodbye_ && !draining_) co_return co_await say_goodbye();
    if (std::exchange(ping_due_, false)) {
      const auto [error] = co_await ws_.async_ping({}, kResult);
      if (error) break;
      continue;
    }
    if (auto message = connection_->take()) {
      co_await write(*message);
      if (connection_->wants_requests()) reader_.cancel();
      continue;
    }
    if (goodbye_) co_return co_await say_goodbye();
    writer_.expires_at(asio::steady_timer::time_point::max());
    co_await writer_.async_wait(kResult);
  }
  shut();
}

asio::awaitable<void> Session::write(const Outgoing& message) {
  ErrorCode error;
  std::size_t size = 0;
  writing_ = true;
  if (message.text) {
    ws_.text(true);
    std::tie(error, size) = co_await ws_.async_write(asio::buffer(*message.text), kResult);
  } else {
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(message.header),
                                                       asio::buffer(*message.payload)};
    ws_.binary(true);
    std::tie(error, size) = co_await ws_.async_write(buffers, kResult);
  }
  writing_ = false;
  if (error) co_return shut();
  connection_->sent(message);
}

void Session::close(std::uint16_t code, const std::string& reason, bool drain) {
  if (goodbye_) return;
  goodbye_ = websocket::close_reason(code);
  goodbye_->reason = reason.substr(0, 120);  // a control frame has room for 123 bytes
  goodbye_us_ = now_us();
  draining_ = drain;
  wake();
}

// The reader, still at it, gets the peer's answer and closes; keep_house() closes when none comes.
asio::awaitable<void> Session::say_goodbye() {
  co_await ws_.async_close(*goodbye_, kResult);
  shut();
}

void Session::wake_at(std::uint64_t at_us) {
  if (!open_ || (pace_us_ != 0 && pace_us_ <= at_us)) return;
  pace_us_ = at_us;
  pace_.expires_at(at(at_us));
  pace_.async_wait([weak = weak_from_this()](ErrorCode error) {
    const auto self = weak.lock();
    if (error || !self || !self->open_) return;
    self->pace_us_ = 0;
    self->connection_->woken();
  });
}

asio::awaitable<void> Session::keep_house() {
  const auto self = shared_from_this();
  while (open_) {
    house_.expires_after(hub_.limits().housekeeping);
    co_await house_.async_wait(kResult);
    if (!open_) break;
    connection_->tick();
    count_bytes();
    check_times(now_us());
  }
}

void Session::check_times(std::uint64_t now) {
  const Limits& limits = hub_.limits();
  const Wire& wire = ws_.next_layer();
  if (goodbye_ && now - goodbye_us_ > micros(draining_ ? limits.stop_time : limits.close_time))
    return abort();
  if (wire.writing() && now - wire.last_out_us() > micros(limits.no_progress)) {
    ++hub_.metrics().slow_disconnects;
    return abort();
  }
  if (now - wire.last_in_us() > micros(limits.silence))
    return close(close_code::timeout, "nothing heard for too long", false);
  if (message_us_ != 0 && now - message_us_ > micros(limits.message_time))
    return close(close_code::policy, "a message took too long", false);
  if (now >= next_ping_us_) {
    next_ping_us_ = now + micros(limits.ping_every);
    ping_due_ = true;
    wake();
  }
}

void Session::count_bytes() {
  const Wire& wire = ws_.next_layer();
  hub_.metrics().bytes_in += wire.bytes_in() - std::exchange(counted_in_, wire.bytes_in());
  hub_.metrics().bytes_out += wire.bytes_out() - std::exchange(counted_out_, wire.bytes_out());
}

void Session::abort() {
  ErrorCode ignored;
  ws_.next_layer().socket().set_option(asio::socket_base::linger(true, 0), ignored);
  shut();
}

void Session::shut() {
  if (!std::exchange(open_, false)) return;
  count_bytes();
  beast_close_socket(ws_.next_layer());
  writer_.cancel();
  reader_.cancel();
  pace_.cancel();
  house_.cancel();
  connection_->finish();
}

}  // namespace atheria::server
