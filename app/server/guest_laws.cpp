#include "app/server/guest_laws.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include <optional>
#include <utility>

#include "app/protocol/guests.h"
#include "app/protocol/json.h"
#include "app/server/call.h"
#include "app/server/hub.h"
#include "engine/base/error.h"

namespace atheria::server {

namespace json = wire::json;

namespace {

constexpr std::size_t kMostOut = 64;    // given to a client and not waited for any more
constexpr std::size_t kSpecsEach = 16;  // of one law's, with other parameters each time
constexpr const char* kGone =
    "has nobody to compute it: the client that registered the law has gone; register it again, and "
    "play";

}  // namespace

void StepLine::put(Asked asked) {
  std::string closed;
  {
    const std::lock_guard lock(mutex_);
    closed = closed_;
    if (closed.empty()) waiting_.push_back(asked);
  }
  if (!closed.empty()) return asked.step->fail(closed);
  ring_();
}

std::optional<StepLine::Asked> StepLine::take() {
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty()) {
    Asked first = std::move(waiting_.front());
    waiting_.pop_front();
    if (!first.step->over()) return first;
  }
  return std::nullopt;
}

void StepLine::close(const std::string& why) {
  std::deque<Asked> waiting;
  {
    const std::lock_guard lock(mutex_);
    closed_ = why;
    std::swap(waiting, waiting_);
  }
  for (const Asked& asked : waiting) asked.step->fail(why);
}

LawDesk::~LawDesk() {
  for (auto& [connection, client] : clients_) client.line->close("has nobody: the server stops");
}

LawDesk::Client& LawDesk::client_of(const std::shared_ptr<Connection>& connection) {
  Client& client = clients_[connection.get()];
  if (client.line) return client;
  client.timer = std::make_unique<boost::asio::steady_timer>(hub_.io());
  // The connection is looked up when the bell is heard: it may have gone by then.
  client.line = std::make_shared<StepLine>([this, &io = hub_.io(), key = connection.get()] {
    boost::asio::post(io, [this, key] { rung(key); });
  });
  return client;
}

void LawDesk::add(const std::shared_ptr<Connection>& client, const wire::LawSpec& spec,
                  const std::string& text) {
  const auto found = laws_.find(spec.info.name);
  if (found == laws_.end() && laws_.size() >= hub_.limits().guest_laws)
    throw Error(ErrorKind::too_large,
                fmt::format("clients have registered {} laws already", laws_.size()));
  const auto owner = found == laws_.end() ? std::make_shared<Owner>() : found->second.owner;
  if (found == laws_.end() || found->second.text != text) {
    if (added_ >= kSpecsEach * hub_.limits().guest_laws)
      throw Error(ErrorKind::too_large, "laws were registered anew too often: restart the server");
    add_remote_law(spec.info, spec.budget,
                   [owner, name = spec.info.name](const std::shared_ptr<RemoteStep>& step) {
                     std::shared_ptr<StepLine> line;
                     {
                       const std::lock_guard lock(owner->mutex);
                       line = owner->line;
                     }
                     if (!line) return step->fail(kGone);
                     line->put({name, step});
                   });
    ++added_;
  }
  laws_[spec.info.name] = {owner, text};
  const auto line = client_of(client).line;
  const std::lock_guard lock(owner->mutex);
  owner->line = line;
}

void LawDesk::next(const std::shared_ptr<Call>& call, std::uint64_t wait_ms) {
  const auto connection = call->connection();
  const auto found = clients_.find(connection.get());
  if (connection == nullptr || found == clients_.end())
    throw Error(ErrorKind::conflict, "this connection has registered no law");
  Client& client = found->second;
  if (client.waiting) throw Error(ErrorKind::busy, "a request for the next step waits already");
  if (auto asked = client.line->take()) return reply(client, *call, std::move(*asked));
  client.waiting = call;
  client.timer->expires_after(std::chrono::milliseconds(wait_ms));
  client.timer->async_wait(
      [this, key = connection.get(), call](const boost::system::error_code& error) {
        const auto waiting = clients_.find(key);
        if (error || waiting == clients_.end() || waiting->second.waiting != call) return;
        waiting->second.waiting = nullptr;
        call->reply(json::object{{"call", nullptr}});
      });
}

void LawDesk::rung(const Connection* connection) {
  const auto found = clients_.find(connection);
  if (found == clients_.end() || !found->second.waiting) return;
  auto asked = found->second.line->take();
  if (!asked) return;  // it is not waited for any more
  found->second.timer->cancel();
  reply(found->second, *std::exchange(found->second.waiting, nullptr), std::move(*asked));
}

void LawDesk::reply(Client& client, Call& call, StepLine::Asked asked) {
  if (client.out.size() >= kMostOut)
    std::erase_if(client.out, [](const auto& one) { return one.second->over(); });
  const std::uint32_t number = ++client.last;
  client.out[number] = asked.step;
  FieldCopy psi = std::move(asked.step->psi);
  json::object result = wire::numbers_json(psi);
  result["call"] = number;
  result["law"] = asked.law;
  result["t"] = wire::integer_json(asked.step->t);
  result["params"] = wire::params_json(asked.step->params);
  call.reply_with(std::move(result), std::move(psi), asked.step->t);
}

std::shared_ptr<RemoteStep> LawDesk::take_out(Connection& client, std::uint32_t number) {
  const auto found = clients_.find(&client);
  const auto step = found == clients_.end() ? decltype(found->second.out)::node_type()
                                            : found->second.out.extract(number);
  if (step.empty())
    throw Error(ErrorKind::not_found, fmt::format("no step {} was given out", number), "call");
  return step.mapped();
}

bool LawDesk::answer(Connection& client, std::uint32_t number, std::vector<std::uint8_t> next) {
  const auto step = take_out(client, number);
  const bool wanted = !step->over();
  step->answer(std::move(next));
  return wanted;
}

bool LawDesk::fail(Connection& client, std::uint32_t number, const std::string& why) {
  const auto step = take_out(client, number);
  const bool wanted = !step->over();
  step->fail(why);
  return wanted;
}

void LawDesk::drop(const Connection& client) {
  const auto found = clients_.find(&client);
  if (found == clients_.end()) return;
  for (auto& [name, law] : laws_) {
    const std::lock_guard lock(law.owner->mutex);
    if (law.owner->line == found->second.line) law.owner->line = nullptr;
  }
  found->second.line->close(kGone);
  for (const auto& [number, step] : found->second.out) step->fail(kGone);
  const auto waiting = found->second.waiting;
  clients_.erase(found);
  if (waiting) waiting->fail({.code = "cancelled", .message = "the connection has ended"});
}

}  // namespace atheria::server
