#pragma once

#include <cstdint>

#include "engine/kernels/cpu/stencil.h"

namespace atheria {

// Cells of the torus. Rows and layers may lie before the first or past the last: they wrap.
struct Box {
  std::int64_t x = 0, y = 0, z = 0;
  std::int64_t width = 0, height = 0, depth = 0;
};

// A field's numbers, [channel][z][y][x], and how they lie. A line is what a wavefront takes at a
// time: a row in two dimensions, a layer in three.
template <class T>
struct StencilPlanes {
  cpu::Shape shape;
  T* numbers = nullptr;

  bool deep() const { return shape.depth > 1; }
  std::int64_t cells() const { return shape.width * shape.height * shape.depth; }
  std::int64_t lines() const { return deep() ? shape.depth : shape.height; }
  std::int64_t line_numbers() const { return cells() / lines(); }

  // A row of the field; y and z may lie beyond it and wrap.
  T* row(int channel, std::int64_t y, std::int64_t z) const {
    const auto index = wrapped(z, shape.depth) * shape.height + wrapped(y, shape.height);
    return numbers + channel * cells() + index * shape.width;
  }

  T* line(int channel, std::int64_t index) const {
    return deep() ? row(channel, 0, index) : row(channel, index, 0);
  }

 private:
  static std::int64_t wrapped(std::int64_t i, std::int64_t n) {
    if (i >= 0 && i < n) return i;
    const auto rest = i % n;
    return rest < 0 ? rest + n : rest;
  }
};

}  // namespace atheria
