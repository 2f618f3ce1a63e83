#pragma once

#include <cstdint>

#include "engine/kernels/cpu/stencil.h"

namespace atheria {

// How a whole field goes through wavefronts. Speed only: the result does not depend on it.
struct WavefrontPlan {
  int levels = 1;  // of one pass: steps times the law's stages
  int bands = 1;   // runs of rows (2-D) or layers (3-D), one a thread
  int blocks = 1;  // in three dimensions each band is cut along y, to fit the cache

  // Rows or layers of a band, rows of a block: [begin, end).
  static std::int64_t cut(std::int64_t count, int parts, int index) {
    return count * index / parts;
  }
};

// stages: of a step. number_bytes: of a number.
WavefrontPlan plan_wavefront(const cpu::Shape& shape, int stages, int number_bytes, int threads);

}  // namespace atheria
