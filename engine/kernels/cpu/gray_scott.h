#pragma once

#include "engine/kernels/cpu/stencil.h"

namespace atheria::cpu {

// The numbers of a Gray-Scott step, channels u and v; the equation is in engine/law/gray_scott.h.
// T is float or double.
template <class T>
struct GrayScott {
  using Number = T;
  static constexpr int kStages = 1;

  T feed, kill_and_feed, diffusion_u, diffusion_v, dt;
};

}  // namespace atheria::cpu
