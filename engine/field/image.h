#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace atheria {

// A picture with its colours as stored, 0..255: rows of red, green, blue, alpha (not
// premultiplied).
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;
};

// Throws Error: not_found, io (not a PNG, cut off), too_large (over 8192 x 8192), unsupported
// (built without libpng).
Image read_png(const std::string& path);

// Numbers 0..1, colours premultiplied by alpha: the mean over the part of the picture that a cell
// of a width x height grid covers.
struct Rgba {
  double r = 0, g = 0, b = 0, a = 0;
};
std::vector<Rgba> resample(const Image& image, int width, int height);

// Rec. 709, of premultiplied colours.
inline double luminance(const Rgba& colour) {
  return 0.2126 * colour.r + 0.7152 * colour.g + 0.0722 * colour.b;
}

}  // namespace atheria
