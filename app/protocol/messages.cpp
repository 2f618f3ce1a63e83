#include "app/protocol/messages.h"

#include <fmt/format.h>

#include "app/protocol/args.h"

namespace atheria::wire {
namespace {

constexpr std::int64_t kLargestId = 2147483647;
constexpr std::size_t kLongestOp = 64;
constexpr std::size_t kLongestKey = 64;

// The id, or 0 when it cannot be used.
std::uint32_t id_of(const json::object& message) {
  const json::value* const found = message.if_contains("id");
  if (found == nullptr) return 0;
  const std::int64_t id = as_integer(*found).value_or(0);
  return id >= 1 && id <= kLargestId ? static_cast<std::uint32_t>(id) : 0;
}

// Why `message` is no request; empty when it is one.
std::string fault_in(const json::object& message) {
  if (id_of(message) == 0) return "a request has an 'id', a whole number 1..2147483647";
  const json::value* const op = message.if_contains("op");
  if (op == nullptr || !op->is_string() || op->get_string().empty() ||
      op->get_string().size() > kLongestOp)
    return "a request has an 'op', a string of 1..64 bytes";
  const json::value* const args = message.if_contains("args");
  if (args != nullptr && !args->is_object()) return "'args' must be an object";
  const json::value* const key = message.if_contains("key");
  if (key != nullptr &&
      (!key->is_string() || key->get_string().empty() || key->get_string().size() > kLongestKey))
    return "'key' must be a string of 1..64 bytes";
  return {};
}

std::string string_of(const json::value* value) {
  if (value == nullptr) return {};
  return std::string(value->get_string());
}

}  // namespace

std::variant<Request, Unreadable> parse_request(std::string_view text) {
  json::value document;
  try {
    document = parse_json(text);
  } catch (const Error& error) {
    return Unreadable{0, {.code = "bad_json", .message = error.what()}};
  }
  if (!document.is_object())
    return Unreadable{0, {.code = "bad_message", .message = "a request is a JSON object"}};
  json::object& message = document.get_object();
  if (std::string why = fault_in(message); !why.empty())
    return Unreadable{id_of(message), {.code = "bad_message", .message = std::move(why)}};
  Request request{.id = id_of(message),
                  .op = string_of(message.if_contains("op")),
                  .args = {},
                  .key = string_of(message.if_contains("key"))};
  if (json::value* const args = message.if_contains("args"))
    request.args = std::move(args->get_object());
  return request;
}

std::string_view code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::bad_args:
      return "bad_args";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::too_large:
      return "too_large";
    case ErrorKind::not_allowed:
      return "not_allowed";
    case ErrorKind::busy:
      return "busy";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::io:
    case ErrorKind::internal:
      break;
  }
  return "internal";
}

Fault fault_of(const Error& error) {
  const std::string_view code = code_of(error.kind());
  if (code == "internal")
    return {.code = "internal", .message = "the server could not do it; its log says why"};
  Fault fault{.code = std::string(code), .message = error.what(), .path = error.path()};
  // The engine knows its parts by their names; here they are arguments.
  if (!fault.path.empty() && !fault.path.starts_with("args")) fault.path = "args." + fault.path;
  if (error.kind() == ErrorKind::busy) fault.retry_after_ms = 100;
  return fault;
}

std::string reply_text(std::uint32_t id, const json::value& result) {
  return fmt::format(R"({{"id":{},"ok":true,"result":{}}})", id, json::serialize(result));
}

std::string fault_text(std::uint32_t id, const Fault& fault) {
  json::object error{{"code", fault.code}, {"message", fault.message}};
  if (!fault.path.empty()) error["path"] = fault.path;
  if (fault.retry_after_ms > 0) error["retryAfterMs"] = fault.retry_after_ms;
  return fmt::format(R"({{"id":{},"ok":false,"error":{}}})", id, json::serialize(error));
}

std::string event_text(std::string_view name, std::uint64_t offset, const json::value& data) {
  return fmt::format(R"({{"ev":"{}","off":{},"data":{}}})", name, offset, json::serialize(data));
}

}  // namespace atheria::wire
