#include "app/server/hub.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/protocol/messages.h"
#include "app/protocol/upload.h"
#include "app/server/auth.h"
#include "app/server/connection.h"
#include "app/server/guest.h"
#include "atheria_build.h"

namespace atheria::server {
namespace {

namespace json = wire::json;

constexpr std::size_t kMostSamples = 4096;  // waiting for the I/O thread

// A version 4 UUID.
std::string make_epoch() {
  std::string hex;
  for (const unsigned char byte : random_bytes()) hex += fmt::format("{:02x}", byte);
  hex[12] = '4';
  hex[16] = "89ab"[hex[16] & 3];
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20, 12));
}

json::value limits_json(const Limits& limits, const Connection& connection) {
  return {
      {"msg", connection.text_limit()},    {"binary", connection.binary_limit(wire::kUploadKind)},
      {"subs", limits.subscriptions},      {"cmdPerSec", limits.commands_per_second},
      {"cmdBurst", limits.command_burst},  {"window", 16},
      {"part", wire::kPartLimit},          {"worlds", limits.worlds},
      {"streams", limits.streams},         {"streamBytes", limits.stream_bytes},
      {"uploadBytes", limits.upload_bytes}};
}

}  // namespace

Hub::Hub(boost::asio::io_context& io, const Limits& limits)
    : io_(io),
      limits_(limits),
      encoder_(io, metrics_),
      streams_(io, *this, {limits.streams, limits.stream_bytes}),
      feeds_(encoder_, streams_, limits.lossless_bytes),
      epoch_(make_epoch()) {}

void Hub::attach(WorldAccess& worlds) {
  worlds_ = &worlds;
  feeds_.attach(worlds);
  series_.attach(worlds);
  for (const WorldState& state : worlds.states())
    known_[state.spec.name] = {state.spec.law, state.revision, state.step, state.playing};
}

void Hub::stop() {
  encoder_.stop();
  slow_.stop();
  slow_.join();
}

void Hub::on_frame(std::shared_ptr<const Frame> frame) { feeds_.on_frame(std::move(frame)); }

template <class Change>
void Hub::notice(Change change) {
  {
    const std::lock_guard lock(mutex_);
    change(notices_);
    if (std::exchange(noticed_, true)) return;
  }
  boost::asio::post(io_, [this] { read_notices(); });
}

void Hub::on_sample(const std::string& world, const Sample& sample) {
  notice([&](Notices& notices) {
    if (notices.samples.size() < kMostSamples) notices.samples.emplace_back(world, sample);
  });
}

void Hub::on_state(const WorldState& state) {
  notice([&](Notices& notices) { notices.states[state.spec.name] = state; });
}

void Hub::on_failure(const std::string& world, const std::string& reason) {
  notice([&](Notices& notices) { notices.failures.emplace_back(world, reason); });
}

void Hub::read_notices() {
  Notices notices;
  {
    const std::lock_guard lock(mutex_);
    std::swap(notices, notices_);
    noticed_ = false;
  }
  for (const auto& [name, state] : notices.states) handle(state);
  for (const auto& [world, sample] : notices.samples) series_.deliver(world, sample);
  for (const auto& [world, reason] : notices.failures)
    if (const auto known = known_.find(world); known != known_.end())
      broadcast("failed", {{"world", world}, {"step", known->second.step}, {"reason", reason}});
}

void Hub::handle(const WorldState& state) {
  const auto found = known_.find(state.spec.name);
  if (found == known_.end()) return;  // deleted, or not announced yet
  Known& known = found->second;
  const bool other_law = known.law != state.spec.law;
  const bool changed = known.revision != state.revision || known.playing != state.playing;
  known = {state.spec.law, state.revision, state.step, state.playing};
  if (other_law) law_changed(state);
  if (changed)
    broadcast("state", world_json(state), "state/" + state.spec.name);
  else
    broadcast("tick",
              {{"world", state.spec.name},
               {"step", wire::integer_json(state.step)},
               {"time", wire::number_json(state.time)},
               {"stepsPerSecond", wire::number_json(state.steps_per_second)},
               {"cellsPerSecond", wire::number_json(state.cells_per_second)}},
              "tick/" + state.spec.name);
}

void Hub::law_changed(const WorldState& state) {
  feeds_.keep_views(state.spec.name, worlds_->views(state.spec.law));
  for (const auto& connection : connection_list())
    connection->end_series(state.spec.name, "the world's law changed, and with it the columns");
}

void Hub::on_stream_frame(std::uint64_t watch, std::shared_ptr<const Frame> frame) {
  feeds_.on_frame(watch, std::move(frame));
}

void Hub::on_stream(const StreamInfo& stream) {
  broadcast("topic", wire::topic_json(stream), "topic/" + stream.name);
}

void Hub::on_stream_dropped(const std::string& name, std::uint64_t id) {
  feeds_.end_stream(id, "the stream was dropped");
  broadcast("topic_removed", {{"topic", wire::topic_of(name)}}, "topic/" + name);
}

void Hub::created(const WorldState& state) {
  known_[state.spec.name] = {state.spec.law, state.revision, state.step, state.playing};
  broadcast("state", world_json(state), "state/" + state.spec.name);
}

void Hub::removed(const std::string& world) {
  if (known_.erase(world) == 0) return;
  feeds_.end_world(world, "the world was deleted");
  for (const auto& connection : connection_list())
    connection->end_series(world, "the world was deleted");
  for (const auto& connection : connection_list())
    if (Guest* const guest = connection->guest()) guest->forget_fork(world);
  broadcast("removed", {{"world", world}});
}

void Hub::add(Connection& connection) { connections_.insert(&connection); }
void Hub::remove(Connection& connection) { connections_.erase(&connection); }

std::vector<std::shared_ptr<Connection>> Hub::connection_list() const {
  std::vector<std::shared_ptr<Connection>> list;
  for (Connection* connection : connections_) list.push_back(connection->shared_from_this());
  return list;
}

std::string Hub::next_connection_name() { return fmt::format("c{}", next_connection_++); }

std::shared_ptr<const std::string> Hub::event(std::string_view name, const json::value& data) {
  return std::make_shared<const std::string>(wire::event_text(name, ++offset_, data));
}

void Hub::broadcast(std::string_view name, const json::value& data, const std::string& key,
                    Role least) {
  const auto text = event(name, data);
  for (const auto& connection : connection_list())
    if (connection->identity().role >= least) connection->push_event(text, key);
}

const LawInfo& Hub::law(const std::string& name) const {
  for (const LawInfo* info : worlds_->laws())
    if (info->name == name) return *info;
  throw Error(ErrorKind::not_found, fmt::format("no law '{}'; law.list names them", name));
}

json::object Hub::world_json(const WorldState& state) const {
  const LawInfo& info = law(state.spec.law);
  return wire::world_json(state, info, worlds_->views(info.name), worlds_->series(info));
}

json::array Hub::worlds_json() const {
  json::array list;
  for (const WorldState& state : worlds_->states()) list.push_back(world_json(state));
  return list;
}

json::array Hub::laws_json() const {
  json::array list;
  for (const LawInfo* info : worlds_->laws())
    list.push_back(wire::law_json(*info, worlds_->views(info->name)));
  return list;
}

std::string Hub::hello(const Connection& connection) const {
  const Role role = connection.identity().role;
  json::array topics, patterns, caps = {"paint", "snapshot", "volume", "guests"};
  if (scripts_.attached()) caps.emplace_back("scripts");
  const auto detail = role >= Role::script ? wire::Detail::full : wire::Detail::open;
  for (const WorldState& state : worlds_->states())
    for (auto& topic : wire::topics_json(state, worlds_->views(state.spec.law)))
      topics.push_back(std::move(topic));
  for (const StreamInfo& stream : streams_.list()) topics.push_back(wire::topic_json(stream));
  for (const std::string& name : worlds_->patterns()) patterns.emplace_back(name);
  return json::serialize(json::object{{"op", "hello"},
                                      {"proto", "atheria.v1"},
                                      {"server", build::kVersion},
                                      {"epoch", epoch_},
                                      {"conn", connection.name()},
                                      {"role", to_string(role)},
                                      {"caps", std::move(caps)},
                                      {"codecs", {"raw", "lz4"}},
                                      {"dtypes", {"u8", "u16", "f16", "f32"}},
                                      {"limits", limits_json(limits_, connection)},
                                      {"python", wire::python_json(scripts_.health(), detail)},
                                      {"state", {{"worlds", worlds_json()}}},
                                      {"laws", laws_json()},
                                      {"patterns", std::move(patterns)},
                                      {"topics", std::move(topics)}});
}

}  // namespace atheria::server
