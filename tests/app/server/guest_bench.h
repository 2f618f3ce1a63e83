#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "app/engine_worlds.h"
#include "app/protocol/upload.h"
#include "tests/app/server/client_bench.h"

namespace atheria::server {

using Floats = std::vector<float>;

// A hub with real worlds: "w" is Gray-Scott, 24 x 16, paused.
struct EngineBench : IoBench {
  explicit EngineBench(const Limits& limits = {}) : IoBench(limits), worlds(hub, 16, 0) {
    add("w");
    hub.attach(worlds);
  }
  ~EngineBench() { hub.stop(); }  // what is slow may use the worlds

  void add(const std::string& name, const std::string& law = "gray-scott", int width = 24,
           int height = 16) {
    WorldSpec spec{.name = name, .law = law};
    spec.grid = {width, height, 1};
    spec.seed = 1;
    spec.playing = false;
    worlds.create(spec);
  }

  bool free(const std::string& name = "w") { return worlds.state(name).leased_by.empty(); }

  EngineWorlds worlds;
};

// A program that takes part in worlds.
class Program : public FakeClient {
 public:
  using FakeClient::FakeClient;

  // The bytes that followed a reply.
  std::vector<std::uint8_t> blob(std::int64_t id) const {
    std::vector<std::uint8_t> bytes;
    for (const auto& part : parts) {
      std::uint32_t sub = 0;
      std::memcpy(&sub, part.data() + 4, sizeof sub);
      if (part[0] == 3 && sub == id)
        bytes.insert(bytes.end(), part.begin() + wire::kHeaderSize, part.end());
    }
    return bytes;
  }
  Floats floats(std::int64_t id) const {
    const auto bytes = blob(id);
    Floats values(bytes.size() / sizeof(float));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }

  // Sends numbers as an upload, in pieces of `size` bytes.
  std::uint32_t upload(const Floats& values, std::size_t size = 1000) {
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(values.data()),
                          values.size() * sizeof(float));
    ++last_upload;
    for (std::size_t at = 0; at < bytes.size(); at += size)
      connection->on_binary(wire::encode_upload(
          {last_upload, bytes.size(), at, bytes.subspan(at, std::min(size, bytes.size() - at))}));
    return last_upload;
  }

  // Asks and expects a yes.
  json::object get(const std::string& op, json::object args = {}) {
    const auto reply = ask(op, std::move(args));
    EXPECT_EQ(code_of(reply), "ok") << op << " " << json::serialize(reply);
    const auto* const result = reply.if_contains("result");
    return result != nullptr ? result->as_object() : json::object{};
  }
  std::string refusal(const std::string& op, json::object args = {}) {
    return code_of(ask(op, std::move(args)));
  }
  Floats read(std::uint32_t lease, const std::string& channel = "*") {
    get("lease.read", {{"lease", lease}, {"channel", channel}});
    return floats(last_id);
  }
  json::object numbers(const Floats& values, json::array shape) {
    return {{"upload", upload(values)}, {"shape", std::move(shape)}, {"dtype", "<f4"}};
  }

  std::uint32_t last_upload = 0;
};

inline double number(const json::value& value) { return value.to_number<double>(); }

// The value of a channel in one cell, as anybody may ask.
inline double cell(Program& client, const std::string& world, const std::string& channel) {
  const auto probe = client.get("probe.read", {{"world", world}, {"x", 3}, {"y", 2}});
  return number(probe.at("values").as_object().at(channel));
}

inline json::object with(json::object first, json::object more) {
  for (auto& [key, value] : more) first[key] = value;
  return first;
}

}  // namespace atheria::server
