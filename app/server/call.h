#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/protocol/args.h"
#include "app/protocol/messages.h"
#include "app/server/connection.h"

namespace atheria::server {

// One request from its arrival to its one answer. Lives on when its connection ends, because
// another may wait for the answer by key. I/O thread only, but may be destroyed on any.
class Call : public std::enable_shared_from_this<Call> {
 public:
  Call(const std::shared_ptr<Connection>& connection, wire::Request request, std::string key);

  const wire::Request& request() const { return request_; }
  wire::Args args() const { return wire::Args(request_.args); }
  Hub& hub() { return hub_; }
  Role role() const { return role_; }
  std::shared_ptr<Connection> connection() const {
    return connection_.lock();
  }  // null when it ended

  // The first of these answers; the others find it answered and do nothing.
  void reply(wire::json::value result);
  // The same, and the numbers follow as a BLOB; an answer repeated by its key has none.
  void reply_with(wire::json::object result, FieldCopy numbers, std::uint64_t step);
  void fail(const wire::Fault& fault);
  void fail(const Error& error);
  bool answered() const { return answered_; }

  // Runs it; what it throws is the answer.
  void attempt(const std::function<void()>& action);

  // The world named in the arguments, or the only one. Throws Error.
  std::string world() const;

  // Asks the world; `then` gets a good outcome on the I/O thread, a bad one is answered. What
  // `then` throws is answered too.
  using Then = std::function<void(Call&, Outcome&)>;
  void ask(const std::string& world, CommandBody body, Then then);

  // A function for another thread that brings an outcome here. `failed` runs before a bad one is
  // answered.
  std::function<void(Outcome)> receiver(Then then, Then failed = {});

 private:
  void receive(Outcome outcome, const Then& then, const Then& failed);
  void finish(std::string text);

  Hub& hub_;
  std::weak_ptr<Connection> connection_;
  const wire::Request request_;
  const std::string key_;  // of the idempotency cache; empty: none
  const Role role_;
  bool answered_ = false;
};

using CallPtr = std::shared_ptr<Call>;

}  // namespace atheria::server
