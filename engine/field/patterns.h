#pragma once

#include <string>
#include <string_view>
#include <vector>

// Well-known patterns of Life by name. No torch here. Built once; any thread.
namespace atheria {

struct NamedPattern {
  std::string name;   // "gosper-gun"
  std::string title;  // "Gosper's glider gun"
  std::string rle;    // with a rule when it is not Conway's
};

const std::vector<NamedPattern>& life_patterns();

// Null when there is none of that name.
const NamedPattern* find_life_pattern(std::string_view name);

}  // namespace atheria
