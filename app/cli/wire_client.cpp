#include "app/cli/wire_client.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

namespace atheria::cli {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

namespace {

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kLargestReply = 64 << 20;
constexpr auto kAnswerTime = std::chrono::seconds(60);
constexpr auto kBetweenTries = std::chrono::milliseconds(200);
constexpr auto kClosedTime = std::chrono::milliseconds(1000);

// One request that waits: the timer is cancelled when its reply is there.
struct Pending {
  explicit Pending(asio::io_context& io) : arrived(io) {}
  asio::steady_timer arrived;
  std::optional<json::object> reply;
};

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

// The message in {"error":{"message"}}, or the body as it is.
std::string message_in(const std::string& body) {
  try {
    return text_of(wire::parse_json(body).as_object().at("error").as_object(), "message");
  } catch (const std::exception&) {
    return body;
  }
}

Refused refusal_of(const json::object& reply) {
  const json::object& error = reply.at("error").as_object();
  const json::value* const retry = error.if_contains("retryAfterMs");
  return {text_of(error, "message"), text_of(error, "code"),
          retry != nullptr && retry->is_int64() ? static_cast<int>(retry->get_int64()) : 0};
}

}  // namespace

struct WireClient::Link : std::enable_shared_from_this<Link> {
  explicit Link(asio::io_context& io) : ws(io), work(io) {}

  asio::awaitable<void> read();
  asio::awaitable<void> write();
  void take(json::object message);
  void push(std::string text, bool binary = false);
  void end();

  websocket::stream<beast::tcp_stream> ws;
  asio::steady_timer work;  // cancelled when there is something to write
  struct Message {
    std::string bytes;
    bool binary;
  };
  std::deque<Message> out;
  std::function<void(std::string_view)> on_binary;
  std::map<std::int64_t, std::shared_ptr<Pending>> pending;
  bool open = true;
};

asio::awaitable<void> WireClient::Link::read() {
  const auto self = shared_from_this();
  beast::flat_buffer buffer;
  while (open) {
    buffer.clear();
    const auto [error, size] = co_await ws.async_read(buffer, kResult);
    if (error) break;
    const std::string_view bytes(static_cast<const char*>(buffer.data().data()), size);
    if (!ws.got_text()) {
      if (on_binary) on_binary(bytes);
      continue;
    }
    try {
      take(wire::parse_json(bytes).as_object());
    } catch (const std::exception&) {
      break;  // that is no server of ours
    }
  }
  end();
}

void WireClient::Link::take(json::object message) {
  const json::value* const id = message.if_contains("id");
  if (id == nullptr || !id->is_int64()) return;  // an event
  const auto found = pending.find(id->get_int64());
  if (found == pending.end()) return;
  found->second->reply = std::move(message);
  found->second->arrived.cancel();
}

asio::awaitable<void> WireClient::Link::write() {
  const auto self = shared_from_this();
  while (open) {
    if (out.empty()) {
      work.expires_at(asio::steady_timer::time_point::max());
      co_await work.async_wait(kResult);
      continue;
    }
    const Message message = std::move(out.front());
    out.pop_front();
    ws.binary(message.binary);
    const auto [error, size] = co_await ws.async_write(asio::buffer(message.bytes), kResult);
    if (error) break;
  }
  end();
}

void WireClient::Link::push(std::string text, bool binary) {
  out.push_back({std::move(text), binary});
  work.cancel();
}

void WireClient::Link::end() {
  if (!std::exchange(open, false)) return;
  beast::error_code ignored;
  beast::get_lowest_layer(ws).socket().close(ignored);
  work.cancel();
  for (const auto& [id, waiting] : pending) waiting->arrived.cancel();
}

WireClient::WireClient(asio::io_context& io, Door door) : io_(io), door_(std::move(door)) {}

WireClient::~WireClient() { close(); }

void WireClient::close() {
  if (link_) link_->end();
}

asio::awaitable<void> WireClient::connect(std::chrono::milliseconds limit) {
  close();
  const Target target = parse_url(door_.url);
  const auto link = std::make_shared<Link>(io_);
  auto& tcp = beast::get_lowest_layer(link->ws);
  const auto lost = [this](const beast::error_code& error) {
    return Lost(fmt::format("no answer from {}: {}", door_.url, error.message()),
                error == asio::error::connection_refused);
  };
  tcp.expires_after(limit);
  asio::ip::tcp::resolver resolver(io_);
  const auto [unknown, found] =
      co_await resolver.async_resolve(target.address(), target.port, kResult);
  if (unknown) throw lost(unknown);
  const auto [refused, endpoint] = co_await tcp.async_connect(found, kResult);
  if (refused) throw lost(refused);
  link->ws.set_option(
      websocket::stream_base::decorator([token = door_.token](websocket::request_type& request) {
        request.set(http::field::authorization, "Bearer " + token);
        request.set(http::field::sec_websocket_protocol, "atheria.v1");
      }));
  link->ws.read_message_max(kLargestReply);
  websocket::response_type response;
  const std::string host = target.host + ":" + target.port;
  const auto [declined] = co_await link->ws.async_handshake(response, host, "/ws", kResult);
  if (declined == websocket::error::upgrade_declined)
    throw Refused(fmt::format("{} answered {}: {}", door_.url, response.result_int(),
                              message_in(response.body())),
                  "upgrade", 0);
  if (declined) throw lost(declined);
  beast::flat_buffer buffer;
  const auto [silent, size] = co_await link->ws.async_read(buffer, kResult);
  if (silent) throw lost(silent);
  hello_ = wire::parse_json({static_cast<const char*>(buffer.data().data()), size}).as_object();
  tcp.expires_never();
  link_ = link;
  asio::co_spawn(io_, [link] { return link->read(); }, asio::detached);
  asio::co_spawn(io_, [link] { return link->write(); }, asio::detached);
}

asio::awaitable<bool> WireClient::connect_again(std::chrono::milliseconds limit) {
  const std::string before = epoch();
  const auto begin = std::chrono::steady_clock::now();
  asio::steady_timer pause(io_);
  while (true) {
    try {
      co_await connect(limit);
      co_return epoch() == before;
    } catch (const Lost& lost) {
      // A port that nobody listens on will not come back; a network may.
      const auto patience = lost.nobody_listens ? std::min(limit, kClosedTime) : limit;
      if (std::chrono::steady_clock::now() - begin > patience) co_return false;
    } catch (const Refused&) {  // too many connections, perhaps for a moment
      if (std::chrono::steady_clock::now() - begin > limit) co_return false;
    }
    pause.expires_after(kBetweenTries);
    co_await pause.async_wait(kResult);
  }
}

asio::awaitable<json::object> WireClient::ask(std::string op, json::object args, std::string key) {
  const auto link = link_;
  if (!link || !link->open) throw Lost(fmt::format("the connection to {} ended", door_.url));
  const std::int64_t id = ++next_id_;
  json::object request{{"id", id}, {"op", op}, {"args", std::move(args)}};
  if (!key.empty()) request["key"] = key;
  const auto waiting = std::make_shared<Pending>(io_);
  link->pending[id] = waiting;
  link->push(json::serialize(request));
  waiting->arrived.expires_after(kAnswerTime);
  co_await waiting->arrived.async_wait(kResult);
  link->pending.erase(id);
  if (!waiting->reply) {
    link->end();  // late is as good as never
    throw Lost(fmt::format("{} did not answer {}", door_.url, op));
  }
  if (!waiting->reply->at("ok").as_bool()) throw refusal_of(*waiting->reply);
  co_return waiting->reply->at("result").as_object();
}

void WireClient::on_binary(std::function<void(std::string_view)> take) {
  if (link_) link_->on_binary = std::move(take);
}

void WireClient::send_binary(std::string bytes) {
  if (link_) link_->push(std::move(bytes), true);
}

std::string WireClient::epoch() const { return text_of(hello_, "epoch"); }

std::size_t WireClient::largest_message() const {
  return static_cast<std::size_t>(
      hello_.at("limits").as_object().at("msg").to_number<std::int64_t>());
}

int run_to_end(asio::io_context& io, asio::awaitable<int> task) {
  int result = kExitCancelled;
  std::exception_ptr thrown;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, int code) {
    thrown = error;
    result = code;
    io.stop();
  });
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return result;
}

}  // namespace atheria::cli
