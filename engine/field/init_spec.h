#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace atheria {

// The text of a starting state, taken apart: its kind and what was said of it. Knows which kinds
// and settings there are; every fault is an Error (bad_args, "init") that names it.
class InitSpec {
 public:
  explicit InitSpec(const std::string& text);

  const std::string& kind() const { return kind_; }
  bool has(const std::string& key) const { return settings_.count(key) > 0; }
  std::string text(const std::string& key) const;  // "" when not said

  double number(const std::string& key, double otherwise, double lo, double hi) const;
  std::optional<double> number_if_said(const std::string& key, double lo, double hi) const;
  std::int64_t integer(const std::string& key, std::int64_t otherwise, std::int64_t lo,
                       std::int64_t hi) const;
  std::optional<std::int64_t> integer_if_said(const std::string& key, std::int64_t lo,
                                              std::int64_t hi) const;

  [[noreturn]] void fail(const std::string& why) const;

 private:
  void read_settings(const std::string& list, const std::vector<std::string>& known);

  std::string text_;
  std::string kind_;
  std::map<std::string, std::string> settings_;
};

}  // namespace atheria
