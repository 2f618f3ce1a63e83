#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

// What to look at, and the picture that comes of it. No torch here: frames cross to the server.
namespace atheria {

// A rectangle of cells; w or h of 0 means all of the field.
struct Roi {
  int x = 0, y = 0, w = 0, h = 0;
  auto operator<=>(const Roi&) const = default;
};

// How cells become one texel when the picture is smaller than the field.
enum class Reduce { mean, min, max, sample };

// How a 3-D field becomes flat: one layer, or the largest value along z.
enum class Depth { slice, max };

struct ViewSpec {
  std::string name;      // "u", "density", "phase", "re", "im", "rgb", "change"
  Roi roi = {};          // snapped outward to whole texels of the level of detail
  int fit_width = 1024;  // the picture is never larger than this
  int fit_height = 1024;
  Reduce reduce = Reduce::mean;
  Depth depth = Depth::slice;
  int z = -1;  // which layer; -1: the middle one
  auto operator<=>(const ViewSpec&) const = default;
};

// A view computed from a field at one step. Immutable once made; shared between threads.
struct Picture {
  ViewSpec spec;
  int layer = 0;  // the one shown; 0 in a flat field and for Depth::max
  Roi roi;        // what is really shown, in cells
  int lod = 0;    // a texel is 2^lod x 2^lod cells
  int width = 0;  // texels
  int height = 0;
  int channels = 1;  // 3 for "rgb", planar: all of red first
  std::vector<float> values;
  float lo = 0;  // smallest and largest finite value
  float hi = 0;
  bool has_nan = false;
};

// One name a world can be looked at by.
struct ViewInfo {
  std::string name;
  std::string title;
  std::string unit;
  double lo = 0;  // what it usually spans
  double hi = 1;
  bool cyclic = false;  // phase: lo and hi are the same colour
  int channels = 1;
};

}  // namespace atheria
