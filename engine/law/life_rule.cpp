#include "engine/law/life_rule.h"

#include <fmt/format.h>

#include <cctype>

#include "engine/base/error.h"

namespace atheria {
namespace {

struct Name {
  const char* name;
  const char* rule;
};

constexpr Name kNames[] = {
    {"life", "B3/S23"},
    {"highlife", "B36/S23"},
    {"seeds", "B2/S"},
    {"day-and-night", "B3678/S34678"},
    {"maze", "B3/S12345"},
    {"mazectric", "B3/S1234"},
    {"replicator", "B1357/S1357"},
    {"life-without-death", "B3/S012345678"},
    {"diamoeba", "B35678/S5678"},
    {"2x2", "B36/S125"},
    {"anneal", "B4678/S35678"},
    {"morley", "B368/S245"},
    {"coral", "B3/S45678"},
    {"34-life", "B34/S34"},
    {"gnarl", "B1/S1"},
    {"serviettes", "B234/S"},
    {"assimilation", "B345/S4567"},
    {"stains", "B3678/S235678"},
    {"walled-cities", "B45678/S2345"},
    {"long-life", "B345/S5"},
    {"pseudo-life", "B357/S238"},
    {"flock", "B3/S12"},
    {"live-free-or-die", "B2/S0"},
    {"honeylife", "B38/S238"},
    {"vote", "B5678/S45678"},
    {"antilife", "B0123478/S01234678"},
};

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw Error(ErrorKind::bad_args,
              fmt::format("rule '{:.60}': {}; write it like B3/S23 or 23/3, or use a name: life, "
                          "highlife, seeds, day-and-night, maze, ...",
                          text, why),
              "params.rule");
}

// Letters and digits only, lower case: "Day & Night" and "day-and-night" are one name.
std::string bare(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "and";
    } else if (std::isalnum(static_cast<unsigned char>(c))) {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads digits into bits until something else comes.
std::uint16_t counts(std::string_view whole, std::string_view& rest) {
  std::uint16_t bits = 0;
  while (!rest.empty() && is_digit(rest[0])) {
    if (rest[0] == '9') refuse(whole, "a cell has 8 neighbours, not 9");
    bits = static_cast<std::uint16_t>(bits | 1 << (rest[0] - '0'));
    rest.remove_prefix(1);
  }
  return bits;
}

// "b3/s23", "s23/b3", "b3s23": each letter once.
LifeRule lettered(std::string_view whole, std::string_view text) {
  LifeRule rule{0, 0};
  bool seen_b = false, seen_s = false;
  while (!text.empty()) {
    bool& seen = text[0] == 'b' ? seen_b : seen_s;
    if ((text[0] != 'b' && text[0] != 's') || seen) {
      refuse(whole, fmt::format("cannot read '{:.20}'", text));
    }
    std::uint16_t& bits = text[0] == 'b' ? rule.birth : rule.survive;
    seen = true;
    text.remove_prefix(1);
    bits = counts(whole, text);
    if (text.size() > 1 && text[0] == '/') text.remove_prefix(1);
  }
  return rule;
}

// "23/3": survival, then birth.
LifeRule digits_only(std::string_view whole, std::string_view text) {
  LifeRule rule{0, 0};
  rule.survive = counts(whole, text);
  if (text.empty() || text[0] != '/') refuse(whole, "no '/' between survival and birth");
  text.remove_prefix(1);
  rule.birth = counts(whole, text);
  if (!text.empty()) {
    refuse(whole, text[0] == '/' ? "rules with more than two states are another law"
                                 : fmt::format("cannot read '{:.20}'", text));
  }
  return rule;
}

LifeRule parse_counts(std::string_view whole) {
  std::string text;
  for (const char c : whole) {
    if (c != ' ') text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (text.empty()) refuse(whole, "it is empty");
  return is_digit(text[0]) || text[0] == '/' ? digits_only(whole, text) : lettered(whole, text);
}

}  // namespace

const std::vector<NamedLifeRule>& named_life_rules() {
  static const auto rules = [] {
    std::vector<NamedLifeRule> list;
    for (const auto& [name, rule] : kNames) list.push_back({name, parse_counts(rule)});
    return list;
  }();
  return rules;
}

LifeRule parse_life_rule(std::string_view text) {
  const std::string name = bare(text);
  for (const auto& known : named_life_rules()) {
    if (!name.empty() && bare(known.name) == name) return known.rule;
  }
  return parse_counts(text);
}

std::string to_string(const LifeRule& rule) {
  std::string text = "B";
  for (int n = 0; n <= 8; ++n) {
    if (rule.birth >> n & 1) text += static_cast<char>('0' + n);
  }
  text += "/S";
  for (int n = 0; n <= 8; ++n) {
    if (rule.survive >> n & 1) text += static_cast<char>('0' + n);
  }
  return text;
}

}  // namespace atheria
