#include "app/server/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "engine/base/numbers.h"

namespace atheria::server {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' "
    "data: blob:; "
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action "
    "'self'; "
    "frame-ancestors 'none'";

Refusal bad(std::string message) { return {400, "bad_args", std::move(message), 0}; }

std::string_view view(boost::core::string_view text) { return {text.data(), text.size()}; }

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

// Fields that would be ambiguous if they came twice.
std::optional<Refusal> check_single(const Request& request) {
  for (const http::field name :
       {http::field::host, http::field::origin, http::field::content_length,
        http::field::authorization, http::field::sec_websocket_key,
        http::field::sec_websocket_version})
    if (request.count(name) > 1)
      return bad(fmt::format("{} stands twice", view(http::to_string(name))));
  if (request.count(http::field::host) == 0) return bad("the Host field is missing");
  if (request.count(http::field::transfer_encoding) > 0)
    return bad("Transfer-Encoding is not taken; send Content-Length");
  return std::nullopt;
}

std::optional<Refusal> check_body(const Request& request, const Limits& limits) {
  if (request.count(http::field::content_length) == 0) return std::nullopt;
  const std::string_view text = view(request[http::field::content_length]);
  std::size_t length = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (fault == std::errc::result_out_of_range ||
      (fault == std::errc() && length > limits.body_bytes))
    return Refusal{413, "too_large", fmt::format("a body has at most {} bytes", limits.body_bytes),
                   0};
  if (fault != std::errc() || end != text.data() + text.size())
    return bad("Content-Length is not a number");
  if (length > 0 && request.method() != http::verb::post) return bad("only POST has a body");
  return std::nullopt;
}

int hex(char c) {
  if ('0' <= c && c <= '9') return c - '0';
  if ('a' <= c && c <= 'f') return c - 'a' + 10;
  if ('A' <= c && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

Response refused(const Refusal& refusal) {
  Response response;
  response.status = refusal.status;
  response.text = boost::json::serialize(
      boost::json::value{{"error", {{"code", refusal.code}, {"message", refusal.message}}}});
  if (refusal.status == 401)
    response.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"atheria\"");
  if (refusal.retry_after > 0)
    response.fields.emplace_back("Retry-After", std::to_string(refusal.retry_after));
  return response;
}

Response json_response(std::string text, int status) {
  Response response;
  response.status = status;
  response.text = std::move(text);
  response.fields.emplace_back("Cache-Control", "no-store");
  return response;
}

std::string header_text(const Response& response, bool keep_alive) {
  std::string out = fmt::format(
      "HTTP/1.1 {} {}\r\n", response.status,
      view(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status)))));
  const bool has_body = response.status != 204 && response.status != 304;
  if (has_body) {
    out += fmt::format("Content-Length: {}\r\n", response.size());
    if (!response.type.empty()) out += fmt::format("Content-Type: {}\r\n", response.type);
  }
  for (const auto& [name, value] : response.fields) out += fmt::format("{}: {}\r\n", name, value);
  out += fmt::format(
      "Content-Security-Policy: {}\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: "
      "no-referrer\r\n"
      "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n",
      kPolicy);
  out += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return out;
}

std::optional<Refusal> check_raw(std::string_view header, const Limits& limits) {
  std::size_t lines = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const char c = header[i];
    if (c == '\0') return bad("a NUL byte in the header");
    if (c == '\n' && (i == 0 || header[i - 1] != '\r'))
      return bad("a line that ends with LF alone");
    if (c == '\r' && (i + 1 == header.size() || header[i + 1] != '\n'))
      return bad("a CR that ends no line");
    if (c != '\n') continue;
    ++lines;
    if (i + 1 < header.size() && (header[i + 1] == ' ' || header[i + 1] == '\t'))
      return bad("a folded line");
  }
  if (lines > limits.header_fields + 2)  // the request's line and the empty one
    return Refusal{431, "too_large", fmt::format("more than {} fields", limits.header_fields), 0};
  return std::nullopt;
}

std::optional<Refusal> parse_header(std::string_view header, const Limits& limits,
                                    Request& request) {
  http::request_parser<http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser.body_limit(boost::none);  // ours is checked below, with a better message
  boost::system::error_code error;
  parser.put(boost::asio::buffer(header.data(), header.size()), error);
  if (error && error != http::error::need_more)
    return bad(fmt::format("not a request: {}", error.message()));
  if (!parser.is_header_done()) return bad("the header does not end");
  request = parser.release();
  if (auto refusal = check_single(request)) return refusal;
  if (request.target().empty() || request.target().front() != '/')
    return bad("the target must be a path");
  return check_body(request, limits);
}

std::size_t content_length(const Request& request) {
  return parse_number<std::size_t>(view(request[http::field::content_length])).value_or(0);
}

std::string_view path_of(const Request& request) {
  const std::string_view target = view(request.target());
  return target.substr(0, target.find('?'));
}

namespace {

// Calls `see(name, value)` for each pair of the query until it says true.
template <class See>
void each_query(const Request& request, See see) {
  const std::string_view target = view(request.target());
  std::size_t start = target.find('?');
  while (start != std::string_view::npos) {
    const std::size_t end = std::min(target.find('&', start + 1), target.size());
    const std::string_view pair = target.substr(start + 1, end - start - 1);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (see(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())))) return;
    start = end < target.size() ? end : std::string_view::npos;
  }
}

}  // namespace

std::optional<std::string> query_value(const Request& request, std::string_view name) {
  std::optional<std::string> found;
  each_query(request, [&](std::string_view key, std::string_view value) {
    if (key == name) found = decoded(value);
    return key == name;
  });
  return found;
}

std::optional<std::string> unknown_query(const Request& request,
                                         std::initializer_list<std::string_view> known) {
  std::optional<std::string> found;
  each_query(request, [&](std::string_view key, std::string_view) {
    const bool strange = !key.empty() && std::ranges::find(known, key) == known.end();
    if (strange) found = std::string(key);
    return strange;
  });
  return found;
}

std::vector<std::string_view> cookies(const Request& request, std::string_view name) {
  std::vector<std::string_view> values;
  const auto [first, last] = request.equal_range(http::field::cookie);
  for (auto field = first; field != last; ++field) {
    std::string_view rest = view(field->value());
    while (!rest.empty()) {
      const std::string_view pair = trimmed(rest.substr(0, rest.find(';')));
      rest = rest.find(';') == std::string_view::npos ? std::string_view()
                                                      : rest.substr(rest.find(';') + 1);
      const std::size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name)
        values.push_back(pair.substr(equals + 1));
    }
  }
  return values;
}

std::vector<std::string_view> tokens(const Request& request, std::string_view field) {
  std::vector<std::string_view> values;
  const auto [first, last] =
      request.equal_range(boost::core::string_view(field.data(), field.size()));
  for (auto line = first; line != last; ++line) {
    std::string_view rest = view(line->value());
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view token = trimmed(rest.substr(0, comma));
      if (!token.empty()) values.push_back(token);
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return values;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto fold = [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return fold(x) == fold(y);
  });
}

}  // namespace atheria::server
