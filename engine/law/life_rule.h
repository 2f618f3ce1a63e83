#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atheria {

// Which neighbour counts make a cell: bit n of `birth` (of a dead cell) or `survive` (of a living
// one), 0..8.
struct LifeRule {
  std::uint16_t birth = 1 << 3;
  std::uint16_t survive = 1 << 2 | 1 << 3;
  bool operator==(const LifeRule&) const = default;
};

// "B3/S23", "b3s23", "S23/B3", "23/3" (survival first, as Golly reads it), or a name such as
// "HighLife". Throws Error that says what was wrong and what would do.
LifeRule parse_life_rule(std::string_view text);

// "B3/S23".
std::string to_string(const LifeRule& rule);

struct NamedLifeRule {
  std::string name;  // "highlife"
  LifeRule rule;
};
const std::vector<NamedLifeRule>& named_life_rules();

}  // namespace atheria
