#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "app/protocol/json_text.h"
#include "engine/base/error.h"

// Text messages, their envelope: PROTOCOL.md section 2. What is inside is args.h and requests.h.
namespace atheria::wire {

struct Request {
  std::uint32_t id = 0;
  std::string op;
  json::object args;
  std::string key;  // empty: none
};

// A reply that says no.
struct Fault {
  std::string code;                  // of the table in PROTOCOL.md
  std::string message;               // for a person
  std::string path = {};             // the argument it is about
  std::uint32_t retry_after_ms = 0;  // busy and rate_limited
};

// What could not be read as a request; id is 0 when it had none that could be used.
struct Unreadable {
  std::uint32_t id = 0;
  Fault fault;
};

// Never throws on any text, of any size (the transport bounds it).
std::variant<Request, Unreadable> parse_request(std::string_view text);

// The wire's word for a kind. io and internal are both "internal".
std::string_view code_of(ErrorKind kind);

// A fault from what was thrown. Of io and internal only a general sentence goes out: they may name
// paths.
Fault fault_of(const Error& error);

// Whole replies and events, as text.
std::string reply_text(std::uint32_t id, const json::value& result);
std::string fault_text(std::uint32_t id, const Fault& fault);
std::string event_text(std::string_view name, std::uint64_t offset, const json::value& data);

}  // namespace atheria::wire
