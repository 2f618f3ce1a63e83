#include "app/server/call.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include "app/protocol/requests.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"

namespace atheria::server {

namespace json = wire::json;

Call::Call(const std::shared_ptr<Connection>& connection, wire::Request request, std::string key)
    : hub_(connection->hub()),
      connection_(connection),
      request_(std::move(request)),
      key_(std::move(key)),
      role_(connection->identity().role) {}

void Call::reply(json::value result) {
  if (std::exchange(answered_, true)) return;
  std::string text = wire::reply_text(request_.id, result);
  if (!key_.empty())
    hub_.idempotency().answered(
        key_,
        [result = std::move(result)](std::uint32_t id) { return wire::reply_text(id, result); },
        text.size(), now_us());
  finish(std::move(text));
}

void Call::reply_with(json::object result, FieldCopy numbers, std::uint64_t step) {
  const auto connection = connection_.lock();
  const bool waited_for = !answered_ && connection && connection->waits_for(request_.id);
  reply(std::move(result));
  if (!waited_for) return;
  auto bytes = std::make_shared<const std::vector<std::uint8_t>>(std::move(numbers.bytes));
  connection->push_blob({.request = request_.id,
                         .step = step,
                         .time = numbers.time,
                         .clock_us = now_us(),
                         .bytes = std::move(bytes)});
}

void Call::fail(const wire::Fault& fault) {
  if (std::exchange(answered_, true)) return;
  ++hub_.metrics().failed_requests;
  if (!key_.empty()) {
    const auto answer = [fault](std::uint32_t id) { return wire::fault_text(id, fault); };
    // "Try again later" must not be what a later try is told from memory.
    if (fault.code == "busy")
      hub_.idempotency().given_up(key_, answer);
    else
      hub_.idempotency().answered(key_, answer, fault.message.size(), now_us());
  }
  finish(wire::fault_text(request_.id, fault));
}

void Call::fail(const Error& error) {
  wire::Fault fault = wire::fault_of(error);
  // RLE sent as such has become a starting state or a rule on its way to the engine.
  const bool of_rle =
      fault.path.empty() || fault.path == "args.init" || fault.path == "args.params.rule";
  if (of_rle && args().has("rle")) fault.path = "args.rle";
  fail(fault);
}

void Call::finish(std::string text) {
  const auto connection = connection_.lock();
  if (connection && connection->settle(request_.id)) connection->push_reply(std::move(text));
}

void Call::attempt(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::internal || error.kind() == ErrorKind::io)
      log::error(fmt::format("{}: {}", request_.op, error.what()));
    fail(error);
  } catch (const std::exception& error) {
    log::error(fmt::format("{}: {}", request_.op, error.what()));
    fail(Error(ErrorKind::internal, error.what()));
  }
}

std::string Call::world() const {
  std::string name = wire::world_of(args());
  if (!name.empty()) return name;
  const auto states = hub_.worlds().states();
  if (states.size() != 1)
    throw Error(ErrorKind::bad_args, "say which world: the server has not exactly one",
                "args.world");
  return states.front().spec.name;
}

std::function<void(Outcome)> Call::receiver(Then then, Then failed) {
  return [call = shared_from_this(), then = std::move(then),
          failed = std::move(failed)](Outcome outcome) mutable {
    auto& io = call->hub_.io();
    boost::asio::post(io, [call = std::move(call), then = std::move(then),
                           failed = std::move(failed), outcome = std::move(outcome)]() mutable {
      call->receive(std::move(outcome), then, failed);
    });
  };
}

void Call::receive(Outcome outcome, const Then& then, const Then& failed) {
  if (outcome.error) {
    if (failed) failed(*this, outcome);
    return fail(*outcome.error);
  }
  attempt([&] { then(*this, outcome); });
}

void Call::ask(const std::string& world, CommandBody body, Then then) {
  hub_.worlds().post(world, {.body = std::move(body), .reply = receiver(std::move(then))});
}

}  // namespace atheria::server
