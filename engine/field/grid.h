#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What a field is, without its numbers: no torch here, so any room may include it.
namespace atheria {

// A torus of width x height (x depth) cells.
struct GridSpec {
  int width = 256;
  int height = 256;
  int depth = 1;  // 1: two-dimensional

  std::int64_t cells() const { return std::int64_t{width} * height * depth; }
  bool is_3d() const { return depth > 1; }
  bool operator==(const GridSpec&) const = default;
};

// Throws Error unless 1 <= each side <= 65536 and cells() <= 2^33.
void check_grid(const GridSpec& grid);

// "256x256" or "64x64x64"; throws Error.
GridSpec parse_grid(std::string_view text);
std::string to_string(const GridSpec& grid);

// How a plane stores its cells. bits: one bit a cell, rows of 64-bit words, bit x%64 of word x/64;
// bits past the width are zero.
enum class Dtype { f32, f64, bits };

std::string_view to_string(Dtype dtype);
Dtype parse_dtype(std::string_view text);

// One plane of a field. A complex field is two: its real and its imaginary plane.
struct Channel {
  std::string name;       // "u", "re", "alpha"
  std::string unit = {};  // "" when dimensionless
  double lo = 0;          // what it usually spans, for colour ranges and noise
  double hi = 1;
  double background = 0;  // a cell where nothing is: erase and pattern files use it
  double ink = 1;         // a cell fully painted: brush, blobs and pattern files use it
};

}  // namespace atheria
