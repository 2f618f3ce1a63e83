#pragma once

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "app/protocol/decode.h"
#include "app/protocol/json_text.h"
#include "app/server/connection.h"
#include "tests/support/fake_worlds.h"

namespace atheria::server {

namespace json = wire::json;

// A hub whose I/O thread is the test's own.
struct IoBench {
  explicit IoBench(const Limits& limits) : hub(io, limits) {}
  ~IoBench() { hub.stop(); }

  // Lets the I/O thread's work happen until `there`; a test that waits longer than this has failed.
  void run_until(const std::function<bool()>& there) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!there() && std::chrono::steady_clock::now() < limit) {
      io.restart();
      io.run_for(std::chrono::milliseconds(1));
    }
    EXPECT_TRUE(there()) << "it did not happen";
  }

  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  Hub hub;
};

// With fake worlds; everything runs on the test's own thread but the encoder.
struct HubBench : IoBench {
  explicit HubBench(const Limits& limits = {}) : IoBench(limits), worlds(hub) {
    hub.attach(worlds);
  }
  ~HubBench() { hub.stop(); }

  testing::FakeWorlds worlds;
};

// A client without a socket: it reads all it is sent unless told not to.
class FakeClient : public Transport {
 public:
  explicit FakeClient(IoBench& bench, Role role = Role::admin)
      : FakeClient(bench, Identity{.role = role}) {}
  FakeClient(IoBench& bench, const Identity& identity)
      : bench_(bench), connection(std::make_shared<Connection>(bench.hub, identity, *this)) {
    connection->start();
    read();
    texts.clear();  // hello
  }
  ~FakeClient() override { connection->finish(); }

  void wake() override {
    if (reading && !inside_) read();
  }
  void wake_at(std::uint64_t) override { woken_later = true; }
  void close(std::uint16_t code, const std::string&, bool) override { closed = code; }

  void read() {
    inside_ = true;
    while (auto message = connection->take()) {
      if (message->text)
        texts.push_back(wire::parse_json(*message->text).as_object());
      else
        parts.push_back(bytes_of(*message));
      connection->sent(*message);
    }
    inside_ = false;
  }

  // Sends a request and waits for its reply.
  json::object ask(const std::string& op, json::object args = {}, const std::string& key = {}) {
    const int id = send(op, std::move(args), key);
    bench_.run_until([&] { return reply(id).has_value(); });
    return reply(id).value_or(json::object{});
  }
  int send(const std::string& op, json::object args = {}, const std::string& key = {}) {
    json::object request{{"id", ++last_id}, {"op", op}, {"args", std::move(args)}};
    if (!key.empty()) request["key"] = key;
    connection->on_text(json::serialize(request));
    return last_id;
  }
  std::optional<json::object> reply(int id) const {
    for (const auto& text : texts)
      if (text.contains("id") && text.at("id") == id) return text;
    return std::nullopt;
  }
  std::vector<json::object> events(std::string_view name) const {
    std::vector<json::object> found;
    for (const auto& text : texts)
      if (text.contains("ev") && std::string_view(text.at("ev").as_string()) == name)
        found.push_back(text);
    return found;
  }
  void ack(std::uint32_t sub, std::uint32_t seq) {
    connection->on_binary(wire::encode_ack({sub, seq}));
  }

  // What the parts received since the last call come to.
  std::vector<wire::DecodedFrame> frames() {
    std::vector<wire::DecodedFrame> found;
    for (const auto& part : std::exchange(parts, {}))
      if (auto frame = decoder_.add(part)) found.push_back(std::move(*frame));
    return found;
  }

 private:
  static std::vector<std::uint8_t> bytes_of(const Outgoing& message) {
    std::vector<std::uint8_t> bytes(message.header.begin(), message.header.end());
    bytes.insert(bytes.end(), message.payload->begin(), message.payload->end());
    return bytes;
  }

  IoBench& bench_;
  wire::FrameDecoder decoder_;
  bool inside_ = false;

 public:
  std::shared_ptr<Connection> connection;
  std::vector<json::object> texts;
  std::vector<std::vector<std::uint8_t>> parts;
  bool reading = true;
  bool woken_later = false;
  std::optional<std::uint16_t> closed;
  int last_id = 0;
};

inline std::string code_of(const json::object& reply) {
  const auto* error = reply.if_contains("error");
  return error != nullptr ? std::string(error->as_object().at("code").as_string()) : "ok";
}

}  // namespace atheria::server
