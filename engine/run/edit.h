#pragma once

#include <string>
#include <vector>

namespace atheria {

enum class Tool { brush, erase, noise, stamp };

// One dab, or a stroke of several, of a tool on a field. Coordinates are cells and wrap around the
// torus.
struct Paint {
  Tool tool = Tool::brush;
  std::vector<std::array<float, 2>> points;  // joined by straight strokes
  int z = -1;                                // 3-D: the layer's middle; -1: the middle one
  float radius = 4;                          // cells, 0.5..512
  float value = 1;                           // 0: background, 1: ink; finite
  float softness = 0;                        // 0: hard edge, 1: falls off from the centre
  std::string channel;                       // empty: all of the law's
  std::string pattern;                       // stamp: RLE text, or a pattern's name
  std::uint64_t stroke = 0;                  // dabs of one stroke share an undo; 0: each its own
};

}  // namespace atheria
