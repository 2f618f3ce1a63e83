#include "engine/field/patterns.h"

namespace atheria {

const std::vector<NamedPattern>& life_patterns() {
  static const std::vector<NamedPattern> patterns = {
      {"glider", "Glider", "bo$2bo$3o!"},
      {"lwss", "Lightweight spaceship", "bo2bo$o$o3bo$4o!"},
      {"mwss", "Middleweight spaceship", "3bo$bo3bo$o$o4bo$5o!"},
      {"hwss", "Heavyweight spaceship", "3b2o$bo4bo$o$o5bo$6o!"},
      {"copperhead", "Copperhead, a spaceship of speed c/10",
       "b2o2b2o$3b2o$3b2o$obo2bobo$o6bo2$o6bo$b2o2b2o$2b4o2$3b2o$3b2o!"},
      {"block", "Block", "2o$2o!"},
      {"beehive", "Beehive", "b2o$o2bo$b2o!"},
      {"eater", "Eater", "2o$obo$2bo$2b2o!"},
      {"blinker", "Blinker", "3o!"},
      {"toad", "Toad", "b3o$3o!"},
      {"beacon", "Beacon", "2o$2o$2b2o$2b2o!"},
      {"pulsar", "Pulsar",
       "2b3o3b3o2$o4bobo4bo$o4bobo4bo$o4bobo4bo$2b3o3b3o2$2b3o3b3o$o4bobo4bo$o4bobo4bo$"
       "o4bobo4bo2$2b3o3b3o!"},
      {"pentadecathlon", "Pentadecathlon", "2bo4bo$2ob4ob2o$2bo4bo!"},
      {"r-pentomino", "R-pentomino", "b2o$2o$bo!"},
      {"acorn", "Acorn", "bo$3bo$2o2b3o!"},
      {"diehard", "Diehard, gone after 130 steps", "6bo$2o$bo3b3o!"},
      {"gosper-gun", "Gosper's glider gun",
       "24bo$22bobo$12b2o6b2o12b2o$11bo3bo4b2o12b2o$2o8bo5bo3b2o$2o8bo3bob2o4bobo$10bo5bo7bo$"
       "11bo3bo$12b2o!"},
      {"gun-and-eater", "Gosper's gun, and an eater for what it fires",
       "24bo$22bobo$12b2o6b2o12b2o$11bo3bo4b2o12b2o$2o8bo5bo3b2o$2o8bo3bob2o4bobo$10bo5bo7bo$"
       "11bo3bo$12b2o60$82b2o$82bobo$84bo$84b2o!"},
      {"simkin-gun", "Simkin's glider gun",
       "2o5b2o$2o5b2o2$4b2o$4b2o5$22b2ob2o$21bo5bo$21bo6bo2b2o$21b3o3bo3b2o$26bo4$20b2o$20bo$"
       "21b3o$23bo!"},
      {"domino", "Two cells, which explode under Seeds", "2o!"},
      {"replicator", "HighLife's replicator",
       "x = 5, y = 5, rule = B36/S23\n2b3o$bo2bo$o3bo$o2bo$3o!"},
  };
  return patterns;
}

const NamedPattern* find_life_pattern(std::string_view name) {
  if (name == "gosper-glider-gun") name = "gosper-gun";
  if (name == "rpentomino") name = "r-pentomino";
  for (const auto& pattern : life_patterns()) {
    if (pattern.name == name) return &pattern;
  }
  return nullptr;
}

}  // namespace atheria
