#pragma once

#include "engine/kernels/cpu/stencil.h"

namespace atheria::cpu {

// One leapfrog step of the damped wave equation; see engine/law/wave.h. T is float or double.
template <class T>
struct Wave {
  static constexpr int kPasses = 2;  // kick, drift
  static constexpr bool kPingPong =
      false;  // each pass reads neighbours of the plane it does not write
  static constexpr bool kScratch = false;

  Shape shape;
  T keep, push, dt;  // w' = keep w + push lap(u); u' = u + dt w'

  // Rows [begin, end) of both planes, u then w, in place. Any thread; rows are independent.
  void pass(int index, const T*, T* field, std::int64_t begin, std::int64_t end) const;
};

}  // namespace atheria::cpu
