#pragma once

#include "engine/kernels/cpu/stencil.h"

namespace atheria::cpu {

// The numbers of a leapfrog step of the damped wave equation, channels u and w; see
// engine/law/wave.h. T is float or double.
template <class T>
struct Wave {
  using Number = T;
  static constexpr int kStages =
      1;  // kick and drift at once: the drift of a cell reads itself only

  T keep, push, dt;  // w' = keep w + push lap(u); u' = u + dt w'
};

}  // namespace atheria::cpu
