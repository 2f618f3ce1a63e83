#pragma once

#include <string>
#include <string_view>
#include <vector>

// Starting patterns of laws with continuous cells, by name: "orbium" of Lenia, "vortex" of a
// condensate. No torch here. Built once; any thread.
namespace atheria {

struct SeedPattern {
  std::string name;    // "orbium"
  std::string title;   // "Orbium unicaudatus"
  std::string source;  // whose it is
  int channels = 1;    // it goes into the first so many channels of a field
  int width = 0;
  int height = 0;
  std::vector<float> values;  // [channels, height, width], in the field's own units
};

// Null when there is none of that name.
const SeedPattern* find_seed_pattern(std::string_view name);

// Names that exist, for messages.
std::vector<std::string> seed_pattern_names();

}  // namespace atheria
