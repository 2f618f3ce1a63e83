#include "app/protocol/args.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "engine/base/error.h"
#include "engine/base/numbers.h"

namespace atheria::wire {
namespace {

// A value as a message shows it: short, and still UTF-8.
std::string shown(const json::value& value) {
  if (value.is_double()) return fmt::format("{}", value.get_double());
  if (value.is_object()) return "an object";
  if (value.is_array()) return fmt::format("an array of {}", value.get_array().size());
  std::string text = json::serialize(value);
  if (text.size() <= 60) return text;
  std::size_t end = 56;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...\"";
}

std::optional<double> as_number(const json::value& value) {
  if (!value.is_number()) return std::nullopt;
  return value.to_number<double>();
}

template <class Number>
std::string span_of(Number lo, Number hi) {
  return fmt::format("{}..{}", lo, hi);
}

std::string count_of(std::size_t least, std::size_t most, std::string_view what) {
  if (least == most) return fmt::format("an array of {} {}", least, what);
  return fmt::format("an array of {}..{} {}", least, most, what);
}

}  // namespace

std::optional<std::int64_t> as_integer(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (!value.is_double()) return std::nullopt;
  const double number = value.get_double();
  if (std::trunc(number) != number || std::abs(number) > 9e15) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::string Args::path_of(std::string_view name) const { return fmt::format("{}.{}", path_, name); }

void Args::wrong(std::string_view name, std::string_view rule) const {
  throw Error(ErrorKind::bad_args,
              fmt::format("{} must be {}, got {}", name, rule, shown(object_.at(name))),
              path_of(name));
}

void Args::wrong_item(std::string_view name, std::size_t at, std::string_view rule,
                      const json::value& item) const {
  throw Error(ErrorKind::bad_args,
              fmt::format("{}[{}] must be {}, got {}", name, at, rule, shown(item)), path_of(name));
}

void Args::check_count(std::string_view name, const json::array& items, std::size_t least,
                       std::size_t most, std::string_view what) const {
  if (items.size() < least || items.size() > most) wrong(name, count_of(least, most, what));
}

void Args::missing(std::string_view name, std::string_view rule) const {
  throw Error(ErrorKind::bad_args, fmt::format("{} is missing: {}", name, rule), path_of(name));
}

void Args::wrong_choice(std::string_view name, const std::string&,
                        const std::vector<std::string_view>& names) const {
  wrong(name, fmt::format("one of {}", fmt::join(names, ", ")));
}

std::optional<double> Args::number(std::string_view name, double lo, double hi) const {
  const json::value* const value = object_.if_contains(name);
  if (value == nullptr) return std::nullopt;
  const auto number = as_number(*value);
  if (!number || *number < lo || *number > hi) wrong(name, "a number " + span_of(lo, hi));
  return number;
}

std::optional<std::int64_t> Args::integer(std::string_view name, std::int64_t lo,
                                          std::int64_t hi) const {
  const json::value* const value = object_.if_contains(name);
  if (value == nullptr) return std::nullopt;
  const auto number = as_integer(*value);
  if (!number || *number < lo || *number > hi) wrong(name, "a whole number " + span_of(lo, hi));
  return number;
}

std::optional<std::uint64_t> Args::unsigned64(std::string_view name) const {
  const json::value* const value = object_.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_uint64()) return value->get_uint64();
  if (const auto number = as_integer(*value); number && *number >= 0)
    return static_cast<std::uint64_t>(*number);
  if (value->is_string()) {
    if (const auto number = parse_number<std::uint64_t>(std::string_view(value->get_string())))
      return number;
  }
  wrong(name, "a whole number 0..2^64-1, as a string above 2^53");
}

std::optional<bool> Args::boolean(std::string_view name) const {
  const json::value* const value = object_.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) wrong(name, "true or false");
  return value->get_bool();
}

std::optional<std::string> Args::text(std::string_view name, std::size_t longest) const {
  const json::value* const value = object_.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) wrong(name, "text");
  if (value->get_string().size() > longest)
    wrong(name, fmt::format("text of at most {} bytes", longest));
  return std::string(value->get_string());
}

std::optional<std::vector<double>> Args::numbers(std::string_view name, std::size_t least,
                                                 std::size_t most, double lo, double hi) const {
  const json::array* const items = array(name);
  if (items == nullptr) return std::nullopt;
  check_count(name, *items, least, most, "numbers " + span_of(lo, hi));
  std::vector<double> out;
  for (const json::value& item : *items) {
    const auto number = as_number(item);
    if (!number || *number < lo || *number > hi)
      wrong_item(name, out.size(), "a number " + span_of(lo, hi), item);
    out.push_back(*number);
  }
  return out;
}

std::optional<std::vector<std::int64_t>> Args::integers(std::string_view name, std::size_t least,
                                                        std::size_t most, std::int64_t lo,
                                                        std::int64_t hi) const {
  const json::array* const items = array(name);
  if (items == nullptr) return std::nullopt;
  check_count(name, *items, least, most, "whole numbers " + span_of(lo, hi));
  std::vector<std::int64_t> out;
  for (const json::value& item : *items) {
    const auto number = as_integer(item);
    if (!number || *number < lo || *number > hi)
      wrong_item(name, out.size(), "a whole number " + span_of(lo, hi), item);
    out.push_back(*number);
  }
  return out;
}

std::optional<std::vector<std::string>> Args::texts(std::string_view name) const {
  const json::value* const value = object_.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return std::vector{std::string(value->get_string())};
  if (!value->is_array() || value->get_array().size() > 16) wrong(name, "text or a list of texts");
  std::vector<std::string> out;
  for (const json::value& item : value->get_array()) {
    if (!item.is_string()) wrong(name, "text or a list of texts");
    out.emplace_back(item.get_string());
  }
  return out;
}

const json::object* Args::object(std::string_view name) const {
  const json::value* const value = object_.if_contains(name);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) wrong(name, "an object");
  return &value->get_object();
}

const json::array* Args::array(std::string_view name) const {
  const json::value* const value = object_.if_contains(name);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) wrong(name, "an array");
  return &value->get_array();
}

}  // namespace atheria::wire
