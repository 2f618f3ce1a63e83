#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/protocol/json_text.h"

namespace atheria::wire {

// Whole numbers, 3.0 too: some languages write them so.
std::optional<std::int64_t> as_integer(const json::value& value);

// Reads the arguments of a request, one by one, with their ranges. Each reader gives nothing when
// the argument is not there and throws Error (bad_args) with its path ("args.radius") when it is
// wrong. Borrows the object.
class Args {
 public:
  explicit Args(const json::object& object, std::string path = "args")
      : object_(object), path_(std::move(path)) {}

  bool has(std::string_view name) const { return object_.contains(name); }
  const json::value* value(std::string_view name) const { return object_.if_contains(name); }

  std::optional<double> number(std::string_view name, double lo, double hi) const;
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t lo,
                                      std::int64_t hi) const;

  // A whole number of 64 bits, as a number or as a decimal string.
  std::optional<std::uint64_t> unsigned64(std::string_view name) const;

  std::optional<bool> boolean(std::string_view name) const;
  std::optional<std::string> text(std::string_view name, std::size_t longest = 256) const;

  // One of the names in the table.
  template <class Enum>
  std::optional<Enum> choice(std::string_view name,
                             std::initializer_list<std::pair<std::string_view, Enum>> table) const {
    const auto chosen = text(name);
    if (!chosen) return std::nullopt;
    std::vector<std::string_view> names;
    for (const auto& [word, value] : table) {
      if (word == *chosen) return value;
      names.push_back(word);
    }
    wrong_choice(name, *chosen, names);
  }

  // Arrays of a length between `least` and `most`; each number within [lo, hi].
  std::optional<std::vector<double>> numbers(std::string_view name, std::size_t least,
                                             std::size_t most, double lo, double hi) const;
  std::optional<std::vector<std::int64_t>> integers(std::string_view name, std::size_t least,
                                                    std::size_t most, std::int64_t lo,
                                                    std::int64_t hi) const;
  // A string, or an array of strings.
  std::optional<std::vector<std::string>> texts(std::string_view name) const;

  const json::object* object(std::string_view name) const;
  const json::array* array(std::string_view name) const;

  // Throws Error (bad_args): "radius must be 0.5..512, got 900" with path "args.radius".
  [[noreturn]] void wrong(std::string_view name, std::string_view rule) const;
  [[noreturn]] void missing(std::string_view name, std::string_view rule) const;

  std::string path_of(std::string_view name) const;

 private:
  [[noreturn]] void wrong_choice(std::string_view name, const std::string& chosen,
                                 const std::vector<std::string_view>& names) const;
  [[noreturn]] void wrong_item(std::string_view name, std::size_t at, std::string_view rule,
                               const json::value& item) const;
  void check_count(std::string_view name, const json::array& items, std::size_t least,
                   std::size_t most, std::string_view what) const;

  const json::object& object_;
  std::string path_;
};

}  // namespace atheria::wire
