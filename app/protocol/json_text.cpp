#include "app/protocol/json_text.h"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>

#include "engine/base/error.h"

namespace atheria::wire {
namespace {

using boost::json::error_code;
using boost::json::string_view;

// Builds a value as boost::json's own handler does, but for numbers: those with a fraction or an
// exponent are read by std::from_chars, which rounds correctly; boost's differ in the last bit now
// and then.
struct Handler {
  static constexpr std::size_t max_object_size = kTextLimit;
  static constexpr std::size_t max_array_size = kTextLimit;
  static constexpr std::size_t max_key_size = 1 << 20;
  static constexpr std::size_t max_string_size = 2 << 20;  // beyond the largest message

  json::value_stack stack;
  std::string digits;     // of a number, as far as read
  std::string unbounded;  // the first number that is not finite

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t count, error_code&) { return stack.push_object(count), true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t count, error_code&) { return stack.push_array(count), true; }
  bool on_key_part(string_view text, std::size_t, error_code&) {
    return stack.push_chars(text), true;
  }
  bool on_key(string_view text, std::size_t, error_code&) { return stack.push_key(text), true; }
  bool on_string_part(string_view text, std::size_t, error_code&) {
    return stack.push_chars(text), true;
  }
  bool on_string(string_view text, std::size_t, error_code&) {
    return stack.push_string(text), true;
  }
  bool on_number_part(string_view text, error_code&) { return digits.append(text), true; }
  bool on_int64(std::int64_t value, string_view, error_code&) {
    return digits.clear(), stack.push_int64(value), true;
  }
  bool on_uint64(std::uint64_t value, string_view, error_code&) {
    return digits.clear(), stack.push_uint64(value), true;
  }
  bool on_double(double rough, string_view text, error_code&) {
    digits.append(text);
    double exact = rough;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exact);
    if (read.ec == std::errc::result_out_of_range) exact = std::abs(rough) < 1 ? 0 : HUGE_VAL;
    if (!std::isfinite(exact) && unbounded.empty()) unbounded = digits;
    digits.clear();
    return stack.push_double(exact), true;
  }
  bool on_bool(bool value, error_code&) { return stack.push_bool(value), true; }
  bool on_null(error_code&) { return stack.push_null(), true; }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }
};

}  // namespace

json::value parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDepthLimit;
  json::basic_parser<Handler> parser(options);
  parser.handler().stack.reset();
  error_code failure;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), failure);
  if (!failure && read < text.size()) failure = json::error::extra_data;
  if (failure) throw Error(fmt::format("not JSON at byte {}: {}", read, failure.message()));
  const std::string& unbounded = parser.handler().unbounded;
  if (!unbounded.empty())
    throw Error(fmt::format("numbers must be finite; {} is not", unbounded.substr(0, 40)));
  return parser.handler().stack.release();
}

json::value number_json(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  // boost prints doubles as 1E0; a whole number reads better and means the same.
  const bool whole = std::abs(value) < 1e15 && std::trunc(value) == value;
  if (whole && !(value == 0 && std::signbit(value))) return static_cast<std::int64_t>(value);
  return value;
}

json::value integer_json(std::uint64_t value) {
  if (value <= (1ull << 53)) return value;
  return json::string(std::to_string(value));
}

}  // namespace atheria::wire
