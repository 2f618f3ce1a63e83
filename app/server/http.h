#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/server/options.h"

// Requests and answers as values; the checks that come before anything looks at a request.
namespace atheria::server {

namespace http = boost::beast::http;
using Request = http::request<http::string_body>;

// A request that is turned down.
struct Refusal {
  int status = 400;
  std::string code;     // of PROTOCOL.md's table
  std::string message;  // what was found, what would do
  int retry_after = 0;  // seconds; 0: no Retry-After
};

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::vector<std::pair<std::string, std::string>> fields;
  std::string text;                          // the body, unless `bytes` is set
  std::span<const std::uint8_t> bytes = {};  // what `keep` holds, or static
  std::shared_ptr<const void> keep;

  std::size_t size() const { return bytes.data() != nullptr ? bytes.size() : text.size(); }
};

Response refused(const Refusal& refusal);
Response json_response(std::string text, int status = 200);

// The status line and fields, the security fields of every answer among them.
std::string header_text(const Response& response, bool keep_alive);

// The header as it came, through the empty line: no NUL, no bare CR or LF, no folded line, few
// enough fields.
std::optional<Refusal> check_raw(std::string_view header, const Limits& limits);

// Parses a header that check_raw passed. Refuses what Beast's parser does, and: not exactly one
// Host, a field twice that must be single, Transfer-Encoding, a target that is no path, a body over
// the limit or where none belongs. On success `request` has everything but its body.
std::optional<Refusal> parse_header(std::string_view header, const Limits& limits,
                                    Request& request);

std::size_t content_length(const Request& request);

std::string_view path_of(const Request& request);

// A value from the query, percent-decoded; empty optional when it is not there.
// The first name in the query that is none of these; nothing when all are.
std::optional<std::string> unknown_query(const Request& request,
                                         std::initializer_list<std::string_view> known);

std::optional<std::string> query_value(const Request& request, std::string_view name);

// Values of one cookie by name, in the order sent.
std::vector<std::string_view> cookies(const Request& request, std::string_view name);

// Tokens of a comma-separated field over all its lines, trimmed.
std::vector<std::string_view> tokens(const Request& request, std::string_view field);

bool same_word(std::string_view a, std::string_view b);  // ASCII, any case

}  // namespace atheria::server
